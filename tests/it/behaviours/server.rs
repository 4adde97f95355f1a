//! A server that plays a row's scripts, and counts what the client let it do.

use super::certificates::{self, Certificate};
use super::frames;
use super::row::{Act, Row, Wire};
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// What is written endlessly is written in pieces of about this size.
const PIECE: usize = 16 * 1024;

/// How long a client may take to hang up once its transport is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// What has happened so far.
#[derive(Debug)]
pub(super) struct Seen {
    connections: AtomicUsize,
    written: AtomicU64,
    ended: watch::Sender<usize>,
}

/// A running server.
pub(super) struct Server {
    pub(super) addr: SocketAddr,
    seen: Arc<Seen>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// What a server has seen in all.
#[derive(Debug)]
pub(super) struct Total {
    pub(super) connections: usize,
    /// Bytes that the client's side took, those that lie in the system's buffers included.
    pub(super) written: u64,
}

impl Server {
    /// Starts to listen; to be called within the runtime that serves.
    pub(super) fn start(row: &Row) -> Server {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let tls = match row.wire {
            Wire::Http | Wire::RawTls | Wire::H2c => None,
            Wire::Https(certificate) => Some(certificates::server(certificate, b"http/1.1")),
            Wire::H2 => Some(certificates::server(Certificate::Good, b"h2")),
        };
        let seen = Arc::new(Seen {
            connections: AtomicUsize::new(0),
            written: AtomicU64::new(0),
            ended: watch::Sender::new(0),
        });
        let stop = CancellationToken::new();
        let listener = TcpListener::from_std(listener).unwrap();
        let player = Player {
            scripts: row.scripts.clone(),
            speaks_h2: matches!(row.wire, Wire::H2c | Wire::H2),
            tls,
            seen: Arc::clone(&seen),
        };
        let serving = tokio::spawn(serve(listener, Arc::new(player), stop.clone()));
        Server {
            addr,
            seen,
            stop,
            serving,
        }
    }

    /// Waits until all connections that there have been are at their end.
    pub(super) async fn idle(&self) {
        let mut ended = self.seen.ended.subscribe();
        let all = |ended: &usize| *ended == self.seen.connections.load(Ordering::SeqCst);
        ended.wait_for(all).await.unwrap();
    }

    /// What the server has seen, once the client has hung up everywhere. A panic of the server is one of the caller.
    pub(super) async fn finish(mut self, hangs_up: bool) -> Result<Total, String> {
        self.stop.cancel();
        let patience = if hangs_up { PATIENCE } else { Duration::ZERO };
        match tokio::time::timeout(patience, &mut self.serving).await {
            Err(_) if !hangs_up => self.serving.abort(),
            Err(_) => return Err("the client keeps a connection open".to_owned()),
            Ok(Err(panic)) => return Err(format!("the server panicked: {panic}")),
            Ok(Ok(())) => {}
        }
        Ok(Total {
            connections: self.seen.connections.load(Ordering::SeqCst),
            written: self.seen.written.load(Ordering::SeqCst),
        })
    }
}

struct Player {
    scripts: Vec<Vec<Act>>,
    speaks_h2: bool,
    tls: Option<Arc<ServerConfig>>,
    seen: Arc<Seen>,
}

async fn serve(listener: TcpListener, player: Arc<Player>, stop: CancellationToken) {
    let mut playing = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, _) = accepted.unwrap();
        stream.set_nodelay(true).unwrap();
        let number = player.seen.connections.fetch_add(1, Ordering::SeqCst);
        let player = Arc::clone(&player);
        playing.spawn(async move {
            player.play(stream, number).await;
            player.seen.ended.send_modify(|ended| *ended += 1);
        });
    }
    drop(listener);
    while let Some(played) = playing.join_next().await {
        played.unwrap();
    }
}

impl Player {
    async fn play(&self, stream: TcpStream, number: usize) {
        let script = &self.scripts[number.min(self.scripts.len() - 1)];
        let stream = match &self.tls {
            None => Stream::Tcp(stream),
            Some(tls) => {
                let accepting = TlsAcceptor::from(Arc::clone(tls)).accept(stream);
                let Ok(stream) = accepting.await else { return };
                Stream::Tls(Box::new(stream))
            }
        };
        let mut connection = Connection {
            stream,
            seen: &self.seen,
            greeted: !self.speaks_h2,
            speaks_h2: self.speaks_h2,
        };
        for act in script {
            // The client has hung up: its right.
            if connection.act(act).await.is_err() {
                return;
            }
        }
    }
}

enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Stream {
    fn top(&mut self) -> &mut dyn Duplex {
        match self {
            Stream::Tcp(stream) => stream,
            Stream::Tls(stream) => &mut **stream,
        }
    }

    fn tcp(&mut self) -> &mut TcpStream {
        match self {
            Stream::Tcp(stream) => stream,
            Stream::Tls(stream) => stream.get_mut().0,
        }
    }
}

struct Connection<'a> {
    stream: Stream,
    seen: &'a Seen,
    /// Whether the client's HTTP/2 preface has been read, or there is none.
    greeted: bool,
    speaks_h2: bool,
}

impl Connection<'_> {
    async fn act(&mut self, act: &Act) -> io::Result<()> {
        match act {
            Act::ReadRequest if self.speaks_h2 => self.read_frames().await,
            Act::ReadRequest => self.read_request().await,
            Act::ReadHead => self.read_head().await.map(drop),
            Act::ReadBytes(bytes) => {
                let mut left = *bytes;
                let mut taken = [0; 4096];
                while left > 0 {
                    let most = left.min(taken.len());
                    match self.stream.top().read(&mut taken[..most]).await? {
                        0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                        came => left -= came,
                    }
                }
                Ok(())
            }
            Act::ReadSome => self.stream.top().read_u8().await.map(drop),
            Act::Say(bytes) => self.write(bytes).await,
            Act::SayBelowTls(bytes) => self.stream.tcp().write_all(bytes).await,
            Act::Drip(bytes, pause) => {
                for byte in bytes {
                    tokio::time::sleep(*pause).await;
                    self.write(&[*byte]).await?;
                }
                Ok(())
            }
            Act::Endless(bytes) => self.write_endlessly(bytes, None).await,
            Act::EndlessSlowly(bytes, pause) => self.write_endlessly(bytes, Some(*pause)).await,
            Act::HalfClose => self.stream.top().shutdown().await,
            Act::Wait => {
                let mut taken = [0; 4096];
                while self.stream.top().read(&mut taken).await? > 0 {}
                Ok(())
            }
            Act::Reset => {
                SockRef::from(&*self.stream.tcp()).set_linger(Some(Duration::ZERO))?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.stream.top();
        stream.write_all(bytes).await?;
        stream.flush().await?;
        self.seen
            .written
            .fetch_add(bytes.len() as u64, Ordering::SeqCst);
        Ok(())
    }

    async fn write_endlessly(&mut self, bytes: &[u8], pause: Option<Duration>) -> io::Result<()> {
        let times = pause.map_or(PIECE.div_ceil(bytes.len()), |_| 1);
        let piece = bytes.repeat(times);
        let (mut read, mut write) = tokio::io::split(self.stream.top());
        let writing = async {
            loop {
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
                let mut rest = piece.as_slice();
                while !rest.is_empty() {
                    let taken = write.write(rest).await?;
                    self.seen.written.fetch_add(taken as u64, Ordering::SeqCst);
                    rest = &rest[taken..];
                }
                write.flush().await?;
            }
        };
        let reading = async {
            let mut taken = [0; 4096];
            while read.read(&mut taken).await? > 0 {}
            io::Result::Ok(())
        };
        tokio::select! {
            ended = writing => ended,
            ended = reading => ended,
        }
    }

    async fn read_request(&mut self) -> io::Result<()> {
        let head = self.read_head().await?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.top().read_exact(&mut body).await.map(drop)
    }

    /// The head of a request in HTTP/1, up to its empty line.
    async fn read_head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.top().read_u8().await?);
        }
        Ok(String::from_utf8(head).unwrap())
    }

    /// The client's preface, if it has not been read, and frames up to the one that ends a request's head.
    async fn read_frames(&mut self) -> io::Result<()> {
        let stream = self.stream.top();
        if !self.greeted {
            let mut preface = [0; frames::PREFACE.len()];
            stream.read_exact(&mut preface).await?;
            assert_eq!(preface, *frames::PREFACE);
            self.greeted = true;
        }
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            stream.read_exact(&mut payload).await?;
            if head[3] == frames::HEADERS && head[4] & frames::END_HEADERS != 0 {
                return Ok(());
            }
        }
    }
}
