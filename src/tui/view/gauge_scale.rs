//! The scale above gauges: round values, each at the right of a short line at its place: `╷0      ╷100    ╷200`.
//!
//! It says what the gauges' scales are, the same for A and B, and moves only when they do.

use super::canvas::{Canvas, width_of};
use super::chart::tick;
use crate::text;
use crate::theme::Role;
use crate::tui::scales::Scales;
use ratatui::layout::Rect;

/// The line at a value's place.
const LINE: &str = "╷";

/// A value on the scale: where, from 0 to 1, and what it is called.
type Tick = (f64, String);

/// A value in a row of cells: the column of its line, the first one of its name, and the name.
type Placed = (u16, u16, String);

/// The scale of the RPS gauges, which have the columns of `row`.
pub(super) fn rps(canvas: &mut Canvas<'_>, scales: &Scales, row: Rect) {
    draw(
        canvas,
        &placed(linear(scales.rps, row.width), row.width),
        row,
    );
}

/// The scale of the latency gauges, which have the columns of `row`.
pub(super) fn latency(canvas: &mut Canvas<'_>, scales: &Scales, row: Rect) {
    // The powers of ten first; what lies between them where there is room.
    let factors = [1.0, 5.0, 2.0].into_iter();
    let values = factors.flat_map(|factor| scales.latency.ticks(factor));
    let ticks: Vec<Tick> = values
        .map(|us| (scales.latency.position(us), tick(us)))
        .collect();
    draw(canvas, &placed(ticks, row.width), row);
}

/// The upper end of the RPS gauges, for where there is no room for their scale.
pub(super) fn rps_end(scales: &Scales) -> String {
    number(scales.rps)
}

fn draw(canvas: &mut Canvas<'_>, placed: &[Placed], row: Rect) {
    for (line, name, text) in placed {
        canvas.text(row.x + line, row.y, 1, LINE, Role::ChartAxis);
        canvas.text(row.x + name, row.y, row.width, text, Role::ChartAxis);
    }
}

/// From 0 to `high` in the shortest step of the form 1, 2, 5 × a power of ten whose names have room in `width` columns.
fn linear(high: f64, width: u16) -> Vec<Tick> {
    if !(high.is_finite() && high > 0.0) || width == 0 {
        return Vec::new();
    }
    let power = 10f64.powf(high.log10().floor() - 1.0);
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].map(|step| step * power);
    let longest = width_of(&number(high)).max(1);
    let step = steps
        .into_iter()
        .find(|step| f64::from(width) * step / high >= f64::from(longest + 3))
        .unwrap_or(high);
    let count = (high / step * 1.000_001) as u32;
    (0..=count)
        .map(|i| f64::from(i) * step)
        .map(|value| (value / high, number(value)))
        .collect()
}

/// A round number: `0.5`, `250`, `1,000`.
fn number(value: f64) -> String {
    if value >= 1_000.0 {
        text::count(value.round() as u64)
    } else {
        format!("{}", (value * 1e6).round() / 1e6)
    }
}

/// Those of `ticks` that have room in `width` columns, the first ones first: a name stands at the right of its line, or where
/// that is too near the end, at its left.
fn placed(ticks: Vec<Tick>, width: u16) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    let mut taken = vec![false; usize::from(width)];
    for (place, name) in ticks {
        let line = ((place.clamp(0.0, 1.0) * f64::from(width)) as u16).min(width.saturating_sub(1));
        let long = width_of(&name);
        let right = (line + 1 + long <= width).then_some((line, line + 1, 0));
        // Nothing but air parts a name from the one before it where its line is behind it.
        let left = || line.checked_sub(long).map(|from| (from, from, 1));
        let Some((from, at, air)) = right.or_else(left) else {
            continue;
        };
        let end = from + long + 1;
        let cells = |from: u16, end: u16| usize::from(from)..usize::from(end.min(width));
        let room = taken.get(cells(from.saturating_sub(1 + air), end + 1));
        if room.is_none_or(|room| room.contains(&true)) {
            continue;
        }
        let own = taken.get_mut(cells(from.saturating_sub(air), end));
        own.into_iter().flatten().for_each(|cell| *cell = true);
        placed.push((line, at, name));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::scales::LogScale;

    fn written(placed: &[Placed], width: u16) -> String {
        let mut row = vec![' '; usize::from(width)];
        for (line, name, text) in placed {
            row[usize::from(*line)] = '╷';
            for (i, c) in text.chars().enumerate() {
                row[usize::from(*name) + i] = c;
            }
        }
        row.into_iter().collect()
    }

    fn rps(high: f64, width: u16) -> String {
        written(&placed(linear(high, width), width), width)
    }

    fn latency(low_us: f64, high_us: f64, width: u16) -> String {
        let scale = LogScale { low_us, high_us };
        let values = [1.0, 5.0, 2.0].into_iter().flat_map(|f| scale.ticks(f));
        let ticks = values.map(|us| (scale.position(us), tick(us))).collect();
        written(&placed(ticks, width), width)
    }

    #[test]
    fn rates_have_round_steps() {
        assert_eq!(rps(300.0, 30), "╷0        ╷100      ╷200  300╷");
        assert_eq!(rps(125.0, 15), "╷0    ╷50      ");
        assert_eq!(rps(1.25, 24), "╷0       ╷0.5      ╷1   ");
        assert_eq!(rps(20_000.0, 30).trim_end(), "╷0             ╷10,000");
        assert_eq!(rps(0.0, 30).trim(), "");
    }

    #[test]
    fn latencies_have_their_powers_of_ten_before_what_lies_between() {
        assert_eq!(latency(5e4, 5e6, 34), "     ╷100 ms          ╷1 s    5 s╷");
        assert_eq!(latency(5e4, 5e6, 17), "  ╷100 ms  ╷1 s  ");
        assert_eq!(
            latency(1e3, 1e4, 40),
            "╷1 ms       ╷2 ms          ╷5 ms  10 ms╷"
        );
    }

    #[test]
    fn names_never_touch_and_never_leave_the_row() {
        for width in 0..120 {
            for high in [0.5, 1.0, 1.25, 30.0, 250.0, 8_000.0, 3e6] {
                let names = placed(linear(high, width), width);
                let mut ends: Vec<(u16, u16)> = names
                    .iter()
                    .map(|(line, at, name)| {
                        let from = (*line).min(*at);
                        (from, from + width_of(name) + 1)
                    })
                    .collect();
                ends.sort_unstable();
                assert!(ends.iter().all(|(_, end)| *end <= width), "{high} {width}");
                assert!(ends.windows(2).all(|two| two[0].1 < two[1].0));
            }
        }
    }
}
