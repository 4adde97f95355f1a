//! The histograms of both variants' answers on one latency axis, A upwards and B downwards, in the same scale: the share of
//! a variant's answers in each stretch of the axis.

use super::{Measured, nothing};
use crate::metrics::snapshot::Snapshot;
use crate::text;
use crate::theme::Role;
use crate::tui::scales::{LogScale, round_up};
use crate::tui::view::canvas::{Canvas, part, width_of};
use crate::tui::view::chart::{LABELS, tick};
use crate::tui::widgets::{Bars, Grow};
use ratatui::layout::Rect;

/// The frame, two rows for each variant, the axis and its labels.
pub(super) const FEWEST_ROWS: u16 = 8;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    snapshot: &Snapshot,
    measured: &[Measured<'_>],
    frame: Rect,
) {
    if frame.height < FEWEST_ROWS {
        return;
    }
    let inner = canvas.frame(frame);
    let title = [
        part("Histogram", Role::BorderTitle),
        part(" · run, answers by response time", Role::TextMuted),
    ];
    let from = canvas.title(frame, frame.y, &title);
    if measured.len() == 2 {
        let legend = [
            part("A", measured[0].lane.role),
            part(" upwards  ", Role::TextMuted),
            part("B", measured[1].lane.role),
            part(" downwards", Role::TextMuted),
        ];
        canvas.title_right(frame, frame.y, from, &legend);
    }
    if inner.width < LABELS + 16 {
        return;
    }
    let half = (inner.height - 2) / measured.len() as u16;
    let upper = Rect {
        x: inner.x + LABELS,
        y: inner.y,
        width: inner.width - LABELS,
        height: half,
    };
    let axis = upper.bottom();
    let line = "─".repeat(usize::from(upper.width));
    canvas.text(upper.x, axis, upper.width, &line, Role::ChartAxis);
    let Some(scale) = scale(measured) else {
        let said = nothing(snapshot);
        let x = upper.x + upper.width.saturating_sub(width_of(said)) / 2;
        canvas.text(x, axis - 1, upper.width, said, Role::TextMuted);
        return;
    };
    latency_ticks(
        canvas,
        &scale,
        upper,
        axis + 1 + half * (measured.len() as u16 - 1),
    );
    let bins = usize::from(upper.width) * 2;
    let mut heights: Vec<Vec<f64>> = measured
        .iter()
        .map(|one| {
            shares(
                one.distribution.buckets(),
                one.distribution.ok(),
                &scale,
                bins,
            )
        })
        .collect();
    let most = heights.iter().flatten().copied().fold(0.0, f64::max);
    let most = round_up(most.max(1e-4), &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]);
    for share in heights.iter_mut().flatten() {
        *share /= most;
    }
    let scale_label = text::seconds(most * 100.0).replace(" s", " %");
    let lower = Rect {
        y: axis + 1,
        ..upper
    };
    for (i, (one, heights)) in measured.iter().zip(&heights).enumerate() {
        let (area, grow, end) = if i == 0 {
            (upper, Grow::Up, upper.y)
        } else {
            (lower, Grow::Down, lower.bottom() - 1)
        };
        let bars = Bars {
            heights,
            grow,
            style: canvas.style(one.lane.role),
        };
        canvas.widget(&bars, area);
        let letter = if i == 0 { area.bottom() - 1 } else { area.y };
        canvas.text(inner.x, letter, 1, one.lane.letter, one.lane.role);
        canvas.text_right(upper.x - 1, end, LABELS - 2, &scale_label, Role::ChartAxis);
    }
}

/// A scale with every answer on it; `None` without one.
fn scale(measured: &[Measured<'_>]) -> Option<LogScale> {
    let ends = measured.iter().filter_map(|one| {
        let buckets = one.distribution.buckets();
        Some((buckets.first()?.0 as f64, buckets.last()?.0 as f64))
    });
    let (low, high) = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))?;
    Some(LogScale::around(low, high))
}

/// The share of all `answers` in each of so many bins, which lie on the scale from end to end.
fn shares(buckets: &[(u64, u64)], answers: u64, scale: &LogScale, bins: usize) -> Vec<f64> {
    let mut shares = vec![0.0; bins];
    if bins == 0 || answers == 0 {
        return shares;
    }
    let bin = |us: f64| ((scale.position(us) * bins as f64) as usize).min(bins - 1);
    for &(us, count) in buckets {
        let share = count as f64 / answers as f64;
        // A bucket of one microsecond is wider than a bin where the times are very short: it is spread, as there would be
        // gaps between the bars.
        let last = bin(us as f64);
        let first = bin(us.saturating_sub(1) as f64).saturating_add(1).min(last);
        let each = share / (last - first + 1) as f64;
        for share in &mut shares[first..=last] {
            *share += each;
        }
    }
    shares
}

/// The latencies on the axis, and under everything their labels.
fn latency_ticks(canvas: &mut Canvas<'_>, scale: &LogScale, plot: Rect, y: u16) {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    for factor in [1.0, 5.0, 2.0] {
        for us in scale.ticks(factor) {
            let label = tick(us);
            let width = width_of(&label);
            let x = plot.x + (scale.position(us) * f64::from(plot.width - 1)).round() as u16;
            let at = x.saturating_sub(width / 2);
            let at = at.min(plot.right().saturating_sub(width));
            if taken
                .iter()
                .any(|&(from, end)| at < end + 2 && from < at + width + 2)
            {
                continue;
            }
            taken.push((at, at + width));
            canvas.text(x, plot.bottom(), 1, "┼", Role::ChartAxis);
            canvas.text(at, y, width, &label, Role::ChartAxis);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_in_a_bin_and_short_times_leave_no_gaps() {
        let scale = LogScale::around(1.0, 1e6);
        let buckets: Vec<(u64, u64)> = (1..=200).map(|us| (us, 3)).collect();
        let shares = shares(&buckets, 600, &scale, 120);
        let sum: f64 = shares.iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let seen = shares.iter().rposition(|&share| share > 0.0).expect("some");
        assert!(shares[1..seen].iter().all(|&share| share > 0.0));
        assert_eq!(super::shares(&[], 0, &scale, 3), [0.0; 3]);
        assert!(super::shares(&buckets, 600, &scale, 0).is_empty());
    }
}
