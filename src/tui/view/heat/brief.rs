//! The same where there is no room for panes: a few rows of shades for each variant, one above the other, with one time axis.

use super::{figures, legend, map};
use crate::tui::App;
use crate::tui::view::canvas::{Canvas, part, width_of_parts};
use crate::tui::view::chart::LABELS;
use crate::tui::view::lane::Lane;
use ratatui::layout::Rect;

/// Columns of the letter, with the space after it.
const LETTER: u16 = 2;
/// The time axis and its labels.
const AXIS: u16 = 2;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], area: Rect) {
    let count = (lanes.len() as u16).max(1);
    let plot = Rect {
        x: area.x + 1 + LETTER + LABELS,
        width: area.width.saturating_sub(2 + LETTER + LABELS),
        ..area
    };
    if plot.width < 4 || area.height < count {
        return;
    }
    // The axis where each variant still has a row. Where there is no room for both the figures at the cursor come first: they
    // say when it is.
    let reads = app.cursor().is_some();
    let axis = if area.height >= count + AXIS + u16::from(reads) * (count + 1) {
        AXIS
    } else {
        0
    };
    let rest = area.height - axis;
    // Then a line of words, then all to the shades.
    let rows = if rest > count && (reads || rest / count > 2) {
        (rest - 1) / count
    } else {
        rest / count
    };
    let mut y = area.y;
    for (i, lane) in (1..).zip(lanes) {
        let own = Rect {
            y,
            height: rows,
            ..plot
        };
        let labels = Rect {
            x: area.x + 1 + LETTER,
            y,
            width: LABELS,
            height: rows,
        };
        canvas.place(
            lane.panel(),
            Rect {
                y,
                height: rows,
                ..area
            },
        );
        let ink = map::ink(canvas, lane);
        let timed = axis > 0 && i == count;
        map::draw(canvas, app, lane, &ink, (labels, own), timed);
        canvas.text(area.x + 1, y, 1, lane.letter, lane.role);
        y += rows;
    }
    y += axis;
    if y < area.bottom() {
        let row = Rect {
            x: area.x + 1,
            y,
            width: area.width.saturating_sub(2),
            height: 1,
        };
        words(canvas, app, lanes, row);
    }
}

/// The figures at the cursor, else what the shades mean.
fn words(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], row: Rect) {
    let all: Vec<_> = lanes
        .iter()
        .map(|lane| figures::at_cursor(app, lane))
        .collect();
    let forms = all.iter().map(Vec::len).min().unwrap_or(0);
    for form in 0..forms {
        let mut said = Vec::new();
        for (i, (lane, of)) in lanes.iter().zip(&all).enumerate() {
            // When it is needs to be said once.
            let of = of.get(form).map_or(&[][..], Vec::as_slice);
            if i == 0 {
                said.extend(of.iter().take(1).cloned());
            }
            said.push(part(format!("  {}", lane.letter), lane.role));
            said.extend(of.iter().skip(1).cloned());
        }
        if width_of_parts(&said) <= row.width || form + 1 == forms {
            canvas.parts(row.x, row.y, row.width, &said);
            return;
        }
    }
    let Some(lane) = lanes.first() else { return };
    let ink = map::ink(canvas, lane);
    let legend = legend::of(app, &ink, row.width);
    legend::draw(canvas, &legend, row.x, row.y, false);
}
