//! The upstream lens: what the endpoint behind a gateway sees of the gateway's connections since the start of the load.
//!
//! ```text
//!  upstream   opened 6,690  each 1  most 1  HTTP/1.1
//!    now/most open 3/7  serving 3/7
//!    closed   idle 12  asked 6,678  mid-request 0  by endpoint 0  longest idle 4.0 s
//! ```

use super::sockets::line;
use crate::metrics::snapshot::Upstream;
use crate::text;
use crate::tui::view::canvas::Part;
use crate::tui::view::counts::short;
use crate::tui::view::lane::Lane;

/// Rows of the lens where there is enough room.
pub(super) const ROWS: u16 = 3;
/// The widest that a count gets.
const WIDEST: u16 = 8;

/// Whether there is somebody behind the gateway who sees it.
pub(super) fn is_seen(lane: &Lane<'_>) -> bool {
    lane.variant.upstream.is_some()
}

/// The rows, what matters most first, each of at most `room` columns.
pub(super) fn lines(upstream: &Upstream, room: u16) -> [Vec<Part>; 3] {
    let count = |value: u64| short(value, WIDEST);
    let item = |name: &str, figure: String| (name.to_owned(), figure);
    let each = upstream
        .requests_per_connection
        .map_or_else(|| text::NONE.to_owned(), text::figure);
    let carried = [
        item("opened", count(upstream.opened)),
        item("each", each),
        item("most", count(upstream.most_requests)),
        item(&upstream.versions(), String::new()),
    ];
    let now = [
        ("open", upstream.open, upstream.most_open),
        ("serving", upstream.in_service, upstream.most_in_service),
    ];
    let now = now.map(|(name, now, most)| item(name, format!("{}/{}", count(now), count(most))));
    let by = &upstream.closed_by;
    let mut closed = vec![
        item("idle", count(by.idle)),
        item("asked", count(by.asked)),
        item("mid-request", count(by.mid_request)),
        item("by endpoint", count(by.endpoint)),
    ];
    if let Some(idle) = upstream.longest_idle_s {
        closed.push(item("longest idle", text::seconds(tenths(idle))));
    }
    [
        line("upstream", &carried, room),
        line("  now/most", &now, room),
        line("  closed", &closed, room),
    ]
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
