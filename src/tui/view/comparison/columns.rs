//! Where the columns of the table stand, and what they show.
//!
//! When columns are short, the whisker goes first, then the interval, the change, both figures, which the gauges show as well;
//! the verdict stays. It depends on the width alone, so that nothing moves.

use super::words;
use crate::metrics::snapshot::{Cost, CostName, Metric, MetricName, Verdict};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::view::canvas::{Canvas, FIGURE, foreign, part, width_of};
use crate::tui::view::checks;
use crate::tui::widgets::Whisker;
use ratatui::layout::Rect;

/// Columns of an interval: `(+1,234 … +5,678 %)`.
const INTERVAL: u16 = 19;
/// Columns of a whisker: with fewer it shows too little, with more it only stretches.
const WHISKER: (u16, u16) = (11, 41);
/// Columns that let the whisker have a place: most verdicts are not longer.
const VERDICT: u16 = 42;
/// Columns of a verdict that is cut to what it says.
const SHORT_VERDICT: u16 = 28;
/// Columns of the arithmetic.
const CALCULATION: u16 = 37;

/// Where the columns begin; those that do not fit are left out.
pub(super) struct Columns {
    name: u16,
    a_and_b: Option<(u16, u16)>,
    change: Option<u16>,
    interval: Option<u16>,
    whisker: Option<(u16, u16)>,
    verdict: u16,
    right: u16,
    /// The arithmetic stands where the verdict would.
    calculation: bool,
}

impl Columns {
    pub(super) fn of(inner: Rect, calculation: bool) -> Columns {
        let gap = if inner.width >= 140 { 3 } else { 1 };
        let (name, right) = (inner.x, inner.right());
        let mut columns = Columns {
            name,
            a_and_b: None,
            change: None,
            interval: None,
            whisker: None,
            verdict: name + 7,
            right,
            calculation,
        };
        let least = if calculation {
            CALCULATION
        } else {
            SHORT_VERDICT
        };
        // The digits of a figure end before its unit, so that hardly ever one begins right after the name.
        let mut x = name + if gap > 1 { 7 } else { 6 };
        let room = |x: u16| right.saturating_sub(x);
        if room(x) >= 2 * (FIGURE + gap) + least.min(SHORT_VERDICT) {
            columns.a_and_b = Some((x, x + FIGURE + gap));
            x += 2 * (FIGURE + gap);
            columns.verdict = x;
        }
        if columns.a_and_b.is_some() && room(x) >= FIGURE + gap + least {
            columns.change = Some(x);
            x += FIGURE + gap;
            columns.verdict = x;
        }
        let apart = gap.max(2);
        let interval = INTERVAL + apart;
        if columns.change.is_some() && !calculation && room(x) >= interval + SHORT_VERDICT {
            columns.interval = Some(x);
            x += interval;
            columns.verdict = x;
        }
        let least = WHISKER.0 + apart + VERDICT;
        if columns.interval.is_some() && room(x) >= least {
            // Half of what is to spare; odd, so that zero is a cell.
            let width = (WHISKER.0 + (room(x) - least) / 2 / 2 * 2).min(WHISKER.1);
            columns.whisker = Some((x, width));
            columns.verdict = x + width + apart;
        }
        columns
    }

    pub(super) fn titles(&self, canvas: &mut Canvas<'_>, app: &App, y: u16) {
        let muted = Role::TextMuted;
        canvas.text(self.name, y, 6, "Metric", muted);
        if let Some((a, b)) = self.a_and_b {
            canvas.text_right(a + FIGURE - 3, y, 1, "A", Role::VariantA);
            canvas.text_right(b + FIGURE - 3, y, 1, "B", Role::VariantB);
        }
        if let Some(change) = self.change {
            canvas.text_right(change + FIGURE - 1, y, 6, "Change", muted);
        }
        if let Some(x) = self.interval {
            canvas.text(x, y, INTERVAL, "95 % interval", muted);
        }
        // Without an interval there is nothing to measure with the scale.
        let intervals = app.snapshot().comparison.iter().flat_map(|c| &c.metrics);
        let mut drawn = intervals.filter(|metric| metric.name != MetricName::Errors);
        let known = |metric: &Metric| metric.low_pct.or(metric.high_pct).is_some();
        if let Some(at) = self.whisker.filter(|_| drawn.any(known)) {
            scale(canvas, app, at, y);
        }
        let title = if self.calculation {
            "Calculation"
        } else {
            "Verdict"
        };
        canvas.text(self.verdict, y, self.right - self.verdict, title, muted);
    }

    pub(super) fn row(&self, canvas: &mut Canvas<'_>, app: &App, metric: &Metric, y: u16) {
        let snapshot = app.snapshot();
        let trusted = checks::are_trusted(snapshot);
        let muted = Role::TextMuted;
        let strong = if trusted { Role::Text } else { muted };
        let name = if metric.name == MetricName::Errors {
            Role::StatusError
        } else {
            Role::Text
        };
        canvas.text(self.name, y, 6, metric.name.word(), name);
        if let Some((a, b)) = self.a_and_b {
            let timeout_s = snapshot.plan.load.timeout_s;
            let variants = &snapshot.variants;
            let sides = [
                (a, metric.a, Some(&variants.a)),
                (b, metric.b, variants.b.as_ref()),
            ];
            for (x, value, variant) in sides {
                let value = words::value(metric.name, value, variant, timeout_s);
                canvas.figure(x, y, FIGURE, &value, (strong, muted));
            }
        }
        let decided = words::decided(metric).filter(|_| trusted);
        let role = match metric.verdict {
            Verdict::Withheld => muted,
            _ => decided.unwrap_or(strong),
        };
        if let Some(change) = self.change {
            canvas.figure(change, y, FIGURE, &words::change(metric), (role, role));
        }
        if let Some(x) = self.interval {
            let unit = if metric.name == MetricName::Errors {
                "pp"
            } else {
                "%"
            };
            let interval = text::interval(metric.low_pct, metric.high_pct, unit);
            let (said, role) =
                interval.map_or_else(|| (text::NONE.to_owned(), muted), |said| (said, strong));
            canvas.text(x, y, INTERVAL, &said, role);
        }
        if let Some(at) = self.whisker.filter(|_| metric.name != MetricName::Errors) {
            whisker(canvas, app, metric, (at, role), y);
        }
        self.verdict(canvas, metric, trusted, y);
    }

    /// What the variants cost: never judged, and true whatever the self-checks say.
    pub(super) fn cost(&self, canvas: &mut Canvas<'_>, app: &App, cost: &Cost, y: u16) {
        let (strong, muted) = (Role::Text, Role::TextMuted);
        let name = match cost.name {
            CostName::Cpu => "cores",
            CostName::CpuPerRequest => "CPU/rq",
            CostName::Memory => "mem.",
        };
        canvas.text(self.name, y, 6, name, muted);
        if let Some((a, b)) = self.a_and_b {
            for (x, value) in [(a, cost.a), (b, cost.b)] {
                let value = value.map_or_else(|| text::NONE.to_owned(), |it| words::cost(cost, it));
                canvas.figure(x, y, FIGURE, &value, (strong, muted));
            }
        }
        if let Some(change) = self.change {
            let pct = cost.change_pct.map(text::change);
            let pct = pct.unwrap_or_else(|| text::NONE.to_owned());
            canvas.figure(change, y, FIGURE, &pct, (strong, muted));
        }
        let room = self.right - self.verdict;
        let said = if self.calculation && app.shows_calculation() {
            cost.calculation.clone()
        } else {
            words::shorten(&format!("{} (not judged)", cost.text), room)
        };
        if !cost.text.is_empty() {
            canvas.parts(self.verdict, y, room, &[foreign(&said, muted)]);
        }
    }

    fn verdict(&self, canvas: &mut Canvas<'_>, metric: &Metric, trusted: bool, y: u16) {
        let room = self.right - self.verdict;
        let muted = Role::TextMuted;
        let said = if self.calculation && !metric.calculation.is_empty() {
            foreign(&metric.calculation, muted)
        } else if self.calculation {
            foreign(&metric.text, muted)
        } else if !trusted {
            // Why stands above all rows.
            part("withheld", muted)
        } else {
            let said = words::verdict(metric);
            part(words::shorten(&said, room), words::role(metric))
        };
        canvas.parts(self.verdict, y, room, &[said]);
    }
}

/// The ends of the whiskers' scale, and its zero where it does not touch them. Narrow, they go without their unit.
fn scale(canvas: &mut Canvas<'_>, app: &App, (x, width): (u16, u16), y: u16) {
    let muted = Role::TextMuted;
    let mut ends = app.scales().change.labels();
    let taken = |ends: &[String; 2]| width_of(&ends[0]).max(width_of(&ends[1])) * 2 + 3;
    if taken(&ends) > width {
        ends = ends.map(|end| end.trim_end_matches([' ', '%']).to_owned());
    }
    let [low, high] = &ends;
    if width_of(low) + width_of(high) < width {
        canvas.text(x, y, width, low, muted);
        canvas.text_right(x + width, y, width, high, muted);
    }
    let zero = x + width / 2;
    if canvas.is_blank(zero - 1, y, 3) {
        canvas.text(zero, y, 1, "0", muted);
    }
}

fn whisker(
    canvas: &mut Canvas<'_>,
    app: &App,
    metric: &Metric,
    ((x, width), role): ((u16, u16), Role),
    y: u16,
) {
    let scale = app.scales().change;
    let place = |pct: Option<f64>| pct.map(|pct| scale.position(pct)).filter(|p| p.is_finite());
    let whisker = Whisker {
        low: place(metric.low_pct),
        centre: place(metric.centre_pct),
        high: place(metric.high_pct),
        line: canvas.style(role),
        axis: canvas.style(Role::TextMuted),
    };
    let row = Rect {
        x,
        y,
        width,
        height: 1,
    };
    canvas.widget(&whisker, row);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(width: u16, calculation: bool) -> Columns {
        let inner = Rect::new(2, 0, width, 5);
        let columns = Columns::of(inner, calculation);
        assert!(columns.verdict < inner.right());
        columns
    }

    #[test]
    fn the_verdict_outlives_every_other_column() {
        let shown = |width| {
            let columns = columns(width, false);
            (
                columns.whisker.map(|(_, width)| width),
                columns.interval.is_some(),
                columns.change.is_some(),
                columns.a_and_b.is_some(),
            )
        };
        assert_eq!(shown(156), (Some(27), true, true, true));
        assert_eq!(shown(116), (Some(11), true, true, true));
        assert_eq!(shown(96), (None, true, true, true));
        assert_eq!(shown(76), (None, false, true, true));
        assert_eq!(shown(56), (None, false, false, true));
        assert_eq!(shown(40), (None, false, false, false));
    }

    #[test]
    fn zero_has_a_cell_of_its_own_and_the_verdict_its_room() {
        for width in 90..300 {
            let columns = columns(width, false);
            if let Some((x, width)) = columns.whisker {
                assert_eq!(width % 2, 1);
                assert!(x + width < columns.verdict);
                assert!(columns.right - columns.verdict >= VERDICT);
            }
        }
    }

    #[test]
    fn the_arithmetic_stands_in_place_of_the_judgement() {
        for width in 40..200 {
            let columns = columns(width, true);
            assert!(columns.interval.is_none() && columns.whisker.is_none());
        }
        assert!(columns(76, true).change.is_some());
    }
}
