//! The same in one table, where there is no room for two panes: both variants side by side, what matters most first.

use super::{outcomes, upstream};
use crate::metrics::snapshot::{Upstream, VariantSnapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::view::canvas::{Canvas, FIGURE, foreign, part};
use crate::tui::view::counts::failed_role;
use crate::tui::view::lane::Lane;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// Columns of a row's name.
const NAME: u16 = 13;

/// A name with a figure of each variant.
struct Row {
    name: String,
    figures: Vec<(String, Role)>,
}

fn row(name: &str, lanes: &[Lane<'_>], figure: impl Fn(&Lane<'_>) -> (String, Role)) -> Row {
    Row {
        name: name.to_owned(),
        figures: lanes.iter().map(figure).collect(),
    }
}

fn rows(lanes: &[Lane<'_>]) -> Vec<Row> {
    let plain = |name, of: fn(&VariantSnapshot) -> String| {
        row(name, lanes, |lane| (of(lane.variant), Role::Text))
    };
    let mut rows = vec![
        row("failed", lanes, |lane| {
            let failed = outcomes::figures(lane).failed;
            (text::count(failed), failed_role(failed))
        }),
        row("ok", lanes, |lane| {
            (text::count(outcomes::figures(lane).ok), Role::Text)
        }),
        plain("in flight", |v| text::count(v.window.in_flight)),
    ];
    // The kinds of failures of either, the commonest first.
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in lanes.iter().flat_map(outcomes::counts) {
        if name != "ok" {
            let sum = kinds.entry(name).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    let mut kinds: Vec<(&str, u64)> = kinds.into_iter().collect();
    kinds.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
    for (kind, _) in kinds.into_iter().take(4) {
        let name = text::printable(kind, 40);
        rows.push(row(&name, lanes, |lane| {
            let count = outcomes::figures(lane).outcomes.get(kind).copied();
            (text::count(count.unwrap_or(0)), outcomes::role(kind))
        }));
    }
    rows.extend([
        plain("opened", |v| text::count(v.connections.opened)),
        row("not opened", lanes, |lane| {
            let failed = lane.variant.connections.failed;
            (text::count(failed), failed_role(failed))
        }),
        plain("reused", |v| {
            let reused = v.connections.reused;
            reused.map_or_else(|| text::NONE.to_owned(), text::count)
        }),
        row("connect p99", lanes, |lane| {
            let time = lane.variant.connections.connect_us.get("p99");
            (text::percentile(time, lane.timeout_s), Role::Text)
        }),
    ]);
    if lanes.iter().any(upstream::is_seen) {
        let seen = |v: &VariantSnapshot, of: fn(&Upstream) -> Option<String>| {
            let figure = v.upstream.as_ref().and_then(of);
            figure.unwrap_or_else(|| text::NONE.to_owned())
        };
        rows.push(row("upstream", lanes, |lane| {
            let opened = seen(lane.variant, |it| Some(text::count(it.opened)));
            (opened, Role::Text)
        }));
        rows.push(row("requests each", lanes, |lane| {
            let each = |it: &Upstream| it.requests_per_connection.map(text::figure);
            (seen(lane.variant, each), Role::Text)
        }));
    }
    rows
}

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], area: Rect) {
    let mut inner = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let rows = rows(lanes);
    if usize::from(area.height) >= rows.len() + 3 {
        inner = canvas.frame(area);
        let title = [part("Errors & connections", Role::BorderTitle)];
        canvas.title(area, area.y, &title);
    }
    let x = |i: usize| inner.x + NAME + i as u16 * (FIGURE + 1);
    for (i, lane) in lanes.iter().enumerate() {
        canvas.figure(x(i), inner.y, FIGURE, lane.letter, (lane.role, lane.role));
    }
    let mut y = inner.y + 1;
    for row in rows {
        if y >= inner.bottom() {
            return;
        }
        canvas.text(inner.x, y, NAME, &row.name, Role::Text);
        for (i, (figure, role)) in row.figures.iter().enumerate() {
            canvas.figure(x(i), y, FIGURE, figure, (*role, Role::TextMuted));
        }
        y += 1;
    }
    // What went wrong in its own words, in the rows that are left.
    y += u16::from(y + 2 < inner.bottom());
    let mut errors: Vec<_> = lanes
        .iter()
        .flat_map(|lane| lane.variant.errors.iter().map(move |error| (lane, error)))
        .collect();
    errors.sort_by_key(|(_, error)| std::cmp::Reverse(error.count));
    for (y, (lane, error)) in (y..inner.bottom()).zip(errors) {
        let parts = [
            part(format!("{} ", lane.letter), lane.role),
            part(format!("{} ", text::count(error.count)), Role::Text),
            part(
                format!("{} ", text::printable(&error.outcome, 20)),
                Role::StatusError,
            ),
            foreign(&error.text, Role::TextMuted),
        ];
        canvas.parts(inner.x, y, inner.width, &parts);
    }
    let failed = lanes.iter().any(|lane| outcomes::figures(lane).failed > 0);
    if y < inner.bottom() && !failed && app.snapshot().variants.iter().all(|v| v.errors.is_empty())
    {
        let answered = lanes.iter().find(|lane| outcomes::figures(lane).ok > 0);
        let (said, role) = outcomes::summary(answered.unwrap_or(&lanes[0]));
        canvas.text(inner.x, y, inner.width, &said, role);
    }
}
