//! What one variant's connections did: opened, failed, reused, went stale, and where the time of opening them went. Written
//! by every load thread of the variant, read by whoever shows it.

use super::dns::Known;
use hdrhistogram::Histogram;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest time that can be told apart: one hour, in microseconds.
const MAX_US: u64 = 3_600_000_000;
/// Different agreements that are told apart; there are a handful at most, since they come from our own offer.
const MAX_AGREEMENTS: usize = 16;

/// What agreements call HTTP over QUIC.
pub(super) const HTTP3: &str = "HTTP/3";

/// Counters shared by all load threads of one variant. They only grow. As the one thing that these threads have in common, it
/// also carries what they look up together.
#[derive(Debug)]
pub struct ConnectionCounters {
    opened: AtomicU64,
    failed: AtomicU64,
    reused: AtomicU64,
    answered: AtomicU64,
    most_answered: AtomicU64,
    nameless: AtomicBool,
    stale: AtomicU64,
    resent: AtomicU64,
    limit: AtomicU64,
    tells_closes: AtomicBool,
    closed: [AtomicU64; 3],
    /// Read ten times a second and written seldom, so readers share it; whoever writes while one of them looks writes to a copy.
    openings: Mutex<Arc<Openings>>,
    known: Arc<Known>,
}

/// A reading of [`ConnectionCounters`].
#[derive(Clone, Debug)]
pub struct ConnectionTotals {
    /// Connections opened, TLS handshake included.
    pub opened: u64,
    /// Attempts that ended without a connection, those among them that were given up together with their request.
    pub failed: u64,
    /// Answers that came over a connection which had already served another.
    pub reused: u64,
    /// Answers.
    pub answered: u64,
    /// The most answers that one connection has given; `None` where connections cannot be told apart.
    pub most_answered: Option<u64>,
    /// Requests that failed because the server had closed the kept connection they were sent on: a reset or an end before
    /// the first byte of an answer.
    pub stale: u64,
    /// How often a request was sent again, because an HTTP/2 server had left it out of its farewell.
    pub resent: u64,
    /// How many requests the limits on connections and streams let go on at once, over all threads; `None` without a limit.
    pub limit: Option<u64>,
    /// Connections closed: by the server, by us, by us for having been idle too long; `None` where that cannot be known.
    pub closed: Option<[u64; 3]>,
    /// How connections were opened.
    pub openings: Arc<Openings>,
}

/// How connections were opened: where the time went, in microseconds, and what was agreed on.
#[derive(Clone, Debug)]
pub struct Openings {
    /// DNS, TCP, proxy and TLS together.
    pub connect_us: Histogram<u32>,
    /// The look-up of the name, where there was one.
    pub dns_us: Histogram<u32>,
    /// TCP, and the words with a proxy.
    pub tcp_us: Histogram<u32>,
    /// The TLS handshake, where there was one.
    pub tls_us: Histogram<u32>,
    /// TLS handshakes in which the server showed its certificate.
    pub full_handshakes: u64,
    /// TLS handshakes that resumed a session.
    pub resumed_handshakes: u64,
    /// What was agreed on, and for how many connections; the latest new one last.
    pub agreements: Vec<(Agreement, u64)>,
}

/// What the two ends of a connection have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// `HTTP/1.1` or `HTTP/2`.
    pub http: &'static str,
    /// `TLS 1.3` with its cipher suite, e.g. `TLS13_AES_256_GCM_SHA384`; `None` in clear text.
    pub tls: Option<(&'static str, &'static str)>,
}

/// How one connection was opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// How long it took in all.
    pub took: Duration,
    /// The look-up of the name, if there was one.
    pub dns: Option<Duration>,
    /// The TLS handshake, if there was one, and whether it resumed a session.
    pub tls: Option<(Duration, bool)>,
    /// What was agreed on.
    pub agreement: Agreement,
}

/// Who closed a connection; the place of its count in [`ConnectionTotals::closed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The server, or the network: an end, a reset.
    Peer,
    /// The client, for any other reason than idleness.
    Us,
    /// The client, because it was idle for too long.
    Idle,
}

impl Agreement {
    /// Whether there was a TCP connection (or a Unix socket) before TLS: QUIC does both in one.
    fn is_over_tcp(self) -> bool {
        self.http != HTTP3
    }
}

impl Default for Openings {
    fn default() -> Self {
        Openings {
            connect_us: times(),
            dns_us: times(),
            tcp_us: times(),
            tls_us: times(),
            full_handshakes: 0,
            resumed_handshakes: 0,
            agreements: Vec::new(),
        }
    }
}

fn times() -> Histogram<u32> {
    Histogram::new_with_bounds(1, MAX_US, 3)
        .unwrap_or_else(|_| unreachable!("constant bounds that hdrhistogram accepts"))
}

fn record(times: &mut Histogram<u32>, time: Duration) {
    let us = (time.as_micros() as u64).clamp(1, MAX_US);
    // Cannot be out of range after the clamp; a connect time is worth losing rather than the run.
    let _ = times.record(us);
}

impl Openings {
    fn count(&mut self, opening: &Opening) {
        record(&mut self.connect_us, opening.took);
        let mut tcp = opening.took;
        if let Some(dns) = opening.dns {
            record(&mut self.dns_us, dns);
            tcp = tcp.saturating_sub(dns);
        }
        if let Some((took, resumed)) = opening.tls {
            record(&mut self.tls_us, took);
            tcp = tcp.saturating_sub(took);
            if resumed {
                self.resumed_handshakes += 1;
            } else {
                self.full_handshakes += 1;
            }
        }
        if opening.agreement.is_over_tcp() {
            record(&mut self.tcp_us, tcp);
        }
        let agreements = &mut self.agreements;
        match agreements
            .iter()
            .position(|(known, _)| *known == opening.agreement)
        {
            Some(known) => agreements[known].1 += 1,
            None if agreements.len() < MAX_AGREEMENTS => agreements.push((opening.agreement, 1)),
            None => {}
        }
    }
}

impl Default for ConnectionCounters {
    fn default() -> Self {
        ConnectionCounters {
            opened: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            reused: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            most_answered: AtomicU64::new(0),
            nameless: AtomicBool::new(false),
            stale: AtomicU64::new(0),
            resent: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            tells_closes: AtomicBool::new(false),
            closed: Default::default(),
            openings: Mutex::default(),
            known: Arc::default(),
        }
    }
}

impl ConnectionCounters {
    /// All zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The addresses that the variant has looked up once and for all.
    pub(super) fn known(&self) -> &Arc<Known> {
        &self.known
    }

    /// One connection was opened.
    pub fn count_opened(&self, opening: &Opening) {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Arc::make_mut(&mut self.openings()).count(opening);
    }

    /// One attempt ended without a connection.
    pub fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// One more answer came over a connection that has given so many by now, this one included.
    pub fn count_answered(&self, by_now: u64) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if by_now > 1 {
            self.reused.fetch_add(1, Ordering::Relaxed);
        }
        // Read first: the value rarely changes, and all threads share it.
        if self.most_answered.load(Ordering::Relaxed) < by_now {
            self.most_answered.fetch_max(by_now, Ordering::Relaxed);
        }
    }

    /// One more answer came over a connection that cannot be told from others; `again`: it had given one before.
    pub fn count_answered_somewhere(&self, again: bool) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.reused.fetch_add(u64::from(again), Ordering::Relaxed);
        self.nameless.store(true, Ordering::Relaxed);
    }

    /// One request failed because its kept connection had been closed by the server.
    pub fn count_stale(&self) {
        self.stale.fetch_add(1, Ordering::Relaxed);
    }

    /// One request was sent once more.
    pub fn count_resent(&self) {
        self.resent.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on every close is counted.
    pub fn tell_closes(&self) {
        self.tells_closes.store(true, Ordering::Relaxed);
    }

    /// One connection was closed.
    pub fn count_closed(&self, by: Closed) {
        self.closed[by as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// One more load thread lets so many requests go on at once.
    pub fn add_limit(&self, places: usize) {
        self.limit.fetch_add(places as u64, Ordering::Relaxed);
    }

    /// Everything so far. The figures are read one after another: each is exact, together they may be a request apart.
    pub fn totals(&self) -> ConnectionTotals {
        ConnectionTotals {
            opened: self.opened.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            reused: self.reused.load(Ordering::Relaxed),
            answered: self.answered.load(Ordering::Relaxed),
            most_answered: Some(self.most_answered.load(Ordering::Relaxed))
                .filter(|_| !self.nameless.load(Ordering::Relaxed)),
            stale: self.stale.load(Ordering::Relaxed),
            resent: self.resent.load(Ordering::Relaxed),
            limit: Some(self.limit.load(Ordering::Relaxed)).filter(|limit| *limit > 0),
            closed: self.tells_closes.load(Ordering::Relaxed).then(|| {
                self.closed
                    .each_ref()
                    .map(|count| count.load(Ordering::Relaxed))
            }),
            openings: Arc::clone(&self.openings()),
        }
    }

    fn openings(&self) -> MutexGuard<'_, Arc<Openings>> {
        self.openings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAR: Agreement = Agreement {
        http: "HTTP/1.1",
        tls: None,
    };

    fn took(took: Duration) -> Opening {
        Opening {
            took,
            dns: None,
            tls: None,
            agreement: CLEAR,
        }
    }

    #[test]
    fn totals_tell_what_was_counted() {
        let counters = ConnectionCounters::new();
        counters.count_opened(&took(Duration::from_micros(250)));
        counters.count_opened(&took(Duration::from_secs(7_200)));
        counters.count_opened(&took(Duration::ZERO));
        counters.count_failed();
        counters.count_answered(1);
        counters.count_answered(2);
        counters.count_answered(1);
        counters.count_stale();
        let totals = counters.totals();
        assert_eq!((totals.opened, totals.failed, totals.stale), (3, 1, 1));
        assert_eq!((totals.answered, totals.reused), (3, 1));
        assert_eq!(totals.most_answered, Some(2));
        counters.count_answered_somewhere(true);
        let totals = counters.totals();
        assert_eq!((totals.answered, totals.reused), (4, 2));
        assert_eq!(totals.most_answered, None, "that one may have given more");
        let connect = &totals.openings.connect_us;
        assert_eq!((connect.len(), connect.min()), (3, 1));
        assert_eq!(connect.value_at_quantile(0.5), 250);
        assert_eq!(totals.openings.agreements, [(CLEAR, 3)]);
    }

    #[test]
    fn what_has_been_read_stays_as_it_was() {
        let counters = ConnectionCounters::new();
        counters.count_opened(&took(Duration::from_micros(250)));
        let before = counters.totals();
        counters.count_opened(&took(Duration::from_micros(500)));
        let after = counters.totals();
        let counted = |totals: &ConnectionTotals| totals.openings.connect_us.len();
        assert_eq!((counted(&before), counted(&after)), (1, 2));
        assert_eq!(after.openings.agreements, [(CLEAR, 2)]);
    }

    #[test]
    fn the_time_to_connect_has_parts() {
        let counters = ConnectionCounters::new();
        let tls = Agreement {
            http: "HTTP/2",
            tls: Some(("TLS 1.3", "TLS13_AES_256_GCM_SHA384")),
        };
        for resumed in [false, true, true] {
            counters.count_opened(&Opening {
                took: Duration::from_millis(1),
                dns: Some(Duration::from_micros(100)),
                tls: Some((Duration::from_micros(600), resumed)),
                agreement: tls,
            });
        }
        let openings = counters.totals().openings;
        assert_eq!(openings.dns_us.max(), 100);
        assert!(openings.tcp_us.equivalent(openings.tcp_us.max(), 300));
        assert!(openings.tls_us.equivalent(openings.tls_us.max(), 600));
        assert_eq!(openings.full_handshakes, 1);
        assert_eq!(openings.resumed_handshakes, 2);
        assert_eq!(openings.agreements, [(tls, 3)]);
    }
}
