//! What the shades and marks mean.

use super::grid::{self, MOST, QUARTERS};
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
    let mut forms = forms.into_iter().chain([narrow(ink)]);
    forms.find(|said| width(said) <= room).unwrap_or_default()
}

fn words(words: &str) -> Sample {
    (words.to_owned(), None)
}

/// The samples of all shades with the share from which on each stands: less than the first of them, one of each quarter, and
/// the strongest.
fn all(ink: &Ink) -> Vec<(Option<Sample>, f64)> {
    let [first, ..] = QUARTERS;
    let mut all = vec![(sample(ink, grid::level(first / 3.0)), 0.0)];
    for share in QUARTERS.into_iter().chain([MOST]) {
        let shade = sample(ink, grid::level(share));
        // Of signs there is one a quarter.
        if all.last().is_none_or(|(last, _)| *last != shade) {
            all.push((shade, share));
        }
    }
    all
}

fn shades(said: &mut Vec<Sample>, ink: &Ink) {
    let [first, ..] = QUARTERS;
    for (shade, share) in all(ink) {
        let (gap, named) = if share > 0.0 {
            ("  ", format!(" {}", per_cent(share)))
        } else {
            ("", format!(" < {}", per_cent(first)))
        };
        said.push(words(gap));
        said.extend(shade);
        said.push(words(&named));
    }
}

/// The same for where hardly anything has room: `█<1 █1 █5 █20 █60 %`.
fn narrow(ink: &Ink) -> Vec<Sample> {
    let mut said = Vec::new();
    for (shade, share) in all(ink) {
        let named = if share > 0.0 { share } else { QUARTERS[0] } * 100.0;
        let less = if share > 0.0 { "" } else { "<" };
        let one = shade.map(|(sign, style)| (sign.chars().take(1).collect(), style));
        said.extend(one);
        said.push(words(&format!("{less}{named:.0} ")));
    }
    said.push(words("%"));
    said
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
