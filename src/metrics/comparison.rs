//! B against A, from the run figures of both: measured differences with their arithmetic, not yet judged.

use super::snapshot::{
    Basis, Comparison, Cost, CostName, Metric, MetricName, Percentile, Processes, VariantSnapshot,
    Verdict,
};
use crate::stats::{Difference, Direction, difference};
use crate::text;

/// Compares the run figures of `b` with those of `a`. `timeout_s` is what a percentile among timeouts is shown as.
pub(super) fn compare(
    order: &str,
    a: &VariantSnapshot,
    b: &VariantSnapshot,
    timeout_s: f64,
) -> Comparison {
    let mut metrics = vec![rps(a, b)];
    for (name, field) in [
        (MetricName::P50, "p50"),
        (MetricName::P95, "p95"),
        (MetricName::P99, "p99"),
    ] {
        metrics.push(percentile(
            name,
            a.run.response_us.get(field),
            b.run.response_us.get(field),
            timeout_s,
        ));
    }
    metrics.push(errors(a, b));
    Comparison {
        order: order.to_owned(),
        basis: Basis::None,
        pairs: 0,
        needed_pairs: None,
        pair_s: None,
        remarks: Vec::new(),
        metrics,
        costs: costs(a, b),
    }
}

fn rps(a: &VariantSnapshot, b: &VariantSnapshot) -> Metric {
    let known =
        |rps: Option<f64>, variant: &VariantSnapshot| rps.filter(|_| variant.run.requests > 0);
    let (x, y) = (known(a.run.rps, a), known(b.run.rps, b));
    let change = x
        .zip(y)
        .and_then(|(x, y)| difference(x, y, Direction::Higher, text::figure));
    let text = match (&change, x, y) {
        (Some(change), _, _) => change.text.clone(),
        (None, Some(_), Some(_)) => "A answered nothing".to_owned(),
        _ => String::new(),
    };
    row(MetricName::Rps, x, y, change, text)
}

fn percentile(name: MetricName, a: Percentile<'_>, b: Percentile<'_>, timeout_s: f64) -> Metric {
    let finite = |p| match p {
        Percentile::Exactly(us) | Percentile::AtLeast(us) => Some(us as f64),
        Percentile::Unknown | Percentile::Beyond(_) => None,
    };
    let open = |p| matches!(p, Percentile::AtLeast(_));
    let (x, y) = (finite(a), finite(b));
    // A lower bound says how far it is at least above the other side, and nothing if it is below.
    let undecided = (open(a) && x <= y) || (open(b) && y <= x);
    let change = x
        .zip(y)
        .filter(|_| !undecided)
        .and_then(|(x, y)| difference(x, y, Direction::Lower, text::latency));
    let shown = |p| text::percentile(p, timeout_s);
    let text = match (&change, a, b) {
        (Some(change), Percentile::AtLeast(_), _) => {
            format!("{}, or more: A's is {}", change.text, shown(a))
        }
        (Some(change), _, Percentile::AtLeast(_)) => {
            format!("{}, or more: B's is {}", change.text, shown(b))
        }
        (Some(change), _, _) => change.text.clone(),
        (None, Percentile::Beyond(_), Percentile::Beyond(_)) => {
            "among failures on both sides".to_owned()
        }
        (None, Percentile::Beyond(_), _) => format!("A's is among failures: {}", shown(a)),
        (None, _, Percentile::Beyond(_)) => format!("B's is among failures: {}", shown(b)),
        _ if undecided => format!("requests are open: A's is {}, B's {}", shown(a), shown(b)),
        _ => String::new(),
    };
    row(name, x, y, change, text)
}

/// What the gateways' processes use, where both were launched. It says what the difference costs, and is not judged.
pub(super) fn costs(a: &VariantSnapshot, b: &VariantSnapshot) -> Vec<Cost> {
    let (Some(x), Some(y)) = (&a.processes, &b.processes) else {
        return Vec::new();
    };
    let bytes = |bytes: Option<u64>| bytes.map(|bytes| bytes as f64);
    let (memory_a, memory_b) = (bytes(x.run_memory_bytes), bytes(y.run_memory_bytes));
    let each = |uses: &Processes, variant: &VariantSnapshot| {
        let rps = variant.run.rps.filter(|rps| *rps > 0.0)?;
        Some(uses.run_cpu_cores? / rps * 1e6)
    };
    vec![
        cost(CostName::Cpu, x.run_cpu_cores, y.run_cpu_cores),
        cost(CostName::CpuPerRequest, each(x, a), each(y, b)),
        cost(CostName::Memory, memory_a, memory_b),
    ]
}

fn cost(name: CostName, a: Option<f64>, b: Option<f64>) -> Cost {
    let change = a
        .zip(b)
        .and_then(|(a, b)| difference(a, b, Direction::Lower, |value| name.figure(value)));
    let text = match change.as_ref().map(|change| change.change_pct) {
        Some(pct) if pct > 0.0 => format!("B takes {} more", text::change(pct).replace('+', "")),
        Some(pct) if pct < 0.0 => format!("B takes {} less", text::change(pct).replace('−', "")),
        Some(_) => "the same".to_owned(),
        None => String::new(),
    };
    Cost {
        name,
        a,
        b,
        change_pct: change.as_ref().map(|change| change.change_pct),
        text,
        calculation: change.map_or(String::new(), |change| change.calculation),
    }
}

/// The difference of failure rates is in percentage points: a ratio to a rate of zero says nothing.
fn errors(a: &VariantSnapshot, b: &VariantSnapshot) -> Metric {
    let (x, y) = (a.run.failed_share(), b.run.failed_share());
    let change_pct = x.zip(y).map(|(x, y)| (y - x) * 100.0);
    let text = match (x, y) {
        (Some(x), Some(y)) if x > 0.0 || y > 0.0 => {
            format!("failures seen: A {}, B {}", text::share(x), text::share(y))
        }
        (Some(_), Some(_)) => "no failures".to_owned(),
        _ => String::new(),
    };
    let calculation = x.zip(y).map_or(String::new(), |(x, y)| {
        format!("{} − {}", text::share(y), text::share(x))
    });
    Metric {
        calculation,
        ..row(MetricName::Errors, x, y, None, text).with_change(change_pct)
    }
}

fn row(
    name: MetricName,
    a: Option<f64>,
    b: Option<f64>,
    change: Option<Difference>,
    text: String,
) -> Metric {
    Metric {
        name,
        a,
        b,
        change_pct: change.as_ref().map(|change| change.change_pct),
        low_pct: None,
        high_pct: None,
        centre_pct: None,
        model_low_pct: None,
        model_high_pct: None,
        verdict: Verdict::None,
        state: String::new(),
        text,
        calculation: change.map_or(String::new(), |change| change.calculation),
    }
}

impl Metric {
    fn with_change(mut self, change_pct: Option<f64>) -> Self {
        self.change_pct = change_pct;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_bound_is_compared_as_far_as_it_goes() {
        let p99 = |a, b| percentile(MetricName::P99, a, b, 30.0);
        let (quick, slow) = (Percentile::Exactly(50_000), Percentile::AtLeast(4_000_000));
        let above = p99(slow, quick);
        assert!(above.change_pct.is_some_and(|change| change < -98.0));
        assert!(
            above.text.ends_with("or more: A's is ≥ 4.00 s"),
            "{}",
            above.text
        );
        let below = p99(Percentile::AtLeast(10_000), quick);
        assert_eq!(below.change_pct, None);
        assert_eq!(
            below.text,
            "requests are open: A's is ≥ 10.0 ms, B's 50.0 ms"
        );
    }
}
