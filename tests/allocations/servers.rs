//! Servers that answer each request with the same bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, Stream};

/// Answers, all with a 2xx status.
pub(super) const ANSWERS: &[(&str, &str)] = &[
    ("content-length", HELLO),
    (
        "chunks with trailers",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nx: y\r\n\r\n",
    ),
    (
        "an interim answer before no body",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    ),
    ("a large body", LARGE),
];

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
/// Its body is added when it is served.
const LARGE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 40000\r\n\r\n";

/// The word that makes this program a server.
const WORD: &str = "serve-tls";

/// Whether this process is to be the server.
pub(super) fn is_asked_for() -> bool {
    std::env::args().nth(1).is_some_and(|word| word == WORD)
}

/// Answers so many connections in clear text, and allocates nothing meanwhile. Its URL.
pub(super) fn serve(answer: &'static str, connections: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let mut whole = answer.as_bytes().to_vec();
    if answer == LARGE {
        whole.resize(whole.len() + 40_000, b'x');
    }
    let whole: Arc<[u8]> = whole.into();
    std::thread::spawn(move || {
        for _ in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            let whole = Arc::clone(&whole);
            std::thread::spawn(move || answer_all(stream, &whole));
        }
    });
    format!("http://{addr}/")
}

/// Answers each request until the client hangs up.
fn answer_all(mut stream: impl Read + Write, answer: &[u8]) {
    let mut room = [0; 4096];
    let mut there = 0;
    loop {
        // The client waits for each answer, so what comes is one request or a part of it.
        match stream.read(&mut room[there..]) {
            Ok(0) | Err(_) => return,
            Ok(came) => there += came,
        }
        if room[..there].ends_with(b"\r\n\r\n") {
            there = 0;
            if stream
                .write_all(answer)
                .and_then(|()| stream.flush())
                .is_err()
            {
                return;
            }
        }
    }
}

/// A server that speaks TLS, in a process of its own, as long as this lives.
pub(super) struct Tls {
    process: Child,
    addr: SocketAddr,
    ca: tempfile::NamedTempFile,
}

impl Tls {
    pub(super) fn start() -> Tls {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(WORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut addr = String::new();
        said.read_line(&mut addr).unwrap();
        let mut pem = String::new();
        while !pem.contains("-----END") && said.read_line(&mut pem).unwrap() > 0 {}
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(pem.as_bytes()).unwrap();
        Tls {
            process,
            addr: addr.trim().parse().unwrap(),
            ca,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("https://{}/", self.addr)
    }

    /// Whom to trust.
    pub(super) fn ca(&self) -> PathBuf {
        self.ca.path().to_owned()
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Says where it listens and whom to trust, and serves until its standard input ends: with whoever has started it.
pub(super) fn serve_tls() {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut out = std::io::stdout();
    write!(
        out,
        "{}\n{}",
        listener.local_addr().unwrap(),
        certificate.pem()
    )
    .unwrap();
    out.flush().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || serve_one(stream.unwrap(), config));
        }
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn serve_one(mut stream: TcpStream, config: Arc<ServerConfig>) {
    stream.set_nodelay(true).unwrap();
    let mut connection = ServerConnection::new(config).unwrap();
    answer_all(Stream::new(&mut connection, &mut stream), HELLO.as_bytes());
}
