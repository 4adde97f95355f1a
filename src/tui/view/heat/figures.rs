//! The exact figures of the stretch of time under the time cursor.

use crate::metrics::snapshot::SeriesPoint;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::cursor;
use crate::tui::spectra::Spectrum;
use crate::tui::view::canvas::{Part, part};
use crate::tui::view::lane::Lane;

/// What is known of a stretch of time.
struct Stretch<'a> {
    spectrum: Option<&'a Spectrum>,
    failed: u64,
    in_flight: u64,
}

/// What a variant did in the second that ends at `t`, or in the longer stretch that holds it.
fn stretch<'a>(app: &'a App, lane: &Lane<'_>, t: f64) -> Option<Stretch<'a>> {
    let series = &lane.variant.series;
    let middle = cursor::point(series, t).map(|point| point.t - point.seconds / 2.0)?;
    let holds = |spectrum: &&Spectrum| spectrum.t() <= middle && middle < spectrum.end();
    let spectrum = app.spectra().of(lane.side).iter().find(holds);
    let (from, until) = spectrum.map_or((middle, middle), |s| (s.t(), s.end()));
    // All seconds of the stretch: those that have their middle in it.
    let inside = |point: &&SeriesPoint| {
        let here = point.t - point.seconds / 2.0;
        from <= here && here <= until
    };
    let seconds = series.iter().filter(inside);
    let (mut failed, mut in_flight) = (0u64, 0);
    for point in seconds {
        failed = failed.saturating_add(point.failed);
        in_flight = point.in_flight;
    }
    Some(Stretch {
        spectrum,
        failed,
        in_flight,
    })
}

/// The figures at the cursor, from the most that can be said to the least; nothing without a cursor.
pub(super) fn at_cursor(app: &App, lane: &Lane<'_>) -> Vec<Vec<Part>> {
    let Some(t) = app.cursor() else {
        return Vec::new();
    };
    let stretch = stretch(app, lane, t);
    let long = |s: &&Spectrum| s.seconds() > 1.5;
    let at = match stretch.as_ref().and_then(|s| s.spectrum).filter(long) {
        Some(s) => format!("{}–{}", text::clock(s.t()), text::clock(s.end())),
        None => text::clock(t),
    };
    let Some(stretch) = stretch else {
        let none = |words| vec![part(format!("at {at}"), Role::TextStrong), muted(words)];
        return vec![none("  nothing was measured"), none("  —")];
    };
    let failed = (stretch.failed > 0).then(|| text::count(stretch.failed));
    let figures = stretch.spectrum.and_then(|spectrum| {
        let (p50, p99) = (spectrum.quantile(0.5)?, spectrum.quantile(0.99)?);
        let (_, max) = spectrum.extremes()?;
        Some((spectrum.answers, [("p50", p50), ("p99", p99), ("max", max)]))
    });
    let form = |words: bool, known: &[usize]| {
        let before = if words { "at " } else { "" };
        let mut said = vec![part(format!("{before}{at}"), Role::TextStrong)];
        if let Some((answers, latencies)) = &figures {
            if words {
                said.push(part(format!("  {}", text::count(*answers)), Role::Text));
                said.push(muted(" answers"));
            }
            for (name, us) in known.iter().filter_map(|&i| latencies.get(i)) {
                said.push(muted(&format!("  {name} ")));
                said.push(part(text::latency(*us as f64), Role::Text));
            }
        } else {
            said.push(muted(if words { "  no answer" } else { "  —" }));
            if stretch.in_flight > 0 && stretch.failed == 0 {
                let open = text::count(stretch.in_flight);
                said.push(part(format!("  {open} in flight"), Role::StatusWarn));
            }
        }
        if let Some(failed) = &failed {
            let word = if words { "failed" } else { "×" };
            said.push(part(format!("  {failed} {word}"), Role::StatusError));
        }
        said
    };
    vec![
        form(true, &[0, 1, 2]),
        form(false, &[0, 1, 2]),
        form(false, &[0, 1]),
        form(false, &[0]),
    ]
}

fn muted(text: &str) -> Part {
    part(text, Role::TextMuted)
}
