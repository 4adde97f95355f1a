//! What a reader must know beside the figures, and whether the figures can be trusted.

use super::snapshot::{
    Check, CheckLevel, LoadRecord, Notice, NoticeLevel, Percentile, Phase, VariantSnapshot,
};
use crate::text;

/// Share of the think-time ceiling from which it limits the RPS.
const NEAR_CEILING: f64 = 0.8;

/// Share of the users waiting for an answer from which their number sets the latency.
const SATURATED: f64 = 0.6;

/// Requests from which a 99th percentile of lateness says more than its single worst value.
const ENOUGH: u64 = 100;

/// The self-checks over both variants, worst first.
pub(super) fn checks(variants: &[&VariantSnapshot], clamped: u64) -> Vec<Check> {
    let mut checks = vec![conservation(variants), client_lag(variants)];
    if clamped > 0 {
        checks.push(Check {
            name: "histogram".to_owned(),
            level: CheckLevel::Red,
            detail: format!(
                "{} latencies above one hour were recorded as one hour",
                text::count(clamped)
            ),
        });
    }
    checks.sort_by_key(|check| std::cmp::Reverse(check.level));
    checks
}

/// Every intended request is ok, failed, cancelled or in flight: exactly.
fn conservation(variants: &[&VariantSnapshot]) -> Check {
    let off: i128 = variants
        .iter()
        .map(|v| {
            let accounted = v.run.ok + v.run.failed + v.run.cancelled + v.run.in_flight;
            (i128::from(v.run.requests) - i128::from(accounted)).abs()
        })
        .sum();
    let requests: u64 = variants.iter().map(|v| v.run.requests).sum();
    let (level, detail) = if off == 0 {
        (
            CheckLevel::Ok,
            format!("all {} requests accounted for", text::count(requests)),
        )
    } else {
        (
            CheckLevel::Red,
            format!(
                "{off} of {} requests unaccounted for",
                text::count(requests)
            ),
        )
    };
    Check {
        name: "conservation".to_owned(),
        level,
        detail,
    }
}

/// The client's own lateness: amber beyond max(1 ms, 5 % of p50), red beyond max(1 ms, 20 % of p50).
fn client_lag(variants: &[&VariantSnapshot]) -> Check {
    let mut worst = Check {
        name: "client lag".to_owned(),
        level: CheckLevel::Ok,
        detail: "too few requests yet".to_owned(),
    };
    let mut worst_lag = 0;
    for v in variants {
        let Some(figures) = [&v.run, &v.window]
            .into_iter()
            .find(|f| f.ok + f.failed >= ENOUGH)
        else {
            continue;
        };
        let Some(lag) = figures.client_lag_us.p99 else {
            continue;
        };
        let median = match figures.response_us.get("p50") {
            Percentile::Exactly(us) | Percentile::AtLeast(us) => us as f64,
            // Beside a median among failures no lateness of ours matters.
            Percentile::Beyond(_) => f64::INFINITY,
            Percentile::Unknown => continue,
        };
        let level = if lag as f64 > (0.2 * median).max(1_000.0) {
            CheckLevel::Red
        } else if lag as f64 > (0.05 * median).max(1_000.0) {
            CheckLevel::Amber
        } else {
            CheckLevel::Ok
        };
        if (level, lag) >= (worst.level, worst_lag) {
            worst_lag = lag;
            worst.level = level;
            let late = text::latency(lag as f64);
            worst.detail = match level {
                CheckLevel::Ok => format!("lag p99 {late}"),
                CheckLevel::Amber => format!("1 % of sends are {late} late or more"),
                CheckLevel::Red => {
                    format!("CLIENT IS THE BOTTLENECK: 1 % of sends are {late} late or more")
                }
            };
        }
    }
    worst
}

/// What limits either side, in the present figures. `users` is the present number (closed loop).
pub(super) fn notices(
    phase: Phase,
    load: &LoadRecord,
    variants: &[&VariantSnapshot],
    users: Option<u32>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    let names: &[&str] = if variants.len() == 1 {
        &["the gateway"]
    } else {
        &["A", "B"]
    };
    for (name, v) in names.iter().zip(variants) {
        notices.extend(failures(name, v));
        if phase == Phase::Measuring {
            notices.extend(users.and_then(|users| closed_loop(name, v, load, users)));
            notices.extend(open_loop(name, v, load));
        }
    }
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.level));
    notices
}

fn failures(name: &str, v: &VariantSnapshot) -> Option<Notice> {
    let (failed, ended) = (v.window.failed, v.window.ok + v.window.failed);
    if failed == 0 {
        return None;
    }
    let reason = v
        .errors
        .first()
        .map_or(String::new(), |error| format!(": {}", error.text));
    let share = text::share(failed as f64 / ended as f64);
    let level = if failed == ended {
        NoticeLevel::Error
    } else {
        NoticeLevel::Warning
    };
    Some(Notice {
        level,
        text: format!("{name}: {share} of requests failed in the live window{reason}"),
    })
}

/// A closed loop is limited by its users at both ends: too slow to ask for more, or all of them waiting.
fn closed_loop(name: &str, v: &VariantSnapshot, load: &LoadRecord, users: u32) -> Option<Notice> {
    let [low, high] = load.think_s?;
    let think = f64::midpoint(low, high);
    let users_f = f64::from(users);
    let rps = v.window.rps?;
    if think > 0.0 && rps > NEAR_CEILING * users_f / think {
        let text = format!(
            "{name}'s RPS is limited by the think time ({} of at most {})",
            text::figure(rps),
            text::figure(users_f / think)
        );
        return Some(Notice {
            level: NoticeLevel::Info,
            text,
        });
    }
    let waiting = v.window.in_flight;
    if think > 0.0 && waiting as f64 > SATURATED * users_f {
        let text = format!(
            "{name} is saturated: {} of {users} users wait for an answer; its latency reflects their number",
            text::count(waiting)
        );
        return Some(Notice {
            level: NoticeLevel::Warning,
            text,
        });
    }
    None
}

fn open_loop(name: &str, v: &VariantSnapshot, load: &LoadRecord) -> Option<Notice> {
    let limit = u64::from(load.max_in_flight?);
    let (offered, dropped) = (
        v.window.offered_rps?,
        v.window.outcomes.get("dropped").copied().unwrap_or(0),
    );
    if dropped > 0 && v.window.seconds > 0.0 {
        let per_s = dropped as f64 / v.window.seconds;
        let text = format!(
            "{name}: offered {}/s, {}/s of them dropped",
            text::figure(offered),
            text::figure(per_s)
        );
        return Some(Notice {
            level: NoticeLevel::Warning,
            text,
        });
    }
    (v.window.in_flight >= limit).then(|| Notice {
        level: NoticeLevel::Warning,
        text: format!(
            "{name} has all {} requests in flight: arrivals queue, this is no open loop",
            text::count(limit)
        ),
    })
}
