//! The connection lens: how many connections there were since the start of the load, what became of them, how long it took
//! to make them, and what they agreed on.
//!
//! ```text
//!     200 opened        n/a closed          0 failed
//!   6,690 reused       33.5 each            0 stale
//!    0.34 new/s         412 most           12 full        188 resumed
//!  connect    p50 200 µs  p99 900 µs  max …
//!  of it      DNS 90 µs  TCP 40 µs  TLS 610 µs (p50)
//!  wait       n/a (no limit is set)
//!  agreed on  HTTP/2, TLS 1.3, TLS13_AES_256_GCM_SHA384
//!  upstream   … (see `upstream`)
//! ```
//!
//! `n/a` is what the engine cannot know.

use super::upstream;
use crate::metrics::snapshot::{Agreed, Latency, Processes};
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, Part, part, width_of};
use crate::tui::view::counts::{failed_role, short};
use crate::tui::view::lane::Lane;
use crate::tui::view::processes;
use ratatui::layout::Rect;

/// Rows of the part where there is little room: two of counts, and the time to connect. What was agreed on is then in the title.
pub(super) const LEAST_ROWS: u16 = 3;
/// Rows of the part where there is enough, for a gateway that is not launched and not seen from behind.
pub(super) const ROWS: u16 = 7;
/// Rows of counts, where there is little room and where there is enough.
const COUNTS: (u16, u16) = (2, 3);
/// Columns of a word.
const WORD: u16 = 7;
/// The widest a figure gets, and a figure with its word and the gap behind.
const WIDEST: (u16, u16) = (9, 24);
/// Columns of a line's name.
const NAME: usize = 11;
/// What the engine cannot know.
const UNKNOWABLE: &str = "n/a";

/// A figure, its word, and its colour.
type Cell = (String, &'static str, Role);

/// The rows of counts, with figures of at most `width` columns.
fn cells(lane: &Lane<'_>, width: u16) -> [Vec<Cell>; 3] {
    let connections = &lane.variant.connections;
    let count = |value: u64| short(value, width + 1);
    let known = |value: Option<u64>| value.map_or_else(|| UNKNOWABLE.to_owned(), count);
    let rate = |value: Option<f64>| value.map_or_else(|| text::NONE.to_owned(), text::rate);
    let each = connections
        .requests_per_connection
        .map_or_else(|| text::NONE.to_owned(), text::figure);
    let cell = |figure: String, word| (figure, word, Role::Text);
    let failures = |count: u64, word| (short(count, width + 1), word, failed_role(count));
    let mut more = vec![
        cell(rate(connections.opened_per_s), "new/s"),
        cell(known(connections.most_requests), "most"),
    ];
    let handshakes = connections.full_handshakes + connections.resumed_handshakes;
    if handshakes > 0 {
        more.push(cell(count(connections.resumed_handshakes), "resumed"));
    }
    if connections.resent > 0 {
        more.push(cell(count(connections.resent), "sent again"));
    }
    [
        vec![
            cell(count(connections.opened), "opened"),
            cell(known(connections.closed), "closed"),
            failures(connections.failed, "failed"),
        ],
        vec![
            cell(known(connections.reused), "reused"),
            cell(each, "each"),
            failures(connections.stale, "stale"),
        ],
        more,
    ]
}

/// A line: its name, then as many of `items` as `room` columns take, each a name and a figure.
pub(super) fn line(name: &str, items: &[(String, String)], room: u16) -> Vec<Part> {
    let mut parts = vec![part(format!("{name:NAME$}"), Role::TextMuted)];
    let mut used = NAME as u16;
    for (i, (name, figure)) in items.iter().enumerate() {
        let gap = if i == 0 { 0 } else { 2 };
        used += width_of(name) + width_of(figure) + 1 + gap;
        if used > room {
            break;
        }
        let gap = " ".repeat(usize::from(gap));
        parts.push(part(format!("{gap}{name} "), Role::TextMuted));
        parts.push(part(figure.clone(), Role::Text));
    }
    parts
}

/// `p50 200 µs  p99 900 µs  max …`.
fn times(lane: &Lane<'_>, latency: &Latency) -> Vec<(String, String)> {
    ["p50", "p99", "max"]
        .into_iter()
        .map(|name| {
            let figure = text::percentile(latency.get(name), lane.timeout_s);
            (name.to_owned(), figure)
        })
        .collect()
}

/// The lines below the counts, each with its rank where rows are short: 0 comes first.
fn lines(lane: &Lane<'_>, room: u16) -> Vec<(Vec<Part>, u16)> {
    let connections = &lane.variant.connections;
    let median = |name: &str, latency: &Latency| {
        let figure = text::percentile(latency.get("p50"), lane.timeout_s);
        (name.to_owned(), figure)
    };
    let phases = [
        median("DNS", &connections.dns_us),
        median("TCP", &connections.tcp_us),
        median("TLS", &connections.tls_us),
    ];
    let mut of_it = line("p50 of it", &phases, room);
    if of_it.len() <= 2 * phases.len() {
        // There is no room for all of them: those that are known come first.
        let known = phases
            .into_iter()
            .filter(|(_, figure)| figure != text::NONE);
        of_it = line("p50 of it", &known.collect::<Vec<_>>(), room);
    }
    if of_it.len() == 1 {
        of_it.clear();
    }
    let mut lines = vec![
        (
            line("connect", &times(lane, &connections.connect_us), room),
            0,
        ),
        (of_it, 4),
        (waits(lane, room), 5),
        (agreed(lane, room), 1),
    ];
    if let Some(seen) = &lane.variant.upstream {
        // It says why transports differ, which the client's side cannot.
        let ranks = [2, 3, 6];
        lines.extend(upstream::lines(seen, room).into_iter().zip(ranks));
    }
    if let Some(uses) = &lane.variant.processes {
        lines.push((used(uses, room), 7));
    }
    lines
}

/// The rows of the part where there is enough room.
pub(super) fn rows(lane: &Lane<'_>) -> usize {
    usize::from(legible(lane)) + usize::from(lane.variant.processes.is_some())
}

/// From this many rows on all counts are shown.
fn legible(lane: &Lane<'_>) -> u16 {
    ROWS + u16::from(upstream::is_seen(lane)) * upstream::ROWS
}

/// What the gateway's processes use now.
fn used(uses: &Processes, room: u16) -> Vec<Part> {
    let cores = uses.cpu_cores;
    let cores = cores.map_or_else(|| text::NONE.to_owned(), text::figure);
    let items = [
        ("cores".to_owned(), cores),
        ("memory".to_owned(), text::bytes(uses.memory_bytes as f64)),
        (processes::count(uses), String::new()),
    ];
    line("gateway", &items, room)
}

/// How long requests wait for a connection, where that can be known.
fn waits(lane: &Lane<'_>, room: u16) -> Vec<Part> {
    if lane.variant.connections.limit.is_some() {
        return line("wait", &times(lane, &lane.variant.run.slot_wait_us), room);
    }
    // An engine that tells who closes connections has no queue of its own for them.
    let figure = if lane.variant.connections.closed.is_some() {
        "none"
    } else {
        UNKNOWABLE
    };
    vec![
        part(format!("{:NAME$}", "wait"), Role::TextMuted),
        part(figure, Role::Text),
        part(" (no limit is set)", Role::TextMuted),
    ]
}

/// The part's title, of at most `room` columns. Where `height`, the title's row included, has no line for what was agreed on,
/// it says that too.
pub(super) fn title(lane: &Lane<'_>, height: u16, room: u16) -> String {
    const NAME: &str = "connections";
    let agreed = most(lane).filter(|_| height <= 1 + LEAST_ROWS);
    let mut forms = agreed.into_iter().flat_map(|agreed| {
        let forms = [in_short(agreed), text::printable(&agreed.http, 20)];
        forms.map(|words| format!("{NAME}, {words}"))
    });
    let fitting = forms.find(|title| width_of(title) <= room);
    fitting.unwrap_or_else(|| NAME.to_owned())
}

/// What most connections agreed on.
fn most<'a>(lane: &Lane<'a>) -> Option<&'a Agreed> {
    let agreed = lane.variant.connections.agreed.iter();
    agreed.max_by_key(|agreed| agreed.connections)
}

/// The cipher's name is long; what came about is told in full in Details and in the snapshot.
fn in_short(agreed: &Agreed) -> String {
    let parts = [Some(agreed.http.as_str()), agreed.tls.as_deref()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    text::printable(&parts.join(", "), 40)
}

/// What most connections agreed on, and how many other agreements there are.
fn agreed(lane: &Lane<'_>, room: u16) -> Vec<Part> {
    let mut parts = vec![part(format!("{:NAME$}", "agreed on"), Role::TextMuted)];
    let Some(most) = most(lane) else {
        parts.push(part(text::NONE, Role::Text));
        return parts;
    };
    let left = room.saturating_sub(NAME as u16);
    let others = lane.variant.connections.agreed.len() - 1;
    let more = if others > 0 {
        format!(" and {others} more")
    } else {
        String::new()
    };
    let fits = |words: &str| width_of(words) + width_of(&more) <= left;
    let words = Some(most.words()).filter(|words| fits(words));
    parts.push(part(words.unwrap_or_else(|| in_short(most)), Role::Text));
    parts.push(part(more, Role::TextMuted));
    parts
}

pub(super) fn draw(canvas: &mut Canvas<'_>, lane: &Lane<'_>, area: Rect) {
    let step = (area.width / 3).min(WIDEST.1);
    let figure = WIDEST.0.min(step.saturating_sub(WORD + 1));
    let counts = if area.height < legible(lane) {
        COUNTS.0
    } else {
        COUNTS.1
    };
    let left = area.height.saturating_sub(counts);
    let mut y = area.y;
    let room = area.width.saturating_sub(2);
    for cells in cells(lane, figure).into_iter().take(usize::from(counts)) {
        if y >= area.bottom() {
            return;
        }
        for (i, (value, word, role)) in cells.into_iter().enumerate() {
            let x = area.x + i as u16 * step;
            canvas.text_right(x + figure, y, figure, &value, role);
            canvas.text(x + figure + 1, y, WORD, word, Role::TextMuted);
        }
        y += 1;
    }
    let lines = lines(lane, room);
    let mut ranks: Vec<u16> = lines.iter().map(|(_, rank)| *rank).collect();
    ranks.sort_unstable();
    ranks.truncate(usize::from(left));
    for (parts, _) in lines.iter().filter(|(_, rank)| ranks.contains(rank)) {
        canvas.parts(area.x + 2, y, room, parts);
        y += 1;
    }
}
