//! How transports fail, told apart: patterns in the figures that have a known cause behind them.
//!
//! Each is a sentence for the notices, with the figures that led to it. They are hints, not verdicts: what is said is what was
//! seen, and what usually does that.

use super::snapshot::{Connections, Figures, Notice, NoticeLevel};
use super::trend::Trend;
use super::two_speeds::two_speeds;
use crate::text::{self, Percentile};
use std::time::Duration;

/// Requests before a pattern is looked for.
const LEAST: u64 = 100;
/// Failures before their times are looked at.
const LEAST_FAILURES: u64 = 5;
/// How many times faster than answers failures must be to count as instant.
const INSTANT: u64 = 10;
/// Time limits that libraries and proxies have by default, in seconds.
const DEFAULT_LIMITS_S: [f64; 9] = [5.0, 10.0, 15.0, 30.0, 60.0, 90.0, 120.0, 300.0, 600.0];
/// How near to such a limit a time must be, as a share of it.
const NEAR: f64 = 0.03;
/// Requests on a connection below which keeping it has not helped.
const KEPT: f64 = 2.0;
/// How far apart the halves of a run must be before they look like starvation.
const STARVING: (f64, f64) = (0.2, -0.1);

/// What is looked at.
pub(super) struct Signs<'a> {
    pub(super) run: &'a Figures,
    pub(super) connections: &'a Connections,
    /// First bytes of ok requests: (µs, how many), by time.
    pub(super) ttfb: &'a [(u64, u64)],
    pub(super) trend: &'a Trend,
    /// Connections are meant to be kept.
    pub(super) keeps: bool,
    /// A closed loop: its users do not change, so neither should its latency.
    pub(super) closed: bool,
    /// The transport's own limits on the time of an answer, as they are set.
    pub(super) limits: &'a [(&'static str, Duration)],
    /// The load's own, in seconds.
    pub(super) timeout_s: f64,
}

/// The patterns that `name` shows.
pub(super) fn signatures(name: &str, signs: &Signs<'_>) -> Vec<Notice> {
    let warning = |text| Notice {
        level: NoticeLevel::Warning,
        text,
    };
    let info = |text| Notice {
        level: NoticeLevel::Info,
        text,
    };
    [
        stale(name, signs.connections).map(warning),
        failure_times(name, signs.run).map(warning),
        hanging(name, signs).map(warning),
        not_kept(name, signs).map(warning),
        starving(name, signs).map(warning),
        two_speeds(signs.ttfb)
            .map(|speeds| speeds.words(name))
            .map(info),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn stale(name: &str, connections: &Connections) -> Option<String> {
    let stale = connections.stale;
    (stale > 0).then(|| {
        let (requests, connections) = if stale == 1 {
            ("1 request".to_owned(), "a kept connection")
        } else {
            (format!("{} requests", text::count(stale)), "kept connections")
        };
        format!(
            "{name} fails one round trip after reuse: stale keep-alive ({requests} on {connections} that the server had closed; \
             where they had been idle, a pool_idle below its limit avoids that)"
        )
    })
}

/// The commonest failure of requests that were sent.
fn commonest(run: &Figures) -> Option<(&str, u64)> {
    run.outcomes
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "ok" | "cancelled" | "dropped" | "client"))
        .max_by_key(|(_, count)| **count)
        .map(|(name, count)| (name.as_str(), *count))
        .filter(|(_, count)| *count >= LEAST_FAILURES)
}

/// Failures that come much faster than answers, or after just the time that something gives up after by default.
fn failure_times(name: &str, run: &Figures) -> Option<String> {
    let (kind, _) = commonest(run)?;
    let Percentile::Exactly(failed) = run.failed_service_us.get("p50") else {
        return None;
    };
    let after = text::latency(failed as f64);
    if let Percentile::Exactly(ok) = run.service_us.get("p50")
        && failed.saturating_mul(INSTANT) < ok
    {
        let ok = text::latency(ok as f64);
        return match kind {
            "http_429" | "http_503" => Some(format!(
                "{name} refuses fast: {kind} after {after}, answers take {ok}; counted as latency, that would make its median look \
                 better"
            )),
            // A gateway's own words for an upstream that it could not reach, or that took too long.
            "http_408" | "http_502" | "http_504" => Some(format!(
                "{name}'s failures come at once: {kind} after {after}, answers take {ok}; nothing was tried, as with a poisoned \
                 pool"
            )),
            // A wrong key, path or body looks the same with any pool.
            _ if kind.starts_with("http_4") => Some(format!(
                "{name}'s requests are refused at once: {kind} after {after}, answers take {ok}"
            )),
            _ => None,
        };
    }
    if kind == "timeout" {
        return None;
    }
    let seconds = failed as f64 / 1e6;
    let limit = DEFAULT_LIMITS_S
        .iter()
        .find(|limit| is_near(seconds, **limit))?;
    Some(format!(
        "{name} hangs: {kind} after {after}, just the {} that something behind it waits by default",
        text::seconds(*limit)
    ))
}

fn is_near(seconds: f64, limit_s: f64) -> bool {
    (seconds / limit_s - 1.0).abs() < NEAR
}

/// Requests that took all the time that one of the limits here gives them, and which limit that was.
fn hanging(name: &str, signs: &Signs<'_>) -> Option<String> {
    let run = signs.run;
    let count = *run.outcomes.get("timeout")?;
    if signs.connections.opened == 0 && signs.connections.failed > 0 {
        return Some(format!(
            "{name} cannot be reached: no connection was made within the time that requests have"
        ));
    }
    if count < LEAST_FAILURES {
        return None;
    }
    let requests = format!("{} requests", text::count(count));
    let limits = || {
        let own = signs.limits.iter();
        own.map(|&(key, limit)| {
            (
                format!("{key}={}", text::setting(limit)),
                limit.as_secs_f64(),
            )
        })
        .chain([(
            format!("--timeout {}", setting_s(signs.timeout_s)),
            signs.timeout_s,
        )])
    };
    // Only where most failures are timeouts is their time that of one.
    let took = match run.failed_service_us.get("p50") {
        Percentile::Exactly(us) if commonest(run).is_some_and(|(kind, _)| kind == "timeout") => {
            Some(us as f64 / 1e6)
        }
        _ => None,
    };
    let limit = match took {
        Some(seconds) => limits().find(|(_, limit)| is_near(seconds, *limit)),
        None if signs.limits.is_empty() => limits().next(),
        None => None,
    };
    Some(match (limit, took) {
        (Some((limit, _)), _) if limit.starts_with("read_timeout") => {
            format!("{name} falls silent: {requests} were ended by {limit}")
        }
        (Some((limit, _)), _) => {
            format!("{name} hangs: {requests} took all the time that {limit} gives")
        }
        // The load's own limit counts from the intended start: some of it had passed before these were sent.
        (None, Some(seconds)) => format!(
            "{name} hangs: {requests} timed out, {} after they were sent",
            text::latency(seconds * 1e6)
        ),
        (None, None) => format!("{name} hangs: {requests} timed out"),
    })
}

/// Seconds in the form that options take.
fn setting_s(seconds: f64) -> String {
    Duration::try_from_secs_f64(seconds).map_or_else(|_| text::seconds(seconds), text::setting)
}

/// Connections that are kept, and yet opened again and again.
fn not_kept(name: &str, signs: &Signs<'_>) -> Option<String> {
    let each = signs.connections.requests_per_connection?;
    let opened = signs.connections.opened_per_s.filter(|rate| *rate > 0.5)?;
    // Where nothing is answered there is nothing to keep.
    (signs.keeps && signs.run.ok >= LEAST && signs.connections.opened >= LEAST && each < KEPT).then(|| {
        format!(
            "{name} does not keep connections: {} opened per second, {} requests each, though keep_alive is on; the server closes \
             them, or they leak",
            text::rate(opened),
            text::figure(each)
        )
    })
}

/// Slower and slower under one load, and fewer and fewer answers.
fn starving(name: &str, signs: &Signs<'_>) -> Option<String> {
    let (p50, rps) = (signs.trend.p50_drift?, signs.trend.rps_drift?);
    (signs.closed && p50 > STARVING.0 && rps < STARVING.1).then(|| {
        format!(
            "{name} starves slowly: p50 {} higher, RPS {} lower in the second half under one load, as with a pool that is too small \
             or leaks; a restart would hide it",
            text::share(p50),
            text::share(-rps)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Latency;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn p50(us: u64) -> Latency {
        Latency {
            p50: Some(us),
            ..Latency::default()
        }
    }

    /// A run whose answers take 200 ms, with failures of one kind.
    fn run(kind: &str, failures: u64, after_us: u64) -> Figures {
        Figures {
            ok: 1_000,
            failed: failures,
            outcomes: BTreeMap::from([("ok".to_owned(), 1_000), (kind.to_owned(), failures)]),
            service_us: p50(200_000),
            failed_service_us: p50(after_us),
            ..Figures::default()
        }
    }

    fn said(run: &Figures, connections: &Connections, trend: &Trend) -> Vec<String> {
        said_with(&[], run, connections, trend)
    }

    fn said_with(
        limits: &[(&'static str, Duration)],
        run: &Figures,
        connections: &Connections,
        trend: &Trend,
    ) -> Vec<String> {
        let signs = Signs {
            run,
            connections,
            ttfb: &[],
            trend,
            keeps: true,
            closed: true,
            limits,
            timeout_s: 30.0,
        };
        let found = signatures("B", &signs);
        found.into_iter().map(|notice| notice.text).collect()
    }

    #[test]
    fn failures_are_told_apart_by_their_time() {
        for (kind, after_us, expected) in [
            ("http_503", 2_000, "B refuses fast: http_503 after 2.00 ms"),
            ("http_429", 2_000, "would make its median look better"),
            ("http_504", 2_000, "as with a poisoned pool"),
            ("http_502", 2_000, "B's failures come at once"),
            (
                "http_401",
                165,
                "B's requests are refused at once: http_401 after 165 µs, answers take 200 ms",
            ),
            (
                "timeout",
                30_000_000,
                "B hangs: 50 requests took all the time that --timeout 30s gives",
            ),
            (
                "timeout",
                7_000_000,
                "B hangs: 50 requests timed out, 7.00 s after they were sent",
            ),
            ("http_504", 60_400_000, "just the 60 s that something"),
            ("http_503", 60_400_000, "B hangs: http_503 after"),
        ] {
            let found = said(
                &run(kind, 50, after_us),
                &Connections::default(),
                &Trend::default(),
            );
            assert_eq!(found.len(), 1, "{kind} {after_us}: {found:?}");
            assert!(found[0].contains(expected), "{found:?}");
        }
        for (kind, failures, after_us) in [
            ("http_500", 50, 180_000),
            ("http_500", 50, 200),
            ("http_400", 50, 180_000),
            ("connect", 50, 200),
            ("timeout", 4, 30_000_000),
            ("http_503", 4, 2_000),
            ("http_504", 50, 45_000_000),
        ] {
            let found = said(
                &run(kind, failures, after_us),
                &Connections::default(),
                &Trend::default(),
            );
            assert!(found.is_empty(), "{kind} {after_us}: {found:?}");
        }
    }

    #[test]
    fn a_hang_is_said_with_the_limit_that_ended_it() {
        let limits = [
            ("timeout", Duration::from_millis(300)),
            ("read_timeout", Duration::from_millis(70)),
        ];
        for (after_us, expected) in [
            (
                300_400,
                "B hangs: 50 requests took all the time that timeout=300ms gives",
            ),
            (
                70_900,
                "B falls silent: 50 requests were ended by read_timeout=70ms",
            ),
            (
                200_000,
                "B hangs: 50 requests timed out, 200 ms after they were sent",
            ),
        ] {
            let found = said_with(
                &limits,
                &run("timeout", 50, after_us),
                &Connections::default(),
                &Trend::default(),
            );
            assert_eq!(found, [expected]);
        }
        // Among other failures their own time is not known.
        let mut mixed = run("http_503", 51, 2_000);
        mixed.outcomes.insert("timeout".to_owned(), 50);
        let found = said(&mixed, &Connections::default(), &Trend::default());
        assert_eq!(
            found[1],
            "B hangs: 50 requests took all the time that --timeout 30s gives"
        );
        let found = said_with(&limits, &mixed, &Connections::default(), &Trend::default());
        assert_eq!(found[1], "B hangs: 50 requests timed out");
    }

    #[test]
    fn a_stale_connection_is_named() {
        let connections = Connections {
            stale: 12,
            ..Connections::default()
        };
        let found = said(&run("protocol", 12, 400), &connections, &Trend::default());
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0]
                .starts_with("B fails one round trip after reuse: stale keep-alive (12 requests")
        );
    }

    #[test]
    fn connections_that_do_not_last_are_named_only_where_they_should() {
        let connections = |each| Connections {
            opened: 900,
            opened_per_s: Some(90.0),
            requests_per_connection: Some(each),
            ..Connections::default()
        };
        let ok = run("http_500", 0, 0);
        let found = said(&ok, &connections(1.1), &Trend::default());
        assert!(
            found[0].starts_with("B does not keep connections"),
            "{found:?}"
        );
        assert!(said(&ok, &connections(40.0), &Trend::default()).is_empty());
        let failing = Figures {
            ok: 0,
            failed: 900,
            ..Figures::default()
        };
        assert!(said(&failing, &connections(0.0), &Trend::default()).is_empty());
    }

    #[test]
    fn a_slow_starvation_is_a_drift_of_both() {
        let trend = |rps, p50| Trend {
            rps_drift: Some(rps),
            p50_drift: Some(p50),
            growing: None,
        };
        let ok = run("http_500", 0, 0);
        let found = said(&ok, &Connections::default(), &trend(-0.3, 0.5));
        assert!(found[0].contains("starves slowly: p50 50"), "{found:?}");
        assert!(said(&ok, &Connections::default(), &trend(0.3, 0.5)).is_empty());
        assert!(said(&ok, &Connections::default(), &trend(-0.3, -0.1)).is_empty());
    }

    proptest! {
        #[test]
        fn no_figures_panic(
            times in prop::collection::vec((0..u64::MAX, 0..1_u64 << 40), 0..50),
            (failed, after) in (0..u64::MAX / 2, 0..u64::MAX),
        ) {
            let mut times = times;
            times.sort_unstable();
            let _ = two_speeds(&times);
            let _ = said(&run("timeout", failed, after), &Connections::default(), &Trend::default());
        }
    }
}
