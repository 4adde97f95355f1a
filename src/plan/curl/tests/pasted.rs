//! Commands as people paste them, with the request that curl 7.88 was seen to make of each: without its own `user-agent`, the
//! `accept: */*` that the engines add, and `connection: keep-alive`. (`--name=value`, in one of the last, is not curl's way.)

/// Each command with what is sent.
pub(super) const COMMANDS: &[(&str, &str)] = &[
    ("curl localhost:4000", "GET http://localhost:4000/\n\n\n"),
    (
        // As OpenAI's documentation has it.
        r#"curl https://api.example/v1/chat/completions \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer ${KEY}" \
  -d '{
    "model": "m",
    "messages": [{"role": "user", "content": "it'\''s ${KEY}"}]
  }'"#,
        "POST https://api.example/v1/chat/completions\nauthorization: Bearer sk-123\ncontent-type: application/json\n\n{\n    \
         \"model\": \"m\",\n    \"messages\": [{\"role\": \"user\", \"content\": \"it's ${KEY}\"}]\n  }",
    ),
    (
        // As LiteLLM's documentation has it, and Postman.
        "curl --location 'http://0.0.0.0:4000/chat/completions' \\\n--header 'Content-Type: application/json' \\\n--data '{\"model\": \
         \"m\",\n \"user\": \"u\"\n}\n'",
        "POST http://0.0.0.0:4000/chat/completions\ncontent-type: application/json\n\n{\"model\": \"m\",\n \"user\": \"u\"\n}\n",
    ),
    (
        // As Chrome copies it for bash.
        r#"curl 'https://chat.example/api?x=1&y=a%20b' \
  -H 'accept: text/event-stream' \
  -H 'accept-language: de-DE,de;q=0.9' \
  -H 'content-type: application/json' \
  -b 'session=abc; theme=dark' \
  -H 'sec-ch-ua: "Chromium";v="136", "Not.A/Brand";v="99"' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \
  --data-raw $'{"prompt":"don\'t stop\u0021\\n"}'"#,
        "POST https://chat.example/api?x=1&y=a%20b\naccept-language: de-DE,de;q=0.9\naccept: text/event-stream\n\
         content-type: application/json\ncookie: session=abc; theme=dark\n\
         sec-ch-ua: \"Chromium\";v=\"136\", \"Not.A/Brand\";v=\"99\"\nuser-agent: Mozilla/5.0 (X11; Linux x86_64)\n\n\
         {\"prompt\":\"don't stop!\\n\"}",
    ),
    (
        // As Firefox copies it.
        "curl 'http://h/x' --compressed -X POST -H 'Accept-Encoding: gzip, deflate' -H 'Connection: keep-alive' -H 'TE: trailers' \
         --data-raw 'a=1'",
        "POST http://h/x\naccept-encoding: gzip, deflate\ncontent-type: application/x-www-form-urlencoded\nte: trailers\n\na=1",
    ),
    (
        "$ curl -sS -XPUT http://h/x -da -d '' --data b",
        "PUT http://h/x\ncontent-type: application/x-www-form-urlencoded\n\na&&b",
    ),
    (
        "curl h/x -d '' -d a",
        "POST http://h/x\ncontent-type: application/x-www-form-urlencoded\n\n&a",
    ),
    (
        "curl h -d ''",
        "POST http://h/\ncontent-type: application/x-www-form-urlencoded\n\n",
    ),
    (
        "curl h/x --json '{\"a\":' --json '1}'",
        "POST http://h/x\naccept: application/json\ncontent-type: application/json\n\n{\"a\":1}",
    ),
    (
        "curl h/x -d x --json y -d z",
        "POST http://h/x\naccept: application/json\ncontent-type: application/json\n\nxy&z",
    ),
    (
        "curl h/x --json {} -H 'Content-Type: a/b' -H 'accept: c/d'",
        "POST http://h/x\naccept: c/d\ncontent-type: a/b\n\n{}",
    ),
    (
        "curl h/x --data-urlencode 'a b&c=ü' --data-urlencode '=x y' --data-urlencode 'n=a+b/~-._'",
        "POST http://h/x\ncontent-type: application/x-www-form-urlencoded\n\na b&c=%C3%BC&x+y&n=a%2Bb%2F~-._",
    ),
    (
        "curl -G 'h/x?q=1#z' -d a=1 --data-urlencode 'b=x y'",
        "GET http://h/x?q=1&a=1&b=x+y\n\n\n",
    ),
    ("curl -G h -d a", "GET http://h/?a\n\n\n"),
    (
        "curl -g -G h/x --json '{}'",
        "GET http://h/x?{}\naccept: application/json\ncontent-type: application/json\n\n",
    ),
    (
        "curl h/x -X GET -d ab",
        "GET http://h/x\ncontent-type: application/x-www-form-urlencoded\n\nab",
    ),
    ("curl -I h/x", "HEAD http://h/x\n\n\n"),
    ("curl -I -G h/x -d a", "HEAD http://h/x?a\n\n\n"),
    (
        "curl http://u:p@h/x -u me:pw",
        "GET http://h/x\nauthorization: Basic bWU6cHc=\n\n",
    ),
    (
        "curl http://u:p%40@h/x",
        "GET http://h/x\nauthorization: Basic dTpwQA==\n\n",
    ),
    (
        "curl h/x -u \"me:${KEY}\"",
        "GET http://h/x\nauthorization: Basic bWU6c2stMTIz\n\n",
    ),
    (
        "curl h/x -u me:pw -H 'Authorization: Bearer t'",
        "GET http://h/x\nauthorization: Bearer t\n\n",
    ),
    (
        "curl h/x --oauth2-bearer tok -r 0-99",
        "GET http://h/x\nauthorization: Bearer tok\nrange: bytes=0-99\n\n",
    ),
    (
        "curl h/x -b 'a=1; b=2' -b c=3",
        "GET http://h/x\ncookie: a=1; b=2;c=3\n\n",
    ),
    (
        "curl h/x -b a=1 -H 'Cookie: z=9'",
        "GET http://h/x\ncookie: z=9\n\n",
    ),
    (
        "curl h/x -e http://r -H 'Referer: s' -H 'X-Empty;' -H 'X-Gone:' -A own -A '' -H x:1 -H x:2",
        "GET http://h/x\nreferer: s\nx-empty: \nx: 1\nx: 2\n\n",
    ),
    ("curl h/x -H 'Content-Type:' -d a", "POST http://h/x\n\n\na"),
    (
        "curl h/x -H 'Content-Length: 2' -d ab -H 'Expect:'",
        "POST http://h/x\ncontent-type: application/x-www-form-urlencoded\n\nab",
    ),
    (
        "/usr/bin/curl.exe -vik#o /dev/null -w '%{http_code}' --url=h -- ",
        "GET http://h/\n\n\n",
    ),
    // What the environment holds is no URL.
    ("curl \"${KEY}.example:1/a\"", ""),
];
