//! The limits on connections and streams: a limit of N connections is N *lanes*, each a client with one connection.
//!
//! What holds always: a lane has at most one connection, so N lanes never have more than N. Over HTTP/1.1 it serves one
//! exchange at a time, over HTTP/2 as many as `streams` says; where connections are not kept, one, since each exchange opens
//! its own. One client with N permits would not do: its pool starts a
//! connection and also waits for a freed one, uses whichever comes first and keeps both. A lane's place is free again only
//! when its connection has gone back to its pool or has been closed.

use super::Share;
use super::client::Connecting;
use super::config::{HttpVersion, TransportConfig};
use super::error::TransportError;
use reqwest::Client;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often a broken-off exchange lets other tasks run before its lane is free: the connection's own task must see that it
/// was abandoned and close.
const YIELDS_AFTER_ABANDON: usize = 4;
/// The same for an exchange that has ended well. The task that puts its connection back was woken before, or by the same read;
/// tasks run in the order in which they were woken.
const YIELDS_AFTER_END: usize = 1;
/// Places at most: connections × streams. More than any load has in flight on one thread.
const MAX_PLACES: usize = 1_000_000;

/// The connections of one load thread, or of one gateway.
pub(crate) enum Lanes {
    /// No limit: one client, its pool decides.
    Shared(Client),
    /// So many HTTP/2 connections, any number of streams: in turns.
    Spread(Clients, AtomicUsize),
    /// A limit on what goes on at once.
    Limited(Arc<Limited>),
}

/// The clients of lanes, each made when its lane is first used: a limit may be far above what there is to do.
pub(crate) struct Clients {
    connecting: Box<Connecting>,
    made: Vec<OnceLock<Client>>,
    /// How many of the first lanes keep their connection when idle.
    keepers: usize,
}

impl Clients {
    /// Makes the first one at once, so that what is wrong with the settings is known.
    fn new(
        connecting: Connecting,
        lanes: usize,
        keepers: usize,
    ) -> Result<Clients, TransportError> {
        let clients = Clients {
            connecting: Box::new(connecting),
            made: (0..lanes).map(|_| OnceLock::new()).collect(),
            keepers,
        };
        let first = clients.make(0)?;
        clients.made[0].get_or_init(|| first);
        Ok(clients)
    }

    fn make(&self, lane: usize) -> Result<Client, TransportError> {
        let idle = usize::from(lane < self.keepers);
        self.connecting.client(Some(idle))
    }

    fn of(&self, lane: usize) -> &Client {
        self.made[lane].get_or_init(|| match self.make(lane) {
            Ok(client) => client,
            Err(error) => unreachable!("the same settings have made the first client: {error}"),
        })
    }
}

/// Lanes behind a limit.
pub(crate) struct Limited {
    clients: Clients,
    free: Mutex<Free>,
    /// As many permits as free places; its queue is first in, first out.
    permits: Arc<Semaphore>,
    /// Lanes with many places are used in turns; those with one by who was used last.
    in_turns: bool,
    /// How often other tasks run between the end of an exchange and the freeing of its place.
    yields: usize,
}

/// Numbers of lanes, each as often as it has free places. What was used last is taken first, so that idle connections are as
/// young as can be; lanes that carry many requests are taken in turns instead.
#[derive(Default)]
struct Free {
    keepers: VecDeque<usize>,
    others: VecDeque<usize>,
}

impl Lanes {
    /// Builds the share's part of the connections that `config` allows.
    pub(crate) fn new(
        connecting: Connecting,
        config: &TransportConfig,
        share: Share,
    ) -> Result<Lanes, TransportError> {
        let pool = config.pool.map(|total| share.part(total));
        let limits = &config.limits;
        let shares = config.keep_alive;
        let streams = limits.streams.filter(|_| shares);
        let connections = match limits.connections {
            Some(total) => share.part(total),
            // Each load thread needs a connection of its own.
            None if streams.is_some() => 1,
            None => return Ok(Lanes::Shared(connecting.client(pool)?)),
        };
        if connections == 0 {
            return Err(TransportError::ShareIsEmpty {
                limit: limits.connections.unwrap_or_default(),
                threads: share.of,
            });
        }
        let keepers = pool.unwrap_or(connections).min(connections);
        let clients = Clients::new(connecting, connections, keepers)?;
        let streams = match streams {
            Some(streams) => streams.min((MAX_PLACES / connections).max(1)),
            None if shares && config.http.is_multiplexed() => {
                return Ok(Lanes::Spread(clients, AtomicUsize::new(0)));
            }
            None => 1,
        };
        let places = |lanes: std::ops::Range<usize>| {
            (0..streams)
                .flat_map(|_| lanes.clone().rev())
                .collect::<VecDeque<_>>()
        };
        let free = Free {
            keepers: places(0..keepers),
            others: places(keepers..connections),
        };
        Ok(Lanes::Limited(Arc::new(Limited {
            clients,
            free: Mutex::new(free),
            permits: Arc::new(Semaphore::new(connections * streams)),
            in_turns: streams > 1,
            // An HTTP/2 connection that is not kept is closed by its own task, which other tasks must wake.
            yields: if shares || config.http == HttpVersion::Http11 {
                YIELDS_AFTER_END
            } else {
                YIELDS_AFTER_ABANDON
            },
        })))
    }

    /// The most exchanges there can be at once; `None` for no limit.
    pub(crate) fn limit(&self) -> Option<usize> {
        match self {
            Lanes::Shared(_) | Lanes::Spread(..) => None,
            Lanes::Limited(lanes) => Some(lanes.permits.available_permits()),
        }
    }

    /// Waits, first come first served, for the right to send one request.
    pub(crate) async fn lease(&self) -> Lease {
        let lanes = match self {
            Lanes::Shared(client) => return Lease::of(client),
            Lanes::Spread(clients, next) => {
                let turn = next.fetch_add(1, Ordering::Relaxed) % clients.made.len();
                return Lease::of(clients.of(turn));
            }
            Lanes::Limited(lanes) => lanes,
        };
        let Ok(permit) = Arc::clone(&lanes.permits).acquire_owned().await else {
            unreachable!("the semaphore is never closed")
        };
        let number = lanes.take();
        Lease {
            client: lanes.clients.of(number).clone(),
            lane: Some(Lane {
                lanes: Arc::clone(lanes),
                number,
                permit: Some(permit),
            }),
        }
    }
}

impl Limited {
    /// The number of a lane with a free place. The caller holds a permit, so there is one.
    fn take(&self) -> usize {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let next = |places: &mut VecDeque<usize>| {
            if self.in_turns {
                places.pop_front()
            } else {
                places.pop_back()
            }
        };
        let keeper = next(&mut free.keepers);
        match keeper.or_else(|| next(&mut free.others)) {
            Some(number) => number,
            None => unreachable!("there are as many permits as free places"),
        }
    }

    /// The place is free; `permit` lets the next exchange have it.
    fn give_back(&self, number: usize, permit: OwnedSemaphorePermit) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if number < self.clients.keepers {
            free.keepers.push_back(number);
        } else {
            free.others.push_back(number);
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
    fn of(client: &Client) -> Lease {
        Lease {
            client: client.clone(),
            lane: None,
        }
    }

    /// The client to send the one request with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Ends a lease whose answer has been read to its end, once the connection had its chance to go back to the pool.
    pub(crate) async fn finish(mut self) {
        if let Some(mut lane) = self.lane.take() {
            for _ in 0..lane.lanes.yields {
                tokio::task::yield_now().await;
            }
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
            lane.release(lane.lanes.yields);
        }
    }
}

impl Lane {
    /// Frees the place once other tasks have run `yields` times.
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
