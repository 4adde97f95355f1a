//! What a reader must know beside the figures.

use super::checks::NEAR_CEILING;
use super::notes::MAX_NOTES;
use super::signatures::signatures;
use super::snapshot::{
    ErrorText, Figures, LoadRecord, Notice, NoticeLevel, Phase, VariantSnapshot,
};
use super::variant::Variant;
use crate::text;

/// Share of the users waiting for an answer from which their number sets the latency.
const SATURATED: f64 = 0.6;

/// Share of the measured time at the limit of requests in flight that is worth a word.
const AT_LIMIT: f64 = 0.01;

/// Outcomes named where requests failed in several ways.
const NAMED: usize = 3;

/// Seconds of the run before what limits it is said: at its beginning all users ask at once.
const SETTLED_S: f64 = 5.0;

/// What the notices look at.
pub(super) struct Noticed<'a> {
    pub(super) phase: Phase,
    pub(super) load: &'a LoadRecord,
    pub(super) variants: &'a [Variant],
    pub(super) shown: &'a [&'a VariantSnapshot],
    /// The present think time: shortest and longest, in seconds (closed loop).
    pub(super) think_s: Option<[f64; 2]>,
    /// The present number of users per variant (closed loop).
    pub(super) users: Option<u32>,
}

/// What limits either side, in the present figures.
pub(super) fn notices(noticed: &Noticed<'_>) -> Vec<Notice> {
    let mut found = Vec::new();
    for (i, v) in noticed.shown.iter().enumerate() {
        let name = name(i, noticed.shown.len());
        found.extend(failures(name, v, noticed.phase));
        found.extend(one_request_each(
            name,
            v,
            noticed.variants[i].one_request_each(),
        ));
        if matches!(
            noticed.phase,
            Phase::Measuring | Phase::Paused | Phase::Draining | Phase::Done
        ) {
            let variant = &noticed.variants[i];
            let load = noticed.load;
            found.extend(
                noticed
                    .users
                    .and_then(|users| closed_loop(name, v, variant, noticed.think_s, users)),
            );
            found.extend(open_loop(name, v, variant, load));
            found.extend(queue(name, variant, load));
            found.extend(drifting(name, variant));
            found.extend(signatures(
                name,
                &variant.signs(v, load.rate.is_none(), load.timeout_s),
            ));
        }
    }
    found
}

/// What variant `i` of `of` is called.
pub(super) fn name(i: usize, of: usize) -> &'static str {
    match (i, of) {
        (_, 1) => "the gateway",
        (0, _) => "A",
        _ => "B",
    }
}

fn notice(level: NoticeLevel, text: String) -> Notice {
    Notice { level, text }
}

/// Marks of the user's own that had to go are missed by somebody.
pub(super) fn notes_gone(gone: u64) -> Option<Notice> {
    (gone > 0).then(|| {
        let text = format!(
            "only the last {MAX_NOTES} notes are kept, {} older ones are gone",
            text::count(gone)
        );
        notice(NoticeLevel::Info, text)
    })
}

/// The words for a queue that grows without end, in either variant: they withhold what would be said about latency.
pub(super) fn growing_queue(variants: &[Variant], load: &LoadRecord) -> Option<String> {
    variants
        .iter()
        .enumerate()
        .find_map(|(i, v)| queue(name(i, variants.len()), v, load))
        .map(|notice| notice.text)
}

/// The same where a queue grows within each block: `behind` is the share of the requests that stay behind.
pub(super) fn queue_in_blocks(behind: f64) -> String {
    format!(
        "a queue grows within each block ({} of the requests stay behind): latency depends on how long one waits",
        text::share(behind)
    )
}

fn queue(name: &str, variant: &Variant, load: &LoadRecord) -> Option<Notice> {
    load.rate?;
    let behind = variant.trend().growing?;
    let text = format!(
        "{name}'s queue grows without end ({} of the requests stay behind): latency depends on how long one waits",
        text::share(behind)
    );
    Some(notice(NoticeLevel::Warning, text))
}

fn drifting(name: &str, variant: &Variant) -> Option<Notice> {
    let trend = variant.trend();
    let words = |what: &str, change: f64| {
        let way = if change > 0.0 { "higher" } else { "lower" };
        format!("{what} {} {way}", text::share(change.abs()))
    };
    let changes: Vec<String> = trend
        .rps_drift
        .map(|change| words("RPS", change))
        .into_iter()
        .chain(trend.p50_drift.map(|change| words("p50", change)))
        .collect();
    (!changes.is_empty()).then(|| {
        let text = format!(
            "{name} drifts: the second half of the run differs from the first by more than noise ({})",
            changes.join(", ")
        );
        notice(NoticeLevel::Warning, text)
    })
}

/// A limit on connections that became one on requests, since the server chose HTTP/2.
fn one_request_each(name: &str, v: &VariantSnapshot, connections: Option<usize>) -> Option<Notice> {
    let limit = connections?;
    let mut agreed = v.connections.agreed.iter();
    agreed.any(|agreed| agreed.http == "HTTP/2").then(|| {
        let text = format!(
            "{name} agreed on HTTP/2, but with http=auto max_connections={limit} lets {limit} {} go on at once, one on each connection; \
             give http=2 for many on each, or http=1.1",
            if limit == 1 { "request" } else { "requests" }
        );
        notice(NoticeLevel::Warning, text)
    })
}

/// While it runs, the live window; afterwards the whole run.
fn failures(name: &str, v: &VariantSnapshot, phase: Phase) -> Option<Notice> {
    let (figures, place) = if phase == Phase::Done {
        (&v.run, "of the run")
    } else {
        (&v.window, "in the live window")
    };
    let (failed, ended) = (figures.failed, figures.ok + figures.failed);
    if failed == 0 {
        return None;
    }
    let reason = reason(figures, &v.errors);
    let share = text::share(failed as f64 / ended as f64);
    let level = if failed == ended {
        NoticeLevel::Error
    } else {
        NoticeLevel::Warning
    };
    let text = format!("{name}: {share} of requests {place} failed{reason}");
    Some(notice(level, text))
}

/// The commonest failures among `figures`. Texts are those of the whole run: one is said only where nothing but its own
/// outcome failed here.
fn reason(figures: &Figures, texts: &[ErrorText]) -> String {
    let mut kinds: Vec<(&str, u64)> = figures
        .outcomes
        .iter()
        .map(|(name, &count)| (name.as_str(), count))
        .filter(|&(name, count)| count > 0 && !matches!(name, "ok" | "cancelled"))
        .collect();
    kinds.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
    let known = |name: &str| texts.iter().find(|text| text.outcome == name);
    match kinds.as_slice() {
        [] => String::new(),
        &[(name, _)] => format!(": {}", known(name).map_or(name, |known| &known.text)),
        kinds => {
            let named = kinds.iter().take(NAMED);
            let named: Vec<String> = named
                .map(|(name, count)| format!("{name} {}", text::count(*count)))
                .collect();
            format!(": {}", named.join(", "))
        }
    }
}

/// A closed loop is limited by its users at both ends: too slow to ask for more, or all of them waiting.
fn closed_loop(
    name: &str,
    v: &VariantSnapshot,
    variant: &Variant,
    think_s: Option<[f64; 2]>,
    users: u32,
) -> Option<Notice> {
    let [low, high] = think_s?;
    let think = f64::midpoint(low, high);
    let users_f = f64::from(users);
    if think <= 0.0 || v.run.seconds < SETTLED_S {
        return None;
    }
    let (rps, most) = (v.run.rps?, users_f / think);
    if rps > NEAR_CEILING * most {
        // Think times that happen to be short, and users who all begin at once, can put it a little above.
        let of = if rps < most {
            format!("{} of at most {}", text::figure(rps), text::figure(most))
        } else {
            format!("at most {}", text::figure(most))
        };
        let text = format!("{name}'s RPS is limited by your think time ({of})");
        return Some(notice(NoticeLevel::Info, text));
    }
    let mean = variant.laws().mean_in_flight();
    let waiting = mean.unwrap_or(v.window.in_flight as f64);
    if waiting > SATURATED * users_f {
        let waiting = text::count(waiting.round() as u64);
        let text = format!(
            "{name} is saturated: {waiting} of {users} users wait for an answer; its latency is that of their queue"
        );
        return Some(notice(NoticeLevel::Warning, text));
    }
    None
}

fn open_loop(
    name: &str,
    v: &VariantSnapshot,
    variant: &Variant,
    load: &LoadRecord,
) -> Option<Notice> {
    let limit = u64::from(load.max_in_flight?);
    let figures = if v.run.seconds >= SETTLED_S {
        &v.run
    } else {
        &v.window
    };
    let dropped = figures.outcomes.get("dropped").copied().unwrap_or(0);
    if dropped > 0 && figures.seconds > 0.0 {
        let offered = figures.offered_rps?;
        let per_s = dropped as f64 / figures.seconds;
        let text = format!(
            "{name}: offered {}/s, sent {}/s: {}/s dropped, so this is no open loop",
            text::figure(offered),
            text::figure((offered - per_s).max(0.0)),
            text::figure(per_s)
        );
        return Some(notice(NoticeLevel::Warning, text));
    }
    let share = variant.at_limit();
    (share > AT_LIMIT).then(|| {
        let text = format!(
            "{name} was not open for {} of the run: all {} requests in flight, arrivals queue",
            text::share(share),
            text::count(limit)
        );
        notice(NoticeLevel::Warning, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Agreed;
    use crate::metrics::variant::{Variant, VariantNames};

    fn reached_by(http: &str, limit: Option<usize>) -> Option<String> {
        let names = VariantNames {
            label: "b".to_owned(),
            url: "https://h/".to_owned(),
            transport: "reqwest".to_owned(),
            keeps_connections: true,
            time_limits: Vec::new(),
            one_request_each: limit,
        };
        let variant = Variant::new(names, Vec::new());
        let mut shown = variant.snapshot(crate::clock::Tick::default());
        shown.connections.agreed.push(Agreed {
            http: http.to_owned(),
            tls: Some("TLS 1.3".to_owned()),
            cipher: None,
            connections: 2,
        });
        one_request_each("B", &shown, variant.one_request_each()).map(|notice| notice.text)
    }

    #[test]
    fn a_limit_on_connections_that_limits_requests_over_http_2_is_named() {
        let said = reached_by("HTTP/2", Some(2)).unwrap();
        assert!(
            said.starts_with(
                "B agreed on HTTP/2, but with http=auto max_connections=2 lets 2 requests"
            ),
            "{said}"
        );
        assert_eq!(reached_by("HTTP/1.1", Some(2)), None);
        assert_eq!(reached_by("HTTP/2", None), None);
    }
}
