//! Waiting until a launched gateway is ready, by asking it the way the run will.

use crate::clock::Clock;
use crate::text;
use crate::transport::{
    Connecting, HttpVersion, Tally, TransportConfig, TransportError, cause, without_login,
};
use http_body_util::BodyExt;
use reqwest::Client;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};
use url::Url;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer in which a text is looked for.
const BODY: usize = 256 << 10;

/// When a gateway counts as ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// What must be seen.
    pub check: ReadyCheck,
    /// How long it may take.
    pub within: Duration,
}

/// What must be seen of a gateway that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadyCheck {
    /// It takes connections at this URL's host and port.
    Connects(Url),
    /// It answers a GET.
    Answers {
        /// What is asked for.
        url: Url,
        /// How it is reached.
        transport: Box<TransportConfig>,
        /// The status of the answer; `None`: 200 to 299.
        status: Option<u16>,
        /// A text in the body; `None`: any body.
        body: Option<String>,
    },
}

/// Why a wait was given up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotReady {
    /// The gateway has ended.
    Ended(String),
    /// Time is up; what the last look found.
    TimeUp(String),
    /// The user has had enough.
    Cancelled,
}

impl ReadyCheck {
    fn url(&self) -> &Url {
        match self {
            ReadyCheck::Connects(url) | ReadyCheck::Answers { url, .. } => url,
        }
    }

    /// Host and port, if something takes connections there already.
    pub(super) fn taken(&self) -> Option<String> {
        if let ReadyCheck::Answers { transport, .. } = self
            && (transport.socket.unix.is_some() || transport.proxy.is_some())
        {
            // Who listens there is not to be seen from here.
            return None;
        }
        let url = self.url();
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        connects(url).is_ok().then(|| format!("{host}:{port}"))
    }
}

fn connects(url: &Url) -> Result<(), String> {
    let addresses = url
        .socket_addrs(|| None)
        .map_err(|error| error.to_string())?;
    let mut why = "no address".to_owned();
    for address in addresses
        .iter()
        .flat_map(ToSocketAddrs::to_socket_addrs)
        .flatten()
    {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => why = format!("{address}: {error}"),
        }
    }
    Err(why)
}

impl Ready {
    /// Waits until the gateway is ready, and says how long that took. `ended` says how it has ended, if it has.
    pub(super) fn wait(
        &self,
        ended: impl Fn() -> Option<String>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Duration, NotReady> {
        let since = Instant::now();
        let unusable = |error: &dyn std::fmt::Display| NotReady::TimeUp(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unusable(&error))?;
        let client = match &self.check {
            ReadyCheck::Connects(_) => None,
            ReadyCheck::Answers { url, transport, .. } => {
                Some(client(url, transport).map_err(|error| unusable(&error))?)
            }
        };
        loop {
            let found = runtime.block_on(async {
                let look = self.look(client.as_ref());
                tokio::select! {
                    found = look => found,
                    () = until(|| cancelled() || ended().is_some()) => Err("not seen yet".to_owned()),
                }
            });
            if cancelled() {
                return Err(NotReady::Cancelled);
            }
            if let Some(how) = ended() {
                return Err(NotReady::Ended(how));
            }
            match found {
                Ok(()) => return Ok(since.elapsed()),
                Err(why) if since.elapsed() >= self.within => return Err(NotReady::TimeUp(why)),
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }

    async fn look(&self, client: Option<&Client>) -> Result<(), String> {
        let (client, url, status, text) = match (&self.check, client) {
            (
                ReadyCheck::Answers {
                    url, status, body, ..
                },
                Some(client),
            ) => (client, url, status, body),
            (check, _) => {
                let url = check.url().clone();
                let tried = tokio::task::spawn_blocking(move || connects(&url)).await;
                return tried.unwrap_or_else(|error| Err(error.to_string()));
            }
        };
        let asked = tokio::time::timeout(PATIENCE, ask(client, url));
        let (code, answer) = asked
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {}", text::setting(PATIENCE))))?;
        let shown = || without_login(url);
        match status {
            Some(wanted) if code != *wanted => {
                return Err(format!("{} answers {code}, not {wanted}", shown()));
            }
            None if !(200..300).contains(&code) => {
                return Err(format!("{} answers {code}", shown()));
            }
            _ => {}
        }
        match text {
            Some(text) if !String::from_utf8_lossy(&answer).contains(text.as_str()) => {
                Err(format!(
                    "{} answers {code} without \"{}\"",
                    shown(),
                    text::printable(text, 60)
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Looks ten times a second until `done`.
async fn until(done: impl Fn() -> bool) {
    while !done() {
        tokio::time::sleep(PAUSE).await;
    }
}

/// A client that reaches the gateway as the run will.
fn client(url: &Url, transport: &TransportConfig) -> Result<Client, TransportError> {
    let mut config = transport.clone();
    if config.http == HttpVersion::Http3 {
        config.http = HttpVersion::Auto;
    }
    let tally = Tally::new(std::sync::Arc::default(), Clock::monotonic(), &config);
    Connecting::new(url, &config, tally)?.client(None)
}

/// The status of the answer and the beginning of its body.
async fn ask(client: &Client, url: &Url) -> Result<(u16, Vec<u8>), String> {
    let answer = client.get(url.clone()).send().await;
    let answer = answer.map_err(|error| cause(&error))?;
    let status = answer.status().as_u16();
    let mut body = reqwest::Body::from(answer);
    let mut begin = Vec::new();
    while begin.len() < BODY {
        match body.frame().await {
            Some(Ok(frame)) => {
                begin.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
            }
            Some(Err(error)) => return Err(cause(&error)),
            None => break,
        }
    }
    Ok((status, begin))
}
