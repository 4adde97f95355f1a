//! Runs a server on threads of its own: accepts connections, speaks HTTP/1.1 and clear-text HTTP/2, counts, stops.

use super::counters::{ServerCounters, ServerTotals};
use super::serving::OpenConnection;
use super::tap::Tap;
use crate::pacer::be_punctual;
use crate::transport::{ConnectionCounters, ConnectionTotals};
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// How long to leave the socket alone after a failed accept. Out of file descriptors, `accept` fails at once and always.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// A connection is closed in place of an answer (over HTTP/2: the request's stream is reset).
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
pub(crate) struct HangUp;

/// What a server does with a request. The future is dropped when the client goes away.
pub(crate) trait Answer: Send + Sync + 'static {
    /// The body of the answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + Unpin
        + 'static;

    /// Answers one request of the client at `from`.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        from: SocketAddr,
    ) -> impl Future<Output = Result<Response<Self::Body>, HangUp>> + Send;
}

/// A running server. Dropping it stops the server, closes its connections and waits for its threads.
#[derive(Debug)]
pub struct ServerHandle {
    addr: SocketAddr,
    counters: Arc<ServerCounters>,
    upstream: Option<Arc<ConnectionCounters>>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl ServerHandle {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it has seen of its clients.
    pub fn totals(&self) -> ServerTotals {
        self.counters.totals()
    }

    /// The same figures for a reader that outlives the borrow of the handle.
    pub fn counters(&self) -> Arc<ServerCounters> {
        Arc::clone(&self.counters)
    }

    /// The connections that a gateway has made upstream; `None` for an endpoint.
    pub fn upstream(&self) -> Option<ConnectionTotals> {
        self.upstream.as_ref().map(|counters| counters.totals())
    }

    /// Stops the server and waits until its threads have ended.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has been reported there; it must not take the owner down as well.
            let _ = thread.join();
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.end();
    }
}

/// How to run a server.
pub(crate) struct Running {
    /// The name of its threads.
    pub(crate) name: &'static str,
    /// Threads, at least 1.
    pub(crate) threads: usize,
    pub(crate) counters: Arc<ServerCounters>,
    pub(crate) upstream: Option<Arc<ConnectionCounters>>,
}

/// Starts a server that answers with what `make` returns, called inside the server's runtime. Everything that can fail has
/// been tried when this returns.
pub(crate) fn run<A: Answer>(
    running: Running,
    listener: TcpListener,
    make: impl FnOnce() -> io::Result<A>,
) -> io::Result<ServerHandle> {
    let addr = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime = runtime(running.name, running.threads)?;
    let (listener, answer) = {
        let _entered = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        (listener, Arc::new(make()?))
    };
    let stop = CancellationToken::new();
    let (stopped, counters) = (stop.clone(), Arc::clone(&running.counters));
    let thread = std::thread::Builder::new()
        .name(running.name.to_owned())
        .spawn(move || {
            be_punctual();
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.cancelled() => {}
                    () = accept(listener, answer, counters) => {}
                }
            });
            // Dropping it here closes every connection.
            drop(runtime);
        })?;
    Ok(ServerHandle {
        addr,
        counters: running.counters,
        upstream: running.upstream,
        stop,
        thread: Some(thread),
    })
}

fn runtime(name: &'static str, threads: usize) -> io::Result<Runtime> {
    if threads <= 1 {
        Builder::new_current_thread().enable_all().build()
    } else {
        Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name(name)
            .on_thread_start(be_punctual)
            .enable_all()
            .build()
    }
}

async fn accept<A: Answer>(
    listener: tokio::net::TcpListener,
    answer: Arc<A>,
    counters: Arc<ServerCounters>,
) {
    let http = auto::Builder::new(TokioExecutor::new());
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let open = OpenConnection::new(&counters);
        // Without it a small answer may wait for the client's delayed acknowledgement; a socket that refuses is gone anyway.
        let _ = stream.set_nodelay(true);
        let stream = Tap::new(stream, Arc::clone(open.connection()));
        let (http, answer) = (http.clone(), Arc::clone(&answer));
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let serving = open.serve(&request);
                let answer = Arc::clone(&answer).answer(request, from);
                async move {
                    let response = answer.await?;
                    Ok::<_, HangUp>(response.map(|body| serving.until_end_of(body)))
                }
            });
            // It ends with an error whenever a client leaves early or speaks something else than HTTP: not our failure.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
