//! curl commands as requests: the server gets what curl itself sent it. What curl 7.88 sent was written down by a server.

use super::server::on_a_thread;
use dragstrip::cli::{Cli, Command};
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::plan::{self, Context, Plan};
use dragstrip::transport::{AnyTransport, Share, Transport};
use std::net::SocketAddr;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::LocalSet;

/// Each command, `{}` being the server's address, with what curl sent for it: the order of the headers aside, and without its
/// `user-agent`.
const RECORDED: &[(&str, &str)] = &[
    (
        r#"curl http://{}/v1/chat/completions \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer ${KEY}" \
  -d '{
    "model": "m", "messages": [{"role": "user", "content": "it'\''s"}]
  }'"#,
        "POST /v1/chat/completions HTTP/1.1\nHost: {}\nAccept: */*\nContent-Type: application/json\nAuthorization: Bearer \
         sk-123\nContent-Length: 73\n\n{\n    \"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"it's\"}]\n  }",
    ),
    (
        "curl {}/x -d a=1 -d '' -d b",
        "POST /x HTTP/1.1\nHost: {}\nAccept: */*\nContent-Length: 6\nContent-Type: application/x-www-form-urlencoded\n\na=1&&b",
    ),
    (
        "curl http://{}/x --json '{\"a\":' --json '1}'",
        "POST /x HTTP/1.1\nHost: {}\nContent-Type: application/json\nAccept: application/json\nContent-Length: 7\n\n{\"a\":1}",
    ),
    (
        "curl -G 'http://{}/x?q=1#y' -d a=1 --data-urlencode 'b=x y'",
        "GET /x?q=1&a=1&b=x+y HTTP/1.1\nHost: {}\nAccept: */*\n\n",
    ),
    (
        "curl http://{}/x -u me:pw -b 'a=1; b=2' -b c=3 -e http://r",
        "GET /x HTTP/1.1\nHost: {}\nAuthorization: Basic bWU6cHc=\nAccept: */*\nReferer: http://r\nCookie: a=1; b=2;c=3\n\n",
    ),
    (
        "curl http://u:p%40@{}/x -r 0-99 -H 'X-Empty;' -H 'X-Gone:' -H 'Host: other'",
        "GET /x HTTP/1.1\nHost: other\nAuthorization: Basic dTpwQA==\nRange: bytes=0-99\nAccept: */*\nX-Empty:\n\n",
    ),
    (
        "curl -sSkvXPUT http://{} -dab",
        "PUT / HTTP/1.1\nHost: {}\nAccept: */*\nContent-Length: 2\nContent-Type: application/x-www-form-urlencoded\n\nab",
    ),
    (
        "curl http://{}/x -d ''",
        "POST /x HTTP/1.1\nHost: {}\nAccept: */*\nContent-Length: 0\nContent-Type: application/x-www-form-urlencoded\n\n",
    ),
    (
        "curl 'http://{}/x' -H 'accept: a/b' --data-raw $'{\"p\":\"don\\\'t\\u0021\\\\n\"}' -H 'content-type: application/json'",
        "POST /x HTTP/1.1\nHost: {}\naccept: a/b\ncontent-type: application/json\nContent-Length: 16\n\n{\"p\":\"don't!\\n\"}",
    ),
    (
        "curl -I http://{}/x",
        "HEAD /x HTTP/1.1\nHost: {}\nAccept: */*\n\n",
    ),
];

/// The first request of each connection, as it came.
fn recording() -> (SocketAddr, Receiver<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    on_a_thread(async move || {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut came = Vec::new();
            while !is_whole(&came) {
                let read = stream.read_buf(&mut came).await.unwrap();
                assert!(read > 0, "{}", String::from_utf8_lossy(&came));
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            let _ = tell.send(String::from_utf8(came).unwrap());
        }
    });
    (addr, told)
}

fn is_whole(came: &[u8]) -> bool {
    let text = String::from_utf8_lossy(came);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// The request line, the headers in alphabetical order but for `user-agent`, and the body.
fn sorted(request: &str) -> (String, Vec<String>, String) {
    let request = request.replace("\r\n", "\n");
    let (head, body) = request.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let first = lines.next().unwrap().to_owned();
    let mut headers: Vec<String> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            format!("{}: {}", name.to_ascii_lowercase(), value.trim())
        })
        .filter(|line| !line.starts_with("user-agent: "))
        .collect();
    headers.sort();
    (first, headers, body.to_owned())
}

fn planned(options: &[&str]) -> Plan {
    let args = ["dragstrip", "run"].iter().chain(options);
    let Some(Command::Run(args)) = Cli::parse_args(args).unwrap().command else {
        panic!("not run");
    };
    let env = |name: &str| (name == "KEY").then(|| "sk-123".to_owned());
    plan::run(&args, &Context::of_process(&env, true)).unwrap()
}

#[tokio::test]
async fn a_server_gets_what_curl_itself_sent_it() {
    let (addr, told) = recording();
    let local = LocalSet::new();
    let sent = Box::pin(async {
        for engine in ["reqwest", "direct"] {
            for (command, recorded) in RECORDED {
                let command = command.replace("{}", &addr.to_string());
                let recorded = recorded.replace("{}", &addr.to_string());
                let engine = format!("engine={engine}");
                let plan = planned(&["--curl", &command, "--transport-a", &engine]);
                let spec = plan.request_for(&plan.a);
                let pacer = Pacer::new(Clock::monotonic()).unwrap();
                let config = &plan.a.transport;
                let transport =
                    AnyTransport::new(&spec, config, Share::WHOLE, Arc::default(), &pacer).unwrap();
                let exchange = transport.exchange().await;
                assert_eq!(exchange.outcome, Outcome::Ok, "{command}: {exchange:?}");
                let came = told.recv().unwrap();
                assert_eq!(sorted(&came), sorted(&recorded), "{engine}: {command}");
            }
        }
    });
    local.run_until(sent).await;
}

#[test]
fn a_command_comes_from_stdin_as_well() {
    let (addr, told) = recording();
    let mut program = Process::new(env!("CARGO_BIN_EXE_dragstrip"))
        .args(["run", "--curl", "-", "--users", "1", "--warmup", "0s"])
        .args(["--duration", "100ms", "--headless"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let command = format!("curl -L {addr}/from/stdin \\\n  --json '{{\"it'\\''s\": 1}}'\n");
    let mut stdin = program.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, command.as_bytes()).unwrap();
    drop(stdin);
    let output = program.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let note = "the curl command's -L has no effect: redirects are not followed";
    assert!(said.contains(note), "{said}");
    let (first, _, body) = sorted(&told.recv().unwrap());
    assert_eq!(first, "POST /from/stdin HTTP/1.1");
    assert_eq!(body, "{\"it's\": 1}");
}
