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

/// What the shades show, and the same in short.
const TITLE: &str = "share of a column's answers: ";
const SHORT: &str = "share: ";
/// What the mark of a stall means, and the same in short.
const STALLED: [&str; 2] = [" no answer, requests open", " no answer"];

/// The legend in at most `room` columns.
pub(super) fn of(app: &App, ink: &Ink, room: u16) -> Vec<Sample> {
    let stalls = has_stalls(app).then(|| app.theme().style(Role::StatusWarn));
    let failures = has_failures(app).then(|| app.theme().style(Role::StatusError));
    let form = |title: &str, stalled: &str, with_failures: bool| {
        let mut said = vec![words(title)];
        shades(&mut said, ink);
        if let Some(style) = stalls.filter(|_| !stalled.is_empty()) {
            said.push(words("   "));
            said.push((OPEN.to_owned(), Some(style)));
            said.push(words(stalled));
        }
        if let Some(style) = failures.filter(|_| with_failures) {
            said.push(words("   "));
            said.push(("·×█".to_owned(), Some(style)));
            said.push(words(" failed: some, 1 %, 50 %"));
        }
        said
    };
    let forms = [
        form(TITLE, STALLED[0], true),
        form(TITLE, STALLED[1], true),
        form(TITLE, STALLED[1], false),
        form(SHORT, STALLED[1], false),
        form("", STALLED[1], false),
        form("", "", false),
    ];
    let width = |said: &[Sample]| said.iter().map(|(said, _)| width_of(said)).sum::<u16>();
    let fitting = forms.into_iter().find(|said| width(said) <= room);
    fitting.unwrap_or_default()
}

fn words(words: &str) -> Sample {
    (words.to_owned(), None)
}

/// A shade of each quarter with the share from which on it stands.
fn shades(said: &mut Vec<Sample>, ink: &Ink) {
    let [first, ..] = QUARTERS;
    said.extend(sample(ink, grid::level(first / 3.0)));
    said.push(words(&format!(" < {}", per_cent(first))));
    for share in QUARTERS {
        said.push(words("  "));
        said.extend(sample(ink, grid::level(share)));
        said.push(words(&format!(" {}", per_cent(share))));
    }
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
