//! The self-checks: can the figures be trusted? Red vetoes every verdict.

use super::client::Client;
use super::laws::{self, Judged};
use super::snapshot::{
    Check, CheckLevel, Comparison, MetricName, Percentile, VariantSnapshot, Verdict,
};
use super::variant::Variant;
use crate::outcome::Outcome;
use crate::text;

/// Share of the think-time ceiling from which it limits the RPS.
pub(super) const NEAR_CEILING: f64 = 0.8;

/// Requests from which a 99th percentile of lateness says more than its single worst value.
const ENOUGH: u64 = 100;

/// What the checks look at.
pub(super) struct Checked<'a> {
    pub(super) variants: &'a [Variant],
    pub(super) shown: &'a [&'a VariantSnapshot],
    pub(super) client: &'a Client,
    /// The present think time: shortest and longest, in seconds (closed loop).
    pub(super) think_s: Option<[f64; 2]>,
    /// The present number of users per variant (closed loop).
    pub(super) users: Option<u32>,
}

/// All self-checks, always in the same order.
pub(super) fn checks(checked: &Checked<'_>) -> Vec<Check> {
    let mut all = vec![conservation(checked)];
    all.push(laws::check(
        "Little's law",
        checked.variants.iter().map(|v| v.laws().little()),
    ));
    if let Some(users) = checked.users {
        let judged = checked.variants.iter().map(|v| v.laws().closed(users));
        all.push(laws::check(
            "closed-loop law",
            judged.collect::<Vec<Judged>>(),
        ));
        all.extend(ceiling(checked, users));
    }
    all.extend([
        client_lag(checked.shown),
        checked.client.cpu_check(),
        checked.client.heartbeat_check(),
        any(
            "histogram",
            checked.variants.iter().map(Variant::clamped).sum(),
            "all within its range",
            "latencies above one hour were recorded as one hour",
        ),
        any(
            "ports and files",
            checked
                .variants
                .iter()
                .map(|v| v.lifetime().of(Outcome::Client))
                .sum(),
            "enough of both",
            "requests could not be sent: this machine has no local port or no file descriptor left",
        ),
    ]);
    all
}

fn check(name: &str, level: CheckLevel, detail: String) -> Check {
    Check {
        name: name.to_owned(),
        level,
        detail,
    }
}

/// Red as soon as something has happened `n` times that must not happen.
fn any(name: &str, n: u64, good: &str, bad: &str) -> Check {
    if n == 0 {
        check(name, CheckLevel::Ok, good.to_owned())
    } else {
        check(name, CheckLevel::Red, format!("{} {bad}", text::count(n)))
    }
}

/// Every intended request is ok, failed, cancelled or in flight: exactly, in the run and since the start.
fn conservation(checked: &Checked<'_>) -> Check {
    let in_runs: i128 = checked
        .shown
        .iter()
        .map(|v| {
            let accounted = v.run.ok + v.run.failed + v.run.cancelled + v.run.in_flight;
            (i128::from(v.run.requests) - i128::from(accounted)).abs()
        })
        .sum();
    let in_all: i128 = checked.variants.iter().map(|v| v.unaccounted().abs()).sum();
    let off = in_runs.max(in_all);
    let requests = text::count(checked.shown.iter().map(|v| v.run.requests).sum());
    if off == 0 {
        let detail = format!("all {requests} accounted for");
        check("conservation", CheckLevel::Ok, detail)
    } else {
        let detail = format!("{off} of {requests} requests unaccounted for");
        check("conservation", CheckLevel::Red, detail)
    }
}

/// Users who think cannot ask for more than N / Z.
fn ceiling(checked: &Checked<'_>, users: u32) -> Option<Check> {
    let [low, high] = checked.think_s?;
    let think = f64::midpoint(low, high);
    if think <= 0.0 {
        return None;
    }
    let most = f64::from(users) / think;
    let shares: Vec<f64> = checked
        .shown
        .iter()
        .map(|v| {
            let figures = if v.run.seconds >= 5.0 {
                &v.run
            } else {
                &v.window
            };
            figures.rps.unwrap_or(0.0) / most
        })
        .collect();
    let near = shares.iter().filter(|share| **share > NEAR_CEILING).count();
    let (level, detail) = match near {
        0 => (
            CheckLevel::Ok,
            format!("at most {} RPS", text::figure(most)),
        ),
        _ if near == shares.len() && near > 1 => (
            CheckLevel::Amber,
            format!(
                "both are near {} RPS: RPS cannot tell them apart",
                text::figure(most)
            ),
        ),
        _ => (
            CheckLevel::Amber,
            format!(
                "RPS is limited by your think time (at most {})",
                text::figure(most)
            ),
        ),
    };
    Some(check("think-time ceiling", level, detail))
}

/// The client's own lateness: amber beyond max(1 ms, 5 % of p50), red beyond max(1 ms, 20 % of p50).
fn client_lag(variants: &[&VariantSnapshot]) -> Check {
    let mut worst = check(
        "client lag",
        CheckLevel::Ok,
        "too few requests yet".to_owned(),
    );
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
            let late = text::latency(lag as f64);
            let detail = match level {
                CheckLevel::Ok => format!("lag p99 {late}"),
                CheckLevel::Amber => format!("1 % of sends are {late} late or more"),
                CheckLevel::Red => {
                    format!("CLIENT IS THE BOTTLENECK: 1 % of sends are {late} late or more")
                }
            };
            worst = check("client lag", level, detail);
        }
    }
    worst
}

/// Takes back every verdict if a check is red, and those on latency if a queue grows without end (`queue`: the words for it).
pub(super) fn withhold(comparison: &mut Comparison, checks: &[Check], queue: Option<&str>) {
    let red = checks
        .iter()
        .find(|check| check.level == CheckLevel::Red)
        .map(|check| {
            if check.detail.starts_with("CLIENT") {
                check.detail.clone()
            } else {
                format!("{}: {}", check.name, check.detail)
            }
        });
    for metric in &mut comparison.metrics {
        let of_latency = matches!(
            metric.name,
            MetricName::P50 | MetricName::P95 | MetricName::P99
        );
        // Error rates that differ are the more important reason to say nothing of latency.
        let open = of_latency && metric.verdict != Verdict::NotComparable;
        let reason = red.as_deref().or_else(|| queue.filter(|_| open));
        if let Some(reason) = reason {
            metric.verdict = Verdict::Withheld;
            metric.text = format!("withheld: {reason}");
            metric.state.clone_from(&metric.text);
            // An interval would be taken for the verdict that is withheld.
            (metric.low_pct, metric.high_pct, metric.centre_pct) = (None, None, None);
            (metric.model_low_pct, metric.model_high_pct) = (None, None);
        }
    }
}
