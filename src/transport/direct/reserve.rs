//! Where connections come from: opened when they are needed, and those of HTTP/1.1 kept when they are not.

use super::connect::{Connector, Link};
use super::connection::Connection;
use super::failure::Failure;
use super::http2;
#[cfg(feature = "http3")]
use super::http3;
use super::lanes::Opener;
use super::pool::Pool;
use super::progress::Progress;
use super::session::Session;
use crate::pacer::Pacer;
use crate::transport::config::{Http2, TransportConfig};
use crate::transport::connections::{ConnectionCounters, Opening};
use crate::transport::error::TransportError;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use url::Url;

/// One transport's connections on one load thread.
pub(super) struct Reserve {
    connector: Connector,
    /// Idle connections of HTTP/1.1.
    pub(super) pool: RefCell<Pool>,
    http2: Http2,
    /// The server chose HTTP/1.1 the last time.
    http1: Cell<bool>,
    counters: Arc<ConnectionCounters>,
    pacer: Arc<Pacer>,
}

/// A connection that nothing has been sent over.
pub(super) enum Fresh {
    Http1(Connection),
    Shared(Session),
}

impl Reserve {
    pub(super) fn new(
        url: &Url,
        config: &TransportConfig,
        most_idle: usize,
        counters: Arc<ConnectionCounters>,
        pacer: Arc<Pacer>,
    ) -> Result<Reserve, TransportError> {
        Ok(Reserve {
            connector: Connector::new(url, config, Arc::clone(&counters), Arc::clone(&pacer))?,
            pool: RefCell::new(Pool::new(most_idle, config.pool_idle)),
            http2: config.http2,
            http1: Cell::new(false),
            counters,
            pacer,
        })
    }

    /// Whether each request needs a connection of its own, as far as is known.
    pub(super) fn speaks_http1(&self) -> bool {
        self.http1.get()
    }

    /// Opens a connection for one request.
    pub(super) async fn connect(&self, progress: &mut Progress) -> Result<Fresh, Failure> {
        let (fresh, opening) = self.fresh().await?;
        progress.opening = Some(opening);
        Ok(fresh)
    }

    async fn fresh(&self) -> Result<(Fresh, Opening), Failure> {
        let opened = self.connector.connect().await?;
        self.http1.set(matches!(opened.link, Link::Http1(_)));
        let counters = Arc::clone(&self.counters);
        let fresh = match opened.link {
            Link::Http1(stream) => {
                let now = self.pacer.clock().now();
                Fresh::Http1(Connection::new(stream, now, counters))
            }
            Link::Http2(stream) => {
                let session = http2::Session::start(stream, self.http2, counters, &self.pacer);
                Fresh::Shared(Session::Http2(session.await?))
            }
            #[cfg(feature = "http3")]
            Link::Http3(link) => {
                let limit = self.connector.patience();
                let session = http3::Session::start(link, limit, counters, &self.pacer);
                // On the heap, as all of HTTP/3: its futures are large.
                Fresh::Shared(Session::Http3(Box::pin(session).await?))
            }
        };
        Ok((fresh, opened.opening))
    }
}

impl Opener for Reserve {
    async fn open(&self) -> Result<(Option<Session>, Opening), Failure> {
        let (fresh, opening) = self.fresh().await?;
        let session = match fresh {
            Fresh::Shared(session) => Some(session),
            Fresh::Http1(connection) => {
                self.pool.borrow_mut().add(connection);
                None
            }
        };
        Ok((session, opening))
    }
}
