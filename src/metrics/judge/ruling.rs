//! What the evidence comes to, put into the comparison: state, interval, words.

use super::super::snapshot::{Comparison, Metric, MetricName, Verdict};
use super::{Change, ERRORS, Judge, METRICS, Pooled};
use crate::stats::{
    self, Question, Span, Standing, finite_from, interval_of_size, noise_floor, standing, times,
};
use crate::text;

/// What the judge must know beside the evidence.
#[derive(Debug, Clone, Copy)]
pub(in crate::metrics) struct Asked {
    /// Seconds that a pair takes at present.
    pub(in crate::metrics) pair_s: f64,
    /// Seconds until the running pair can be judged.
    pub(in crate::metrics) left_s: f64,
    /// The run is over: no pair is to come.
    pub(in crate::metrics) over: bool,
    /// The user's margin as a share.
    pub(in crate::metrics) margin: Option<f64>,
    /// B is a copy of A.
    pub(in crate::metrics) aa: bool,
    /// An open loop that both keep up with: RPS is the user's own setting.
    pub(in crate::metrics) rps_is_set: bool,
    /// Shares of the run's requests that failed.
    pub(in crate::metrics) failed: (f64, f64),
}

impl Judge {
    /// Puts verdicts, intervals and words into `comparison`, whose measured differences stay as they are.
    pub(in crate::metrics) fn rule(&self, comparison: &mut Comparison, asked: &Asked) {
        comparison.pairs = self.pairs() as u64;
        comparison.pair_s = Some(asked.pair_s).filter(|seconds| *seconds > 0.0);
        comparison.needed_pairs = self.needed();
        let differ = self.family.decision(ERRORS).is_some();
        for metric in &mut comparison.metrics {
            let i = place(metric.name);
            let standing = standing(&self.family, i, &self.question(i, asked));
            let measured = metric.a.zip(metric.b).filter(|_| i != ERRORS);
            let factor =
                measured.and_then(|(a, b)| agrees(&standing, a, b).then(|| times(a, b))?);
            metric.verdict = verdict(&standing, metric.name);
            metric.state =
                standing.words(meaning(metric.name), metric.name.word(), factor.as_deref());
            self.intervals(metric, i);
            if differ && i != ERRORS {
                metric.verdict = Verdict::NotComparable;
                "not comparable: the error rates differ".clone_into(&mut metric.state);
            }
        }
        comparison.remarks.extend(self.remarks(asked));
    }

    fn question(&self, i: usize, asked: &Asked) -> Question {
        let quantile = i.checked_sub(1).and_then(|at| self.quantiles.get(at));
        let pooled = quantile.and_then(|quantile| quantile.pooled);
        let (each, next) = quantile.map_or((1.0, 1.0), super::Quantile::pace);
        Question {
            metric: match i {
                0 => stats::Metric::Rps,
                ERRORS => stats::Metric::Errors,
                _ => stats::Metric::Latency,
            },
            outlook: self.outlook[i],
            pair_s: asked.pair_s * each,
            left_s: asked.left_s + (next - 1.0) * asked.pair_s,
            over: asked.over,
            margin: asked.margin,
            leaning: pooled.and_then(Pooled::points),
            requests: quantile
                .filter(|quantile| quantile.has_merged)
                .map(|quantile| (quantile.merging.needed(), quantile.merging.has())),
            failed: asked.failed,
            set_by_you: i == 0 && asked.rps_is_set,
        }
    }

    /// With how many pairs a verdict is possible at the earliest; `None` once there is one.
    fn needed(&self) -> Option<u64> {
        let decided = (0..METRICS).any(|i| self.family.decision(i).is_some());
        let outlooks = self.outlook[..ERRORS].iter();
        let least = outlooks.filter_map(|outlook| outlook.least).min();
        least
            .filter(|_| !decided)
            .map(|more| (self.pairs() + more) as u64)
    }

    fn intervals(&self, metric: &mut Metric, i: usize) {
        let span = self.family.span(i).unwrap_or(Span::ALL);
        let pct = |x: f64| Some(if i == ERRORS { x } else { x.exp_m1() } * 100.0);
        // An end that nothing limits is not known: −100 % would look as if it were.
        let known = |x: f64| pct(x).filter(|_| x.is_finite());
        (metric.low_pct, metric.high_pct) = (known(span.low), known(span.high));
        metric.centre_pct = known(span.centre).filter(|_| self.pairs() > 0);
        if i != ERRORS && span.is_finite() {
            let size = if span.contains_zero() {
                stats::interval(span)
            } else {
                interval_of_size(span)
            };
            metric.text = with_interval(&metric.text, &size);
        }
        let quantile = i.checked_sub(1).and_then(|at| self.quantiles.get(at));
        if let Some(pooled) = quantile.and_then(|quantile| quantile.pooled) {
            let known = |ratio: f64| Some((ratio - 1.0) * 100.0).filter(|pct| pct.is_finite());
            metric.model_low_pct = known(pooled.ratio.low).filter(|_| pooled.ratio.low > 0.0);
            metric.model_high_pct = known(pooled.ratio.high);
        }
    }

    fn remarks(&self, asked: &Asked) -> Vec<String> {
        let began = self.began_anew.map(|(t, change)| {
            let at = text::clock(t);
            match change {
                Change::Order => format!("the order changed at {at}: the comparison began anew"),
                Change::Load => format!("the load changed at {at}: the comparison began anew"),
                Change::Nothing => format!("the comparison began anew at {at}"),
            }
        });
        let floor = asked.aa.then(|| self.noise_floor(asked));
        let merged = self
            .quantiles
            .iter()
            .rfind(|quantile| quantile.has_merged)
            .map(|quantile| {
                format!(
                    "p{} needs {} requests a block: neighbouring pairs are merged for it",
                    quantile.p * 100.0,
                    text::count(quantile.merging.needed())
                )
            });
        floor
            .into_iter()
            .chain(began)
            .chain(self.worth())
            .chain(merged)
            .collect()
    }

    /// `12,000 requests ≈ 480 independent ones (p99 of A)`, where that makes a difference: where it is worst.
    fn worth(&self) -> Option<String> {
        let pooled = self.quantiles.iter().filter_map(|quantile| {
            let requests = quantile.pooled?.requests;
            Some([('A', requests[0]), ('B', requests[1])].map(|side| (quantile.p, side)))
        });
        let share = |(n, worth): (u64, f64)| worth / n.max(1) as f64;
        let (p, (side, (n, worth))) = pooled
            .flatten()
            .min_by(|(_, x), (_, y)| share(x.1).total_cmp(&share(y.1)))?;
        (worth < n as f64 / 2.0).then(|| {
            format!(
                "{} requests ≈ {} independent ones (p{} of {side})",
                text::count(n),
                text::count(worth.round() as u64),
                p * 100.0
            )
        })
    }

    /// What a comparison of a variant with itself has found out.
    fn noise_floor(&self, asked: &Asked) -> String {
        let metrics = [
            MetricName::Rps,
            MetricName::P50,
            MetricName::P95,
            MetricName::P99,
        ];
        let judged: Vec<(MetricName, Span)> = metrics
            .into_iter()
            .filter(|name| !(asked.rps_is_set && *name == MetricName::Rps))
            .filter_map(|name| Some((name, self.family.span(place(name))?)))
            .collect();
        let told_apart = judged
            .iter()
            .find(|(name, _)| self.family.decision(place(*name)).is_some());
        if let Some((name, _)) = told_apart {
            return format!(
                "a copy of A was told apart from it ({}): the set-up favours one side, or this is the one run in twenty",
                name.word()
            );
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            judged.into_iter().partition(|(_, span)| span.is_finite());
        let edge = |span: &Span| stats::outer_edge(*span);
        let worst = known
            .iter()
            .map(|(_, span)| *span)
            .max_by(|x, y| edge(x).total_cmp(&edge(y)));
        let missing: Vec<String> = unknown
            .iter()
            .map(|(name, _)| {
                let symmetry = self.family.symmetry(place(*name));
                let pairs = symmetry.map_or(0, stats::Symmetry::pairs);
                format!("{} {pairs}", name.word())
            })
            .collect();
        let from = finite_from(self.family.interval_alpha());
        let Some(floor) = worst.and_then(noise_floor) else {
            return format!(
                "the noise floor is known from {from} pairs on, so far {}",
                self.pairs()
            );
        };
        let each: Vec<String> = known
            .iter()
            .map(|(name, span)| format!("{} {}", name.word(), stats::percent(edge(span))))
            .collect();
        let mut said = format!(
            "{floor} ({}; after {} pairs)",
            each.join(", "),
            self.pairs()
        );
        if !missing.is_empty() {
            said += &format!("; not known yet, pairs so far: {}", missing.join(", "));
        }
        said
    }
}

impl Pooled {
    /// Which way all requests together point, if they exclude that there is no difference.
    fn points(self) -> Option<bool> {
        if self.ratio.low > 1.0 {
            Some(true)
        } else if self.ratio.high < 1.0 {
            Some(false)
        } else {
            None
        }
    }
}

fn place(name: MetricName) -> usize {
    match name {
        MetricName::Rps => 0,
        MetricName::P50 => 1,
        MetricName::P95 => 2,
        MetricName::P99 => 3,
        MetricName::Errors => ERRORS,
    }
}

fn meaning(name: MetricName) -> stats::Metric {
    match name {
        MetricName::Rps => stats::Metric::Rps,
        MetricName::P50 | MetricName::P95 | MetricName::P99 => stats::Metric::Latency,
        MetricName::Errors => stats::Metric::Errors,
    }
}

/// Whether the figures differ the way that a verdict says.
fn agrees(standing: &Standing, a: f64, b: f64) -> bool {
    matches!(standing, Standing::Decided { up, .. } if *up == (b > a))
}

fn verdict(standing: &Standing, name: MetricName) -> Verdict {
    match standing {
        Standing::SetByYou | Standing::NoFailures => Verdict::None,
        Standing::TooFewRequests { .. }
        | Standing::Collecting { .. }
        | Standing::Ahead { .. }
        | Standing::Leaning { .. }
        | Standing::FailuresSeen { .. } => Verdict::Collecting,
        Standing::Decided { up, .. } if meaning(name).b_is_better(*up) => Verdict::BBetter,
        Standing::Decided { .. } => Verdict::BWorse,
        Standing::NoDifference { .. } => Verdict::NoDifference,
        Standing::Same { .. } => Verdict::Same,
        Standing::TooNoisy { .. } => Verdict::TooNoisy,
        Standing::NotComparable { .. } => Verdict::NotComparable,
    }
}

/// `B is 93.0 % lower, 14 × faster` with its interval: `B is 93.0 % lower (92.6 to 93.3 %), 14 × faster`.
fn with_interval(text: &str, interval: &str) -> String {
    match text.split_once(", ") {
        _ if text.is_empty() => String::new(),
        Some((change, rest)) => format!("{change} ({interval}), {rest}"),
        None => format!("{text} ({interval})"),
    }
}
