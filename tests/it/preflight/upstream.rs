//! What the built-in endpoints have seen of two gateways proves that they differ, and nothing that may be chance does.

use super::Served;
use super::server::head;
use crate::transport::certificates::{Authority, Terms};
use crate::transport::server::Server;
use bytes::Bytes;
use dragstrip::gateway::endpoint::{self, EndpointConfig};
use dragstrip::gateway::{ServerHandle, listen};
use dragstrip::preflight::{Difference, Findings, Preflight, Subject, check};
use dragstrip::transport::{EngineKind, RequestSpec, Sni, Tls, TransportConfig};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Method};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn an_endpoint() -> ServerHandle {
    let any = "127.0.0.1:0".parse().unwrap();
    endpoint::spawn(EndpointConfig::default(), listen(any).unwrap()).unwrap()
}

fn subject(name: &'static str, url: &str, endpoint: Option<&ServerHandle>) -> Subject {
    let url = format!("{url}/v1/chat/completions");
    Subject {
        secrets: Vec::new(),
        name,
        label: name.to_owned(),
        shown_url: url.clone(),
        request: RequestSpec {
            url: url.parse().unwrap(),
            method: Method::POST,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"{\"model\":\"m\",\"messages\":[]}").into(),
        },
        transport: TransportConfig::default(),
        endpoint: endpoint.map(ServerHandle::counters),
    }
}

fn found(subjects: Vec<Subject>) -> Findings {
    let preflight = Preflight {
        compare: subjects.len() == 2,
        subjects,
        timeout: Duration::from_secs(20),
    };
    check(&preflight, &CancellationToken::new(), || {}).unwrap()
}

/// What is found of gateways at these URLs, each with its endpoint.
fn between(a: (&str, &ServerHandle), b: (&str, &ServerHandle)) -> Difference {
    let findings = found(vec![
        subject("A", a.0, Some(a.1)),
        subject("B", b.0, Some(b.1)),
    ]);
    assert_eq!(findings.refusals(), [""; 0]);
    findings.difference
}

/// What is said of two that were looked at and are alike.
fn alike() -> Difference {
    let why = "their answers look alike, and their upstream connections and headers look alike";
    Difference::NotVerified(why.to_owned())
}

fn proven(how: &str) -> Difference {
    Difference::Proven(how.to_owned())
}

#[test]
fn kept_upstream_connections_against_none_are_proof() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let keeps = Served::gateway(&one.url(), "pool=9");
    let never = Served::gateway(&two.url(), "keep_alive=false");
    assert_eq!(
        between((&keeps.url, &one), (&never.url, &two)),
        proven("A keeps its upstream connections, B opens one for each request")
    );
    assert_eq!(
        between((&never.url, &two), (&keeps.url, &one)),
        proven("A opens an upstream connection for each request, B keeps them")
    );
    // One request to look, four in turn, four at once; and nobody looks any more.
    assert_eq!((one.totals().requests, two.totals().requests), (18, 18));
    let seen = one.counters().seen().connections();
    let _ = between((&keeps.url, &two), (&never.url, &two));
    assert!(one.totals().requests > 18 && !seen.is_empty());
    assert_eq!(one.counters().seen().connections(), seen);
}

#[test]
fn versions_towards_the_endpoint_are_proof() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let old = Served::gateway(&one.url(), "http=1.1");
    let new = Served::gateway(&two.url(), "http=h2c");
    assert_eq!(
        between((&old.url, &one), (&new.url, &two)),
        proven("A speaks HTTP/1.1 to its endpoint, B HTTP/2")
    );
}

#[test]
fn what_a_gateway_asks_for_is_proof() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let plain = Served::gateway(&one.url(), "pool=9");
    let packed = Served::gateway(&two.url(), "compression=gzip");
    assert_eq!(
        between((&plain.url, &one), (&packed.url, &two)),
        proven("A sends no accept-encoding upstream, B accept-encoding: gzip")
    );
}

#[test]
fn two_alike_gateways_are_alike_whatever_their_limits() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let a = Served::gateway(&one.url(), "max_connections=3");
    let b = Served::gateway(&two.url(), "max_connections=4");
    assert_eq!(between((&a.url, &one), (&b.url, &two)), alike());
}

#[test]
fn one_endpoint_behind_both_cannot_tell_them_apart() {
    let one = an_endpoint();
    let a = Served::gateway(&one.url(), "pool=9");
    let b = Served::gateway(&one.url(), "keep_alive=false");
    let Difference::NotVerified(why) = between((&a.url, &one), (&b.url, &one)) else {
        panic!("proven");
    };
    assert!(
        why.ends_with("no built-in endpoint behind each could tell"),
        "{why}"
    );
}

/// A gateway that writes its header names like this, on a connection for each request.
fn spelling(endpoint: &ServerHandle, host: &'static str, length: &'static str) -> String {
    let lines = [format!("{host}: h"), format!("{length}: 2")];
    sending(endpoint, &lines)
}

/// A gateway that sends these header lines upstream, and that it closes the connection after each request.
fn sending(endpoint: &ServerHandle, lines: &[String]) -> String {
    let lines = Arc::new(lines.join("\r\n"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, upstream) = (
        format!("http://{}", listener.local_addr().unwrap()),
        endpoint.addr(),
    );
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let lines = Arc::clone(&lines);
            std::thread::spawn(move || {
                while head(&mut client, &mut Vec::new()).is_some() {
                    let mut server = TcpStream::connect(upstream).unwrap();
                    let head = format!(
                        "POST /v1/chat/completions HTTP/1.1\r\n{lines}\r\nconnection: close\r\n\r\n{{}}"
                    );
                    server.write_all(head.as_bytes()).unwrap();
                    let mut answer = String::new();
                    server.read_to_string(&mut answer).unwrap();
                    // It calls itself what the built-in gateway does.
                    let answer = answer.replacen("\r\n", "\r\nvia: 1.1 dragstrip\r\n", 1);
                    client.write_all(answer.as_bytes()).unwrap();
                }
            });
        }
    });
    url
}

#[test]
fn the_case_of_header_names_is_proof_since_it_may_be_all_there_is() {
    // What tells httpx from aiohttp inside LiteLLM 1.71.1.
    let (one, two) = (an_endpoint(), an_endpoint());
    let httpx = spelling(&one, "Host", "Content-Length");
    let aiohttp = spelling(&two, "host", "content-length");
    assert_eq!(
        between((&httpx, &one), (&aiohttp, &two)),
        proven("A writes the header Host upstream, B writes host: two HTTP clients")
    );
    let httpx_again = spelling(&two, "Host", "Content-Length");
    assert_eq!(between((&httpx, &one), (&httpx_again, &two)), alike());
}

/// As a program does whose headers stand in a hash table, and who names its instance.
#[test]
fn one_program_started_twice_is_not_proven_to_differ_by_what_is_each_process_s_own() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let program = |endpoint, instance: &str, turned: bool| {
        let mut lines =
            ["host: h", "content-length: 2", "accept-encoding: gzip, br"].map(str::to_owned);
        if turned {
            lines.reverse();
            lines[0] = "accept-encoding: br, gzip".to_owned();
        }
        let agent = format!("user-agent: gw-{instance}/1.0 (instance {instance})");
        sending(endpoint, &[&lines[..], &[agent]].concat())
    };
    let (a, b) = (program(&one, "7f3a", false), program(&two, "81c0", true));
    assert_eq!(between((&a, &one), (&b, &two)), alike());
    // Both were looked at: one request to look, and eight to tell.
    assert_eq!((one.totals().requests, two.totals().requests), (9, 9));
}

#[test]
fn what_two_transports_of_our_own_make_of_one_kind_of_gateway_is_no_proof() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let (gateway_a, gateway_b) = (handing_on(&one), handing_on(&two));
    let a = subject("A", &gateway_a, Some(&one));
    let mut b = subject("B", &gateway_b, Some(&two));
    b.transport.keep_alive = false;
    let Difference::NotVerified(why) = found(vec![a, b]).difference else {
        panic!("proven");
    };
    let wanted = "but the gateways are not known to differ: their answers look alike, and their upstream connections and headers";
    assert!(why.contains(wanted), "{why}");
}

/// A gateway that sends upstream the very headers that it was sent.
fn handing_on(endpoint: &ServerHandle) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let upstream = endpoint.addr();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut rest = Vec::new();
                while let Some(head) = head(&mut client, &mut rest) {
                    let mut server = TcpStream::connect(upstream).unwrap();
                    let body = r#"{"model":"m","messages":[]}"#;
                    write!(server, "{head}{body}").unwrap();
                    let answer = whole(&mut server);
                    client.write_all(&answer).unwrap();
                }
            });
        }
    });
    url
}

/// One answer of the built-in endpoint, whose length is always given.
fn whole(server: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let n = server.read(&mut part).unwrap();
        bytes.extend_from_slice(&part[..n]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.unwrap().parse().unwrap();
            if body.len() >= length {
                return bytes;
            }
        }
        assert!(n > 0, "{text}");
    }
}

#[test]
fn what_a_gateway_hands_on_is_not_shown_if_it_may_be_secret() {
    let (one, two) = (an_endpoint(), an_endpoint());
    let hands_on = Served::gateway(&one.url(), "keep_alive=false");
    let drops = spelling(&two, "Host", "Content-Length");
    let subjects = [("A", &hands_on.url, &one), ("B", &drops, &two)];
    let subjects = subjects.map(|(name, url, endpoint)| {
        let mut subject = subject(name, url, Some(endpoint));
        // As the plan marks what has come from the environment.
        let mut secret: HeaderValue = "sesame/1".parse().unwrap();
        secret.set_sensitive(true);
        subject.request.headers.insert(USER_AGENT, secret);
        subject
    });
    assert_eq!(
        found(subjects.to_vec()).difference,
        proven("A sends user-agent: [redacted] upstream, B no user-agent")
    );
}

#[test]
fn settings_that_only_the_direct_engine_has_are_tried_by_it() {
    let authority = Authority::new();
    let identity = authority.server_named(&["other.example"]);
    let server = Server::start(Some(identity.serve(&Terms::default())));
    let mut a = subject("A", &format!("https://{}", server.addr), None);
    a.request.url.set_path("/ok");
    a.transport = TransportConfig {
        engine: EngineKind::Direct,
        tls: Tls {
            ca: Some(authority.file()),
            sni: Sni::Name("other.example".to_owned()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let findings = found(vec![a.clone()]);
    assert_eq!(findings.refusals(), [""; 0]);
    let lines = findings.lines();
    let [(_, line)] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(
        line.starts_with("A (A): success after ") && line.ends_with(", 5 bytes, HTTP/2"),
        "{line}"
    );
    a.request.url.set_path("/status/404");
    let refusals = found(vec![a]).refusals();
    assert!(
        refusals[0].contains("404 Not Found: there is nothing"),
        "{refusals:?}"
    );
}
