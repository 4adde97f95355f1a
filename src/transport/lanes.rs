//! The limit on connections: a limit of N is N *lanes*, each a client that serves one exchange at a time.
//!
//! What holds always: a lane has at most one connection, so N lanes never have more than N. One client with N permits would
//! not do: its pool starts a connection and also waits for a freed one, uses whichever comes first and keeps both. A lane
//! is free again only when its connection has gone back to its pool or has been closed.

use super::Share;
use super::client::Connecting;
use super::config::{HttpVersion, TransportConfig};
use super::error::TransportError;
use reqwest::Client;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often a broken-off exchange lets other tasks run before its lane is free: the connection's own task must see that it
/// was abandoned and close.
const YIELDS_AFTER_ABANDON: usize = 4;

/// The connections of one load thread, or of one gateway.
pub(crate) enum Lanes {
    /// No limit: one client, its pool decides.
    Shared(Client),
    /// A limit: one client per connection.
    Limited(Arc<Limited>),
}

/// Lanes behind a limit.
pub(crate) struct Limited {
    clients: Vec<Client>,
    /// How many of the first clients keep their connection when idle.
    keepers: usize,
    free: Mutex<Free>,
    /// As many permits as free lanes; its queue is first in, first out.
    permits: Arc<Semaphore>,
}

/// Numbers of free lanes, last used first, so that idle connections are as young as can be.
#[derive(Default)]
struct Free {
    keepers: Vec<usize>,
    others: Vec<usize>,
}

impl Lanes {
    /// Builds the share's part of the connections that `config` allows. HTTP/2 has one connection for all, so no limit applies.
    pub(crate) fn new(
        connecting: &Connecting,
        config: &TransportConfig,
        share: Share,
    ) -> Result<Lanes, TransportError> {
        let pool = config.pool.map(|total| share.part(total));
        let multiplexed = matches!(config.http, HttpVersion::Http2 | HttpVersion::H2c);
        let Some(total) = config.max_connections.filter(|_| !multiplexed) else {
            return Ok(Lanes::Shared(connecting.client(pool)?));
        };
        let limit = share.part(total);
        if limit == 0 {
            return Err(TransportError::ShareIsEmpty {
                limit: total,
                threads: share.of,
            });
        }
        let keepers = pool.unwrap_or(limit).min(limit);
        let clients = (0..limit)
            .map(|lane| connecting.client(Some(usize::from(lane < keepers))))
            .collect::<Result<Vec<_>, _>>()?;
        let free = Free {
            keepers: (0..keepers).rev().collect(),
            others: (keepers..limit).rev().collect(),
        };
        Ok(Lanes::Limited(Arc::new(Limited {
            clients,
            keepers,
            free: Mutex::new(free),
            permits: Arc::new(Semaphore::new(limit)),
        })))
    }

    /// The most connections there can be; `None` for no limit.
    pub(crate) fn limit(&self) -> Option<usize> {
        match self {
            Lanes::Shared(_) => None,
            Lanes::Limited(lanes) => Some(lanes.clients.len()),
        }
    }

    /// Waits, first come first served, for the right to send one request.
    pub(crate) async fn lease(&self) -> Lease {
        let lanes = match self {
            Lanes::Shared(client) => {
                return Lease {
                    client: client.clone(),
                    lane: None,
                };
            }
            Lanes::Limited(lanes) => lanes,
        };
        let Ok(permit) = Arc::clone(&lanes.permits).acquire_owned().await else {
            unreachable!("the semaphore is never closed")
        };
        let number = lanes.take();
        Lease {
            client: lanes.clients[number].clone(),
            lane: Some(Lane {
                lanes: Arc::clone(lanes),
                number,
                permit: Some(permit),
            }),
        }
    }
}

impl Limited {
    /// The number of a free lane. The caller holds a permit, so there is one.
    fn take(&self) -> usize {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        match free.keepers.pop().or_else(|| free.others.pop()) {
            Some(number) => number,
            None => unreachable!("there are as many permits as free lanes"),
        }
    }

    /// The lane is free; `permit` lets the next exchange have it.
    fn give_back(&self, number: usize, permit: OwnedSemaphorePermit) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if number < self.keepers {
            free.keepers.push(number);
        } else {
            free.others.push(number);
        }
        drop(free);
        drop(permit);
    }
}

/// The right to send one request. Dropping it abandons the exchange, so the answer must be dropped before it.
pub(crate) struct Lease {
    client: Client,
    lane: Option<Lane>,
}

struct Lane {
    lanes: Arc<Limited>,
    number: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// The client to send the one request with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Ends a lease whose answer has been read to its end, once the connection had its chance to go back to the pool.
    pub(crate) async fn finish(mut self) {
        if let Some(mut lane) = self.lane.take() {
            // The task that puts the connection back was woken before this one was, or by the same read; tasks run in the
            // order in which they were woken.
            tokio::task::yield_now().await;
            if let Some(permit) = lane.permit.take() {
                lane.lanes.give_back(lane.number, permit);
            }
        }
    }
}

impl Lease {
    /// The same for where one cannot wait: in the middle of relaying a body.
    pub(crate) fn finish_soon(mut self) {
        if let Some(mut lane) = self.lane.take() {
            lane.release(1);
        }
    }
}

impl Lane {
    /// Frees the lane once other tasks have run `yields` times.
    fn release(&mut self, yields: usize) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        let (lanes, number) = (Arc::clone(&self.lanes), self.number);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    for _ in 0..yields {
                        tokio::task::yield_now().await;
                    }
                    lanes.give_back(number, permit);
                });
            }
            // The runtime is gone and its connections with it.
            Err(_) => lanes.give_back(number, permit),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.release(YIELDS_AFTER_ABANDON);
    }
}
