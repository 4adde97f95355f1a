//! What the shades and marks mean.

use super::grid::{self, QUARTERS};
use super::map::{OPEN, has_failures, has_stalls};
use crate::theme::Role;
use crate::tui::App;
use crate::tui::view::canvas::{Canvas, width_of};
use crate::tui::widgets::Ink;
use ratatui::style::Style;

/// Words, or a sample, in their style; `None`: muted.
pub(super) type Sample = (String, Option<Style>);

/// The legend in at most `room` columns.
pub(super) fn of(app: &App, ink: &Ink, room: u16) -> Vec<Sample> {
    let words = |words: &str| (words.to_owned(), None);
    let width = |said: &[Sample]| said.iter().map(|(said, _)| width_of(said)).sum::<u16>();
    let mut marks = Vec::new();
    if has_stalls(app) {
        marks.push((OPEN.to_owned(), Some(app.theme().style(Role::StatusWarn))));
        marks.push(words(" no answer, requests open"));
    }
    if has_failures(app) {
        let gap = if marks.is_empty() { "" } else { "  " };
        marks.push(words(gap));
        let sample = "·×█".to_owned();
        marks.push((sample, Some(app.theme().style(Role::StatusError))));
        marks.push(words(" failed: some, 1 %, 50 %"));
    }
    let shades = |title: &str| {
        let mut said = vec![words(title)];
        let [first, ..] = QUARTERS;
        said.extend(sample(ink, grid::level(first / 3.0)));
        said.push(words(&format!(" < {}", per_cent(first))));
        for share in QUARTERS {
            said.push(words("  "));
            said.extend(sample(ink, grid::level(share)));
            said.push(words(&format!(" {}", per_cent(share))));
        }
        said
    };
    let titles = ["share of a column's answers: ", "share: ", ""];
    let mut forms = titles.iter().map(|title| shades(title));
    let both = |mut said: Vec<Sample>| {
        if !marks.is_empty() {
            said.push(words("   "));
            said.extend(marks.iter().cloned());
        }
        said
    };
    let with_marks = titles[..2].iter().map(|title| both(shades(title)));
    let fitting = with_marks.into_iter().find(|said| width(said) <= room);
    let fitting = fitting.or_else(|| forms.find(|said| width(said) <= room));
    fitting.unwrap_or_default()
}

/// A round share: `5 %`.
fn per_cent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn sample(ink: &Ink, level: f64) -> Option<Sample> {
    let (sign, style) = ink.whole(level)?;
    Some((sign.repeat(ink.places()), Some(style)))
}

/// Writes a legend; `framed`: into the line of a frame, with a space at either end.
pub(super) fn draw(canvas: &mut Canvas<'_>, legend: &[Sample], x: u16, y: u16, framed: bool) {
    if legend.is_empty() {
        return;
    }
    let mut x = x;
    let mut put = |canvas: &mut Canvas<'_>, said: &str, style: Option<Style>| {
        let used = canvas.text(x, y, width_of(said), said, Role::TextMuted);
        if let Some(style) = style {
            canvas.restyle(x, y, used, style);
        }
        x += used;
    };
    if framed {
        put(canvas, " ", None);
    }
    for (said, style) in legend {
        put(canvas, said, *style);
    }
    if framed {
        put(canvas, " ", None);
    }
}
