//! A real nginx, started by the test that needs it, and what its own access log says of the clients.
//!
//! What holds always: a master, which is the test's child, and one worker, both without privileges where the test has them;
//! nothing outside a folder of its own; and neither processes nor folder outlive the fixture. The socket is bound here and handed over, so that
//! no other program can take the port in between.

#![cfg(target_os = "linux")]

mod certificates;
mod connections;
mod handshakes;
mod launched;
mod versions;

use crate::support::PATIENCE;
use crate::transport::certificates::{Authority, Identity};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use serde::Deserialize;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The user and group that own nothing.
const NOBODY: u32 = 65_534;

/// What a server is to be like. The default speaks HTTP/1.1 in clear text and answers everything with `hello`.
#[derive(Default)]
pub(crate) struct Site<'a> {
    /// HTTP/2 too (over TLS), or only (in clear text).
    pub(crate) http2: bool,
    /// Speaks TLS, with this certificate.
    pub(crate) identity: Option<&'a Identity>,
    /// Demands a client certificate by this authority.
    pub(crate) clients: Option<&'a Authority>,
    /// Further directives for the `server` block, as in `keepalive_requests 5;`.
    pub(crate) directives: &'a str,
}

/// One request, as the access log has it. What does not apply is empty.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The connection's number, unique for this server.
    pub(crate) connection: u64,
    /// Which request of its connection it is, from 1.
    pub(crate) connection_requests: u64,
    pub(crate) remote_addr: String,
    pub(crate) status: u16,
    /// As in `HTTP/1.1` and `HTTP/2.0`.
    pub(crate) server_protocol: String,
    /// As in `TLSv1.3`.
    pub(crate) ssl_protocol: String,
    pub(crate) ssl_cipher: String,
    /// `r` for a session taken up again, `.` for a new one.
    pub(crate) ssl_session_reused: String,
    /// As in `CN=me`.
    pub(crate) ssl_client_s_dn: String,
    pub(crate) ssl_client_verify: String,
    /// The client's SNI.
    pub(crate) ssl_server_name: String,
    pub(crate) http_host: String,
    pub(crate) http_connection: String,
    pub(crate) http_accept_encoding: String,
}

/// Variables that are numbers in the log; all the others of [`Entry`] are text.
const NUMBERS: &[&str] = &["connection", "connection_requests", "status"];
const TEXTS: &[&str] = &[
    "remote_addr",
    "server_protocol",
    "ssl_protocol",
    "ssl_cipher",
    "ssl_session_reused",
    "ssl_client_s_dn",
    "ssl_client_verify",
    "ssl_server_name",
    "http_host",
    "http_connection",
    "http_accept_encoding",
];

pub(crate) struct Nginx {
    pub(crate) addr: SocketAddr,
    scheme: &'static str,
    child: Child,
    folder: TempDir,
}

impl Nginx {
    /// Returns when it is ready to serve.
    pub(crate) fn start(site: &Site) -> Nginx {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), site, addr);
        let mut command = Command::new(program());
        command
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-e", "error.log"])
            // Its own way to take over sockets: their numbers, here that of its standard input.
            .env("NGINX", "0;")
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if geteuid().is_root() {
            give_away(folder.path());
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut nginx = Nginx {
            addr,
            scheme: site.identity.map_or("http", |_| "https"),
            child: command.spawn().expect("nginx (Debian: nginx-light)"),
            folder,
        };
        nginx.await_ready();
        nginx
    }

    /// The whole URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.addr)
    }

    /// Ends the server and returns all that it has logged.
    pub(crate) fn finish(mut self) -> Vec<Entry> {
        self.end();
        let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap();
        log.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The master first ends its worker, in the middle of whatever that does, and then itself.
    fn end(&mut self) {
        if self.ended().is_none() {
            kill_process(self.pid(), Signal::TERM).unwrap();
            self.wait("its end", |nginx| nginx.ended().is_some());
        }
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Its number is written down after everything has been set up.
    fn await_ready(&mut self) {
        let number = self.folder.path().join("pid");
        self.wait("readiness", |nginx| {
            if let Some(status) = nginx.ended() {
                panic!("nginx ended, {status}: {}", nginx.errors());
            }
            fs::read_to_string(&number).is_ok_and(|text| text.ends_with('\n'))
        });
    }

    fn wait(&mut self, what: &str, mut come: impl FnMut(&mut Nginx) -> bool) {
        let start = Instant::now();
        while !come(self) {
            let errors = self.errors();
            assert!(start.elapsed() < PATIENCE, "{what} did not come: {errors}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where Debian has it, if the search path does not say.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join("nginx"));
    places
        .find(|place| place.is_file())
        .unwrap_or_else(|| PathBuf::from("/usr/sbin/nginx"))
}

fn write(folder: &Path, site: &Site, addr: SocketAddr) {
    let copy = |from: PathBuf, name: &str| fs::copy(from, folder.join(name)).unwrap();
    let mut server = format!("listen {addr}");
    if let Some(identity) = site.identity {
        server.push_str(" ssl");
        copy(identity.cert_file(), "cert.pem");
        copy(identity.key_file(), "key.pem");
    }
    server.push_str(if site.http2 { " http2;" } else { ";" });
    if site.identity.is_some() {
        server.push_str(" ssl_certificate cert.pem; ssl_certificate_key key.pem;");
    }
    if let Some(clients) = site.clients {
        copy(clients.file(), "clients.pem");
        server.push_str(" ssl_client_certificate clients.pem; ssl_verify_client on;");
    }
    let config = format!(
        r#"daemon off; worker_processes 1; pid pid; error_log error.log info;
events {{ worker_connections 1024; }}
http {{
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  log_format seen escape=json '{{{format}}}';
  access_log access.log seen;
  default_type text/plain;
  server {{
    {server}
    {directives}
    location / {{ return 200 "hello"; }}
  }}
}}
"#,
        format = log_format(),
        directives = site.directives,
    );
    fs::write(folder.join("nginx.conf"), config).unwrap();
}

fn log_format() -> String {
    let numbers = NUMBERS.iter().map(|name| format!(r#""{name}":${name}"#));
    let texts = TEXTS.iter().map(|name| format!(r#""{name}":"${name}""#));
    numbers.chain(texts).collect::<Vec<_>>().join(",")
}

/// To the user without privileges, with all that is in it.
fn give_away(folder: &Path) {
    let inside = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = inside.map(|entry| entry.unwrap().path()).collect();
    paths.push(folder.to_owned());
    for path in paths {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// The numbers of the connections, each once, in the order in which they were first used.
fn connections(entries: &[Entry]) -> Vec<u64> {
    let mut numbers = Vec::new();
    for entry in entries {
        if !numbers.contains(&entry.connection) {
            numbers.push(entry.connection);
        }
    }
    numbers
}

#[test]
#[ignore = "needs nginx"]
fn nothing_is_left_of_it() {
    let nginx = Nginx::start(&Site::default());
    let (pid, folder) = (nginx.pid(), nginx.folder.path().to_owned());
    let process = PathBuf::from(format!("/proc/{}", pid.as_raw_nonzero()));
    let name = fs::read_to_string(process.join("comm")).unwrap();
    assert_eq!(name.trim(), "nginx");
    if geteuid().is_root() {
        let status = fs::read_to_string(process.join("status")).unwrap();
        let uid = format!("\nUid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}\n");
        assert!(status.contains(&uid), "{status}");
    }
    let addr = nginx.addr;
    drop(nginx);
    assert!(!process.exists());
    assert!(!folder.exists());
    // The worker has the socket too, so it is gone as well.
    assert!(std::net::TcpStream::connect(addr).is_err());
}

#[test]
#[ignore = "needs nginx"]
#[should_panic(expected = "unknown directive \"nonsense\"")]
fn a_wrong_configuration_is_shown() {
    let _ = Nginx::start(&Site {
        directives: "nonsense;",
        ..Site::default()
    });
}
