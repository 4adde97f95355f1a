//! That the observing server sees what it says it sees, shown with transports whose settings are known.

use super::certificates::{Authority, ONLY_TLS12, ONLY_TLS13, Terms, serving};
use super::server::{Frame, Server, Setting, TEXT_BYTES};
use super::{http, once, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, Socket, Tls, Transport, TransportConfig};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::time::Duration;
use tokio_rustls::rustls::{CipherSuite, ProtocolVersion};

#[tokio::test]
async fn requests_are_recorded_with_their_connection() {
    let server = Server::start(None);
    let url = format!("http://{}/ok?q=1", server.addr);
    for (version, expected) in [
        (HttpVersion::Http11, ::http::Version::HTTP_11),
        (HttpVersion::H2c, ::http::Version::HTTP_2),
    ] {
        let before = server.seen.opened();
        let lane = transport(&url, &http(version));
        for _ in 0..3 {
            lane.transport.exchange().await;
        }
        let connections = server.seen.connections();
        assert_eq!(connections.len(), before + 1);
        let connection = &connections[before];
        assert_eq!(connection.served, 3);
        assert_eq!(connection.most_streams, 1);
        assert!(connection.hello.is_none() && connection.handshake.is_none());
        assert_eq!(connection.closed, None);
        assert_eq!(
            connection.peer.unwrap().ip().to_string(),
            "127.0.0.1",
            "where it comes from"
        );
        for asked in &connection.requests {
            assert_eq!(asked.version, expected);
            assert_eq!(asked.method, "POST");
            assert_eq!(asked.uri.path_and_query().unwrap(), "/ok?q=1");
            assert_eq!(asked.host(), Some(server.addr.to_string().as_str()));
            assert_eq!(asked.header("connection"), None);
            assert!(connection.opened <= asked.at);
        }
        drop(lane);
        server.seen.until_closed().await;
    }
    assert_eq!(server.seen.asked().len(), 6);
}

#[tokio::test]
async fn handshakes_are_recorded() {
    let authority = Authority::new();
    let identity = authority.server();
    for (versions, expected) in [
        (ONLY_TLS12, ProtocolVersion::TLSv1_2),
        (ONLY_TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let tls = identity.serve(&Terms {
            versions,
            ..Terms::default()
        });
        let server = Server::start(Some(tls));
        let config = TransportConfig {
            tls: Tls {
                ca: Some(authority.file()),
                ..Tls::default()
            },
            ..TransportConfig::default()
        };
        let url = format!("https://localhost:{}/ok", server.addr.port());
        assert_eq!(once(&url, &config).await.outcome, Outcome::Ok);
        let connection = server.seen.only();
        let hello = connection.hello.as_ref().unwrap();
        assert_eq!(hello.sni.as_deref(), Some("localhost"));
        assert_eq!(hello.alpn, ["h2", "http/1.1"]);
        let agreed = connection.agreed();
        assert_eq!(agreed.version, expected);
        assert_eq!(agreed.alpn.as_deref(), Some("h2"));
        assert_eq!(
            agreed.cipher == CipherSuite::TLS13_AES_256_GCM_SHA384,
            expected == ProtocolVersion::TLSv1_3
        );
        assert_eq!((agreed.resumed, &agreed.client), (false, &None));
    }
}

#[tokio::test]
async fn a_session_taken_up_again_is_told_from_a_new_one() {
    let (authority, tls) = serving(&["http/1.1"]);
    let server = Server::start(Some(tls));
    let config = TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        keep_alive: false,
        ..TransportConfig::default()
    };
    let lane = transport(&format!("https://{}/ok", server.addr), &config);
    for _ in 0..3 {
        assert_eq!(lane.transport.exchange().await.outcome, Outcome::Ok);
    }
    let connections = server.seen.connections();
    let resumed: Vec<_> = connections.iter().map(|one| one.agreed().resumed).collect();
    assert_eq!(resumed, [false, true, true]);
    assert_eq!(connections[0].hello.as_ref().unwrap().sni, None);
    assert_eq!(
        connections[0].requests[0].header("connection"),
        Some("close")
    );
}

#[tokio::test]
async fn handshakes_that_fail_are_recorded_with_the_reason() {
    let authority = Authority::new();
    let config = TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let strangers = Authority::new();
    for (identity, clients, words) in [
        (authority.server(), Some(&authority), "no certificates"),
        (authority.expired_server(), None, "CertificateExpired"),
        (
            authority.server_named(&["other.example"]),
            None,
            "BadCertificate",
        ),
        (strangers.server(), None, "UnknownCA"),
    ] {
        let server = Server::start(Some(identity.serve(&Terms {
            clients,
            ..Terms::default()
        })));
        let exchange = once(&format!("https://{}/ok", server.addr), &config).await;
        assert_ne!(exchange.outcome, Outcome::Ok, "{words}");
        server.seen.until_closed().await;
        let connection = server.seen.only();
        let error = connection.handshake.unwrap().unwrap_err();
        assert!(error.contains(words), "{words} is not in: {error}");
        assert_eq!(connection.served, 0);
    }
}

#[tokio::test]
async fn streams_at_once_are_counted_on_each_connection() {
    let server = Server::start(None);
    for (version, connections, streams) in [(HttpVersion::H2c, 1, 8), (HttpVersion::Http11, 8, 1)] {
        let before = server.seen.opened();
        let url = format!("http://{}/drip/20", server.addr);
        let lane = transport(&url, &http(version));
        // One first, so that all the others find an HTTP/2 connection that is open.
        lane.transport.exchange().await;
        super::limits::at_once(&lane.transport, 8).await;
        let all = server.seen.connections().split_off(before);
        assert_eq!(all.len(), connections);
        assert!(
            all.iter().all(|one| one.most_streams == streams),
            "{all:#?}"
        );
    }
}

#[tokio::test]
async fn settings_windows_and_pings_of_http_2_are_recorded() {
    let server = Server::start(None);
    let stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .timer(hyper_util::rt::TokioTimer::new())
        .initial_stream_window_size(100_000)
        .initial_connection_window_size(300_000)
        .max_frame_size(20_000)
        .keep_alive_interval(Duration::from_millis(5))
        .keep_alive_while_idle(true)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = ::http::Request::get(format!("http://{}/ok", server.addr));
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    sender.send_request(request).await.unwrap();
    let pinged = |all: &[super::server::Connection]| all[0].pings() >= 2;
    server.seen.until("a second ping", pinged).await;
    let connection = server.seen.only();
    assert_eq!(
        connection.setting(Setting::InitialWindowSize),
        Some(100_000)
    );
    assert_eq!(connection.setting(Setting::MaxFrameSize), Some(20_000));
    assert_eq!(connection.setting(Setting::HeaderTableSize), None);
    assert_eq!(connection.connection_window_opened(), 300_000 - 65_535);
    let headers = Frame::Headers { stream: 1 };
    assert!(connection.frames.contains(&headers), "{connection:#?}");
    assert!(connection.frames.contains(&Frame::SettingsAck));
}

#[tokio::test]
async fn a_client_certificate_is_recorded() {
    // No setting yet presents one, so this is a bare client.
    let authority = Authority::new();
    let me = authority.client("me");
    let server = Server::start(Some(authority.server().serve(&Terms {
        alpn: &["http/1.1"],
        clients: Some(&authority),
        ..Terms::default()
    })));
    let stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(me.present(&authority)));
    let name = server.addr.ip().into();
    let stream = connector.connect(name, stream).await.unwrap();
    let answer = get(stream, "/text", &[]).await;
    assert_eq!(answer.1.len(), TEXT_BYTES);
    let connection = server.seen.only();
    assert_eq!(connection.agreed().client.as_deref(), Some(me.der()));
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_served_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let seen = super::server::on_unix_socket(&path, None);
    let stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    assert_eq!(get(stream, "/ok", &[]).await.1, "hello");
    let connection = seen.only();
    assert_eq!((connection.peer, connection.served), (None, 1));
}

#[tokio::test]
async fn text_is_compressed_as_the_client_likes_it() {
    let server = Server::start(None);
    for (accepted, expected, magic) in [
        ("gzip, br", Some("gzip"), &[0x1f, 0x8b][..]),
        ("deflate", Some("deflate"), &[0x78, 0x01]),
        ("br;q=1.0", Some("br"), &[0xf0, 0x70, 0x12, b'a']),
        ("zstd", Some("zstd"), &[0x28, 0xb5, 0x2f, 0xfd]),
        ("identity", None, b"aaaa"),
    ] {
        let stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
        let (headers, body) = get(stream, "/text", &[("accept-encoding", accepted)]).await;
        let encoding = headers.get("content-encoding");
        assert_eq!(encoding.map(|name| name.to_str().unwrap()), expected);
        assert_eq!(headers["content-length"], body.len().to_string());
        assert!(body.starts_with(magic), "{accepted}: {:?}", &body[..4]);
    }
    let last = server.seen.asked().pop().unwrap();
    assert_eq!(last.header("accept-encoding"), Some("identity"));
}

/// One request over a bare HTTP/1.1 connection: the answer's headers and body.
async fn get(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    path: &str,
    headers: &[(&str, &str)],
) -> (::http::HeaderMap, Bytes) {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = ::http::Request::get(path).header("host", "server.example");
    for &(name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let (head, body) = answer.into_parts();
    (head.headers, body.collect().await.unwrap().to_bytes())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_clients_socket_shows_what_no_server_can_see() {
    use super::socket;
    let server = Server::start(None);
    for nodelay in [false, true] {
        let config = TransportConfig {
            socket: Socket {
                nodelay,
                ..Socket::default()
            },
            ..TransportConfig::default()
        };
        let lane = transport(&format!("http://{}/ok", server.addr), &config);
        lane.transport.exchange().await;
        let peer = server.seen.connections().pop().unwrap().peer.unwrap();
        let end = socket::client(peer, server.addr);
        assert_eq!(end.nodelay(), nodelay);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_keep_alive_timer_shows_in_the_systems_table() {
    use super::socket;
    let server = Server::start(None);
    let stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let end = || socket::client(stream.local_addr().unwrap(), server.addr);
    assert_eq!((end().keep_alive(), end().probe_in), (None, None));
    let idle = Duration::from_secs(30);
    let between = Duration::from_secs(7);
    let keep_alive = socket2::TcpKeepalive::new()
        .with_time(idle)
        .with_interval(between);
    let own = socket2::SockRef::from(&stream);
    own.set_tcp_keepalive(&keep_alive).unwrap();
    assert_eq!(end().keep_alive(), Some((idle, between)));
    let due = end().probe_in.unwrap();
    assert!(due <= idle && due > idle / 2, "{due:?}");
}
