//! Commands as people paste them, and what comes of them.

mod pasted;

use super::super::testing::{filed, planned};
use super::super::{Plan, RequestTemplate};
use crate::transport::{Compression, HttpVersion};
use proptest::prelude::*;
use std::time::Duration;

fn curl(command: &str, options: &[&str]) -> Result<Plan, String> {
    let args: Vec<&str> = ["--curl", command].iter().chain(options).copied().collect();
    planned(&args)
}

/// A request as it is sent: method, URL, headers in alphabetical order, and the body.
fn sent(plan: &Plan) -> String {
    let request = plan.request_for(&plan.a);
    let mut lines: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    let body = request.body.example();
    let body = std::str::from_utf8(&body).unwrap();
    format!(
        "{} {}\n{}\n\n{body}",
        request.method,
        request.url,
        lines.join("\n")
    )
}

#[test]
fn a_command_is_sent_as_curl_would_send_it() {
    for (command, expected) in pasted::COMMANDS {
        match curl(command, &[]) {
            Ok(plan) => assert_eq!(&sent(&plan), expected, "{command}"),
            Err(error) => assert!(
                expected.is_empty() && error.contains("http://"),
                "{command}: {error}"
            ),
        }
    }
}

#[test]
fn files_are_read_as_curl_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let text = path("text", b"a {{b\r\n${KEY}\n");
    let raw = path("raw", b"\xff\n");
    let body = |options: &str| {
        let plan = curl(&format!("curl h {options}"), &[])?;
        Ok::<_, String>(plan.request_for(&plan.a).body.example().to_vec())
    };
    let is = |options: String, expected: &[u8]| {
        assert_eq!(body(&options).unwrap(), expected, "{options}");
    };
    is(format!("-d @{text}"), b"a {{b${KEY}");
    is(
        format!("--data-binary @{text} -d x"),
        b"a {{b\r\n${KEY}\n&x",
    );
    is(format!("--data-raw @{text}"), format!("@{text}").as_bytes());
    is(
        format!("--data-urlencode k@{text}"),
        b"k=a+%7B%7Bb%0D%0A%24%7BKEY%7D%0A",
    );
    is(format!("--json @{text}"), b"a {{b\r\n${KEY}\n");
    is(
        format!("--data-binary @{raw} -d 'x ${{KEY}}'"),
        b"\xff\n&x ${KEY}",
    );
    for (options, part) in [
        (
            format!("--data-binary @{raw} -d {{{{seq}}}}"),
            "beside a file that is not UTF-8",
        ),
        ("-d @-".to_owned(), "--curl -d: @- reads from stdin"),
        ("-d @/no/such".to_owned(), "--curl -d: cannot read /no/such"),
        (
            format!("-G --data-binary @{raw}"),
            "cannot be a part of the URL",
        ),
    ] {
        let error = body(&options).unwrap_err();
        assert!(error.contains(part), "{options}: {error}");
    }
}

#[test]
fn placeholders_are_filled_in_and_other_braces_doubled() {
    let plan = curl(r#"curl h --json '{"n": {{seq}}, "t": "{{{{x}}"}'"#, &[]).unwrap();
    assert_eq!(
        &plan.request.body.example()[..],
        br#"{"n": 1, "t": "{{x}}"}"#
    );
    let error = curl("curl h -d '{{uuid'", &[]).unwrap_err();
    assert!(
        error.starts_with("--curl -d: the {{ at character 1 has no }}"),
        "{error}"
    );
}

#[test]
fn the_url_is_as_where_none_is_given_and_the_path_is_the_requests() {
    let command = "curl https://u:pw@h:8443/v1/x?key=k -d a";
    let urls = |plan: Plan| -> Vec<String> {
        let variants = plan.variants();
        variants
            .map(|v| plan.request_for(v).url.to_string())
            .collect()
    };
    let plan = curl(command, &["--transport-b", "http=2"]).unwrap();
    assert_eq!(plan.a.shown_url, "https://h:8443/");
    assert_eq!(plan.record().request.path, "/v1/x?key=[redacted]");
    assert_eq!(urls(plan), ["https://h:8443/v1/x?key=k"; 2]);
    let both = ["--a", "http://i:1/p", "--b", "http://j:2"];
    let plan = curl(command, &both).unwrap();
    let login = plan.request_for(plan.b.as_ref().unwrap()).headers;
    assert_eq!(login["authorization"], "Basic dTpwdw==");
    assert_eq!(
        urls(plan),
        ["http://i:1/p/v1/x?key=k", "http://j:2/v1/x?key=k"]
    );
    let b = curl(command, &["--b", "http://j:2"]).unwrap();
    assert_eq!(
        urls(b),
        ["https://h:8443/v1/x?key=k", "http://j:2/v1/x?key=k"]
    );
}

#[test]
fn options_win_over_the_command_and_the_command_over_the_file() {
    let file = "[a]\nurl = 'http://f'\ntransport = { compression = 'gzip', pool = 3 }\n[request]\nmethod = 'PATCH'\npath = '/f'\n\
                body = 'f'\nheaders = { x-f = '1' }\n";
    let command = "curl http://h/c -H 'X-C: 1' -H 'X-D: 1' -d c --compressed";
    let plan = filed(file, &["--curl", command]).unwrap();
    assert_eq!(
        sent(&plan),
        "POST http://f/c\ncontent-type: application/x-www-form-urlencoded\nx-c: 1\nx-d: 1\n\nc"
    );
    assert_eq!(
        plan.a.transport.describe(),
        "reqwest, pool 3, compression all"
    );
    let over = [
        "--json", "1", "--header", "x-c: 2", "--path", "/o", "--method", "PUT",
    ];
    let over: Vec<&str> = ["--curl", command].iter().chain(&over).copied().collect();
    let plan = filed(file, &over).unwrap();
    assert_eq!(
        sent(&plan),
        "PUT http://f/o\ncontent-type: application/json\nx-c: 2\nx-d: 1\n\n1"
    );
}

#[test]
fn both_transports_get_what_it_says_of_connections() {
    let command = "curl -k --compressed --http1.1 --connect-timeout 2.5 -m 20 -H 'Connection: close' https://h/x";
    let options = ["--b", "http://i", "--transport-b", "compression=gzip"];
    let plan = curl(command, &options).unwrap();
    let (a, b) = (&plan.a.transport, &plan.b.as_ref().unwrap().transport);
    assert!(!a.tls.verify && b.tls.verify, "where there is TLS");
    assert_eq!(
        (a.compression, b.compression),
        (Compression::All, Compression::Gzip)
    );
    for transport in [a, b] {
        assert_eq!(transport.http, HttpVersion::Http11);
        assert_eq!(
            transport.timeouts.connect,
            Some(Duration::from_millis(2_500))
        );
        assert_eq!(transport.timeouts.total, Some(Duration::from_secs(20)));
        assert!(!transport.keep_alive);
    }
    let version = |command: &str| curl(command, &[]).map(|plan| plan.a.transport.http);
    assert_eq!(version("curl --http2 https://h"), Ok(HttpVersion::Http2));
    assert_eq!(
        version("curl --http2-prior-knowledge h"),
        Ok(HttpVersion::H2c)
    );
    assert_eq!(
        version("curl --http2-prior-knowledge https://h"),
        Ok(HttpVersion::Http2)
    );
    assert!(
        version("curl --http2 h")
            .unwrap_err()
            .contains("--curl --http2: on an http:// URL")
    );
    let none = curl(
        "curl -k --no-insecure -m 0 --compressed --no-compressed https://h",
        &[],
    )
    .unwrap();
    assert_eq!(
        none.a.transport,
        crate::transport::TransportConfig::default()
    );
    let copied = curl("curl --compressed h", &["--aa"]).unwrap();
    assert_eq!(copied.b.unwrap().transport, copied.a.transport);
    let direct = curl("curl --compressed h", &["--transport-a", "engine=direct"]).unwrap_err();
    assert!(
        direct
            .starts_with("--curl --compressed compression=all: is not possible with engine=direct"),
        "{direct}"
    );
}

#[test]
fn what_has_no_effect_is_told_once() {
    let plan = curl("curl -L --location --retry 3 h", &[]).unwrap();
    assert_eq!(
        plan.notes,
        [
            "the curl command's -L has no effect: redirects are not followed: an answer that is one counts as a failure",
            "the curl command's --location has no effect: redirects are not followed: an answer that is one counts as a failure",
            "the curl command's --retry has no effect: nothing is retried",
        ]
    );
    assert!(
        curl("curl -sSvif --no-location h", &[])
            .unwrap()
            .notes
            .is_empty()
    );
}

#[test]
fn what_cannot_be_honoured_is_named_and_no_secret_is_repeated() {
    for (command, part) in [
        ("", "must be a whole command that begins with curl"),
        ("curl", "--curl: the command has no URL"),
        ("wget http://h", "begins with curl"),
        (
            "curl h -H 'sesame",
            "--curl: the quote ' at character 11 has no end",
        ),
        (
            "curl h -F a=sesame",
            "--curl -F: is not possible here; write the body to a file",
        ),
        (
            "curl h -x http://u:sesame@p",
            "--curl -x: is not possible here; say it with --transport-a proxy=URL",
        ),
        (
            "curl h --digest -u a:sesame",
            "--curl --digest: is not possible here",
        ),
        ("curl h -T f", "-X PUT --data-binary @FILE"),
        ("curl h --next h", "--curl --next: is not possible here"),
        ("curl h -K sesame", "--curl -K: is not possible"),
        (
            "curl h --dta sesame",
            "--curl: curl's option --dta is not known here; did you mean --data?",
        ),
        (
            "curl h -€",
            "curl's option -€ is not known here; leave it out",
        ),
        ("curl h -s€", "curl's option -€"),
        ("curl h --no-data", "curl's option --no-data is not known"),
        ("curl h --get=sesame", "--curl --get: takes no value"),
        ("curl h -H", "--curl -H: a value is missing after it"),
        ("curl h -H sesame", "--curl -H: a header has a ':'"),
        ("curl h -H @sesame", "headers are not read from a file"),
        (
            "curl h -H Authorization: Bearer sesame",
            "--curl: the word at character 26 is neither an option",
        ),
        ("curl h --url i", "more than one URL"),
        ("curl h i", "the word at character 8 is neither"),
        ("curl 'h/{sesame,b}'", "have them taken as they are with -g"),
        ("curl h -u sesame", "--curl -u: has no password"),
        (
            "curl h -u \"${KEY}\"",
            "--curl -u: must be a user and a password",
        ),
        ("curl h -b sesame.txt", "cookies are not read from a file"),
        (
            "curl h -I -d sesame",
            "-I asks for an answer without a body",
        ),
        ("curl h -m sesame", "--curl -m: must be a number of seconds"),
        ("curl h -m 60", "--curl -m timeout=60s: never comes about"),
        ("curl h -X 'GE T'", "--curl -X 'GE T': not an HTTP method"),
        (
            "curl h -H 'a: ${x}' -H \"b: ${NO_KEY}\"",
            "--curl -H: the environment variable NO_KEY is not set",
        ),
        (
            "curl h -H 'Transfer-Encoding: chunked'",
            "--curl -H: transfer-encoding is set by the transport itself",
        ),
        (
            "curl h -H 'Content-Length: 3' -d ab",
            "content-length is set by the transport itself",
        ),
        (
            "curl h -H 'Accept:'",
            "--curl -H: a request without accept is never sent",
        ),
        ("curl ftp://u:sesame@h", "the URL must begin with http://"),
        (
            "curl h --data-urlencode \"a=${KEY}\"",
            "a variable cannot be filled in where its value has to be encoded",
        ),
        (
            "curl h -d \"$sesame\"",
            "the $ at character 12 asks a shell",
        ),
        (
            "curl h -H 'a:b' | jq .sesame",
            "the | at character 17 is the shell's",
        ),
    ] {
        let error = curl(command, &[]).unwrap_err();
        assert!(error.contains(part), "{command}: {error}");
        assert!(!error.contains("sesame"), "{command}: {error}");
        assert!(error.lines().count() == 1, "{error}");
    }
    let long = format!("curl h -d {}", "x".repeat(1 << 20));
    assert!(curl(&long, &[]).unwrap_err().contains("at most 1 MiB"));
}

#[test]
fn secrets_of_a_command_are_not_shown() {
    let command = "curl https://me:sesame1@h/x -H 'X-Key: sesame2' -b s=sesame3 --json '\"sesame4\"' -H \"accept: ${KEY}\"";
    let plan = curl(command, &[]).unwrap();
    let record = serde_json::to_string(&plan.record()).unwrap();
    let shown = format!(
        "{record} {} {} {:?}",
        plan.a.shown_url, plan.a.label, plan.notes
    );
    assert!(
        !shown.contains("sesame") && !shown.contains("sk-123"),
        "{shown}"
    );
    let data = curl("curl -G h/x?a=1 -d q=sesame -d sesame", &[]).unwrap();
    assert_eq!(data.record().request.path, "/x?a=1&[redacted]");
    let request = data.request_for(&data.a);
    assert_eq!(request.url.as_str(), "http://h/x?a=1&q=sesame&sesame");
    let error = curl("curl -G h/x -d 'sesame#'", &[]).unwrap_err();
    assert!(
        error.starts_with("--curl /x?[redacted]: a path's part after #"),
        "{error}"
    );
    let RequestTemplate { headers, .. } = plan.request;
    assert!(
        ["x-key", "cookie", "authorization"]
            .iter()
            .all(|name| headers[*name].is_sensitive())
    );
}

proptest! {
    #[test]
    fn no_command_panics(words in proptest::collection::vec(r"(-[a-zA-Z0-9#:]{1,3}|--(no-)?[a-z0-9.-]{1,14}|'[^']{0,6}'|h/x|\$\{KEY\}|[a-z=@;:&{}]{0,6}) ?", 0..8)) {
        let _ = curl(&format!("curl {}", words.concat()), &[]);
    }
}
