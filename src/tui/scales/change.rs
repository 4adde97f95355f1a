//! The scale on which the intervals of all changes are drawn.

use crate::metrics::snapshot::{Metric, MetricName, Snapshot};
use crate::text;

/// The scale of changes: linear in the logarithm of B's share of A, so that half as much and twice as much lie equally far
/// from no change, which is in the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangeScale {
    /// The factor at its upper end; at the lower one it is the inverse.
    pub factor: f64,
}

/// The upper ends that a scale of changes can have. They are few and far apart, so that it seldom changes.
const FACTORS: [f64; 7] = [1.05, 1.25, 2.0, 5.0, 20.0, 100.0, 1_000.0];

impl Default for ChangeScale {
    fn default() -> Self {
        ChangeScale { factor: FACTORS[0] }
    }
}

impl ChangeScale {
    /// Where a change in per cent lies: 0 at the lower end, 0.5 where nothing changed, 1 at the upper end; beyond them it is
    /// less or more.
    pub fn position(self, pct: f64) -> f64 {
        let far = (1.0 + pct.max(-100.0) / 100.0).ln() / self.factor.ln();
        far.midpoint(1.0)
    }

    /// The changes at its ends: `−80 %`, `+400 %`.
    pub fn labels(self) -> [String; 2] {
        [1.0 / self.factor, self.factor].map(|factor| {
            let pct = (factor - 1.0) * 1e3;
            // One decimal is enough to tell them apart.
            let pct = pct.round() / 10.0;
            let digits = if pct.fract() == 0.0 {
                text::count(pct.abs() as u64)
            } else {
                format!("{:.1}", pct.abs())
            };
            format!("{}{digits} %", if pct < 0.0 { '−' } else { '+' })
        })
    }

    /// It grows at once, and shrinks only when there is room to spare on the smaller one.
    pub(super) fn following(self, snapshot: &Snapshot) -> ChangeScale {
        let metrics = snapshot.comparison.iter().flat_map(|c| &c.metrics);
        let far = metrics
            .filter(|metric| metric.name != MetricName::Errors)
            .flat_map(|metric: &Metric| [metric.low_pct, metric.centre_pct, metric.high_pct])
            .flatten()
            .map(|pct| (1.0 + pct / 100.0).ln().abs())
            .filter(|far| far.is_finite())
            .fold(None, |most: Option<f64>, far| {
                Some(most.map_or(far, |most| most.max(far)))
            });
        let Some(far) = far else { return self };
        let most = FACTORS[FACTORS.len() - 1];
        let fitting = |far: f64| {
            let mut factors = FACTORS.into_iter();
            factors.find(|f| f.ln() >= far).unwrap_or(most)
        };
        let factor = if fitting(far) >= self.factor {
            fitting(far)
        } else {
            fitting(far / 0.8).min(self.factor)
        };
        ChangeScale { factor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::{Basis, Comparison, Phase, Verdict};
    use crate::tui::sample;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6 * other.abs().max(1.0)
    }

    #[test]
    fn half_as_much_and_twice_as_much_are_equally_far_from_no_change() {
        let scale = ChangeScale { factor: 5.0 };
        assert!(close(scale.position(0.0), 0.5));
        assert!(close(scale.position(-80.0), 0.0) && close(scale.position(400.0), 1.0));
        assert!(close(scale.position(-50.0) + scale.position(100.0), 1.0));
        assert!(scale.position(-97.0) < 0.0 && scale.position(900.0) > 1.0);
        assert!(scale.position(-100.0) < 0.0 && scale.position(-150.0) < 0.0);
    }

    #[test]
    fn the_ends_of_the_changes_are_written_as_changes() {
        let ends = FACTORS.map(|factor| ChangeScale { factor }.labels().join(" … "));
        assert_eq!(
            ends,
            [
                "−4.8 % … +5 %",
                "−20 % … +25 %",
                "−50 % … +100 %",
                "−80 % … +400 %",
                "−95 % … +1,900 %",
                "−99 % … +9,900 %",
                "−99.9 % … +99,900 %",
            ]
        );
    }

    #[test]
    fn the_scale_of_changes_grows_at_once_and_keeps_what_just_fits() {
        let metric = |low: f64, high: f64| Metric {
            name: MetricName::P50,
            a: None,
            b: None,
            change_pct: None,
            low_pct: Some(low),
            high_pct: Some(high),
            centre_pct: None,
            model_low_pct: None,
            model_high_pct: None,
            verdict: Verdict::Collecting,
            state: String::new(),
            text: String::new(),
            calculation: String::new(),
        };
        let after = |last: f64, low: f64, high: f64| {
            let mut snapshot = sample::snapshot(Phase::Measuring, 60.0);
            snapshot.comparison = Some(Comparison {
                costs: Vec::new(),
                order: "together".to_owned(),
                basis: Basis::Model,
                pairs: 9,
                needed_pairs: None,
                pair_s: None,
                remarks: Vec::new(),
                metrics: vec![metric(low, high)],
            });
            ChangeScale { factor: last }.following(&snapshot).factor
        };
        let steps = [
            (1.05, 2.0, 4.9, 1.05),
            (1.05, 2.0, 5.1, 1.25),
            // It would just fit on the smaller one.
            (1.25, 2.0, 4.9, 1.25),
            (1.25, 2.0, 3.0, 1.05),
            (1.05, -97.0, 347.0, 100.0),
            // Ends that are not known yet, or off every scale.
            (2.0, f64::NEG_INFINITY, f64::NAN, 2.0),
            (2.0, -100.0, f64::INFINITY, 2.0),
            (2.0, -100.0, 1e9, 1_000.0),
        ];
        for (last, low, high, factor) in steps {
            let found = after(last, low, high);
            assert!(close(found, factor), "{last} {low} {high}: {found}");
        }
    }
}
