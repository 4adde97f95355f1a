//! Where the time of a request goes: the gateway's own work, the wait for a slot or connection before it, the first byte.
//!
//! Response time counts from the intended start, service time from the actual send. Where the two lie far apart it is the
//! waiting that makes the latency, and the row says so with a mark and in the colour of a warning.

use super::canvas::{Canvas, Part, part, split, width_of, width_of_parts};
use super::lane::Lane;
use crate::metrics::snapshot::{Figures, Latency, Percentile};
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// Columns of a figure; a longer one shifts the rest.
const FIGURE: u16 = 7;
/// Response time this many times the service time, and …
const TIMES: f64 = 2.0;
/// … this much above it, in µs, is a gap worth a mark.
const APART_US: f64 = 10_000.0;

/// Figures with what is written before them, in the order of the row.
type Items = [(&'static str, fn(&Figures) -> (&Latency, &'static str))];

/// From all figures to the two that say most.
const ROWS: [&Items; 3] = [
    &[
        ("service p50 ", |f| (&f.service_us, "p50")),
        (" p99 ", |f| (&f.service_us, "p99")),
        ("  slot wait p99 ", |f| (&f.slot_wait_us, "p99")),
        ("  TTFB p99 ", |f| (&f.ttfb_us, "p99")),
    ],
    &[
        ("service p50 ", |f| (&f.service_us, "p50")),
        (" p99 ", |f| (&f.service_us, "p99")),
        ("  slot wait p99 ", |f| (&f.slot_wait_us, "p99")),
    ],
    &[
        ("service p99 ", |f| (&f.service_us, "p99")),
        ("  slot wait p99 ", |f| (&f.slot_wait_us, "p99")),
    ],
];

/// True when waiting, not the gateway's work, makes the latency. Of ok requests alone: service time is known of no others.
pub(super) fn make_the_latency(figures: &Figures) -> bool {
    let us = |latency: &Latency| match latency.get("p99") {
        Percentile::Exactly(us) | Percentile::AtLeast(us) => Some(us as f64),
        Percentile::Unknown | Percentile::Beyond(_) => None,
    };
    us(&figures.ok_response_us)
        .zip(us(&figures.service_us))
        .is_some_and(|(response, service)| {
            response > TIMES * service && response - service > APART_US
        })
}

/// Draws the row: of the live window, or of the run when it is over.
pub(super) fn draw(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let figures = lane.counting();
    let apart = make_the_latency(figures);
    let room = row.width.saturating_sub(2);
    let all = ROWS.map(|items| parts(items, figures, lane.timeout_s, apart));
    let fitting = all.iter().find(|parts| width_of_parts(parts) <= room);
    if apart {
        canvas.text(row.x, row.y, 1, "▲", Role::StatusWarn);
    }
    canvas.parts(row.x + 2, row.y, room, fitting.unwrap_or(&all[2]));
}

fn parts(items: &Items, figures: &Figures, timeout_s: f64, apart: bool) -> Vec<Part> {
    let (of_name, of_figure) = if apart {
        (Role::StatusWarn, Role::StatusWarn)
    } else {
        (Role::TextMuted, Role::Text)
    };
    let mut parts = Vec::new();
    for (name, of) in items {
        let (latency, percentile) = of(figures);
        let figure = text::percentile(latency.get(percentile), timeout_s);
        let pad = FIGURE.saturating_sub(width_of(&figure));
        let ttfb = name.contains("TTFB");
        parts.push(part(*name, if ttfb { Role::TextMuted } else { of_name }));
        let pad = " ".repeat(usize::from(pad));
        let (number, unit) = split(&figure);
        parts.push(part(
            format!("{pad}{number}"),
            if ttfb { Role::Text } else { of_figure },
        ));
        // Units stand back as in the gauges.
        let unit = figure[number.len()..]
            .strip_suffix(unit)
            .map(|gap| format!("{gap}{unit}"));
        parts.push(part(
            unit.unwrap_or_default(),
            if ttfb { Role::TextMuted } else { of_name },
        ));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(response: Option<u64>, service: Option<u64>) -> Figures {
        let mut figures = Figures::default();
        figures.ok_response_us.p99 = response;
        figures.service_us.p99 = service;
        figures
    }

    #[test]
    fn a_wait_is_of_note_when_it_is_large_in_itself_and_beside_the_work() {
        let marked = |response, service| make_the_latency(&figures(response, service));
        assert!(marked(Some(9_800_000), Some(1_200)));
        assert!(!marked(Some(9_000), Some(1_200)), "less than 10 ms apart");
        assert!(!marked(Some(190_000), Some(100_000)), "less than twice");
        assert!(!marked(None, Some(1_200)) && !marked(Some(9_000_000), None));
    }

    #[test]
    fn each_row_fits_the_pane_it_is_for() {
        let mut figures = Figures::default();
        for latency in [
            &mut figures.service_us,
            &mut figures.slot_wait_us,
            &mut figures.ttfb_us,
        ] {
            (latency.p50, latency.p99) = (Some(74_100), Some(331_000));
        }
        // Inside of panes 80, 60 and 50 columns wide.
        for (items, room) in ROWS.into_iter().zip([76, 56, 46]) {
            let taken = width_of_parts(&parts(items, &figures, 30.0, false)) + 2;
            assert!(taken <= room, "{taken} of {room}");
        }
    }
}
