//! The last pairs of blocks or windows that the comparison rests on, the newest first, with the figures of both variants.

use crate::metrics::snapshot::{BlockRecord, Side, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, part};
use ratatui::layout::Rect;

/// The most pairs that are shown.
const MOST: usize = 40;
/// Columns of the pair's number, its beginning, and which came first.
const NUMBER: u16 = 5;
const BEGIN: u16 = 8;
const FIRST: u16 = 6;
/// Columns of a figure with the space before it.
const FIGURE: u16 = 9;

/// What is shown of a block.
type Of = fn(&BlockRecord) -> String;
/// The figures in the order of their columns, and how much they are worth where columns are short: 0 most.
const COLUMNS: [(&str, Of, usize); 6] = [
    ("RPS", |block| text::rate(block.rps), 0),
    ("p50", |block| latency(block, block.p50_us), 1),
    ("p95", |block| latency(block, block.p95_us), 3),
    ("p99", |block| latency(block, block.p99_us), 2),
    ("failed", |block| text::count(block.failed), 4),
    ("requests", |block| text::count(block.requests), 5),
];

/// A percentile; without a value it is among failures, or there was nothing.
fn latency(block: &BlockRecord, us: Option<f64>) -> String {
    match us {
        Some(us) => text::latency(us),
        None if block.failed > 0 => "∞".to_owned(),
        None => text::NONE.to_owned(),
    }
}

/// The blocks of one pair, the one that is first in the list first.
struct Pair<'a> {
    number: u64,
    blocks: Vec<&'a BlockRecord>,
}

/// The last pairs, the newest first.
fn pairs(blocks: &[BlockRecord]) -> Vec<Pair<'_>> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for block in blocks.iter().rev() {
        let full = pairs.len() == MOST;
        match pairs.last_mut() {
            Some(pair) if pair.number == block.pair => pair.blocks.insert(0, block),
            _ if full => break,
            _ => pairs.push(Pair {
                number: block.pair,
                blocks: vec![block],
            }),
        }
    }
    pairs
}

/// The most rows, with the frame and the titles.
pub(super) fn rows(snapshot: &Snapshot) -> u16 {
    match pairs(&snapshot.blocks).len() {
        0 => 3,
        pairs => pairs as u16 + 4,
    }
}

/// Why there is none.
fn none(snapshot: &Snapshot) -> &'static str {
    match snapshot.order() {
        _ if snapshot.variants.b.is_none() => "one variant alone makes no pairs",
        "sequential" => "one after the other: there are no pairs, and no verdict",
        _ => "no pair is complete yet",
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, snapshot: &Snapshot, frame: Rect) {
    if frame.height < 3 {
        return;
    }
    let inner = canvas.frame(frame);
    let pairs = pairs(&snapshot.blocks);
    let mut title = vec![part("The last pairs", Role::BorderTitle)];
    if let Some(comparison) = &snapshot.comparison
        && !pairs.is_empty()
    {
        let count = format!(" · {} so far", text::count(comparison.pairs));
        title.push(part(count, Role::TextMuted));
    }
    canvas.title(frame, frame.y, &title);
    if pairs.is_empty() || inner.height < 3 {
        canvas.text(
            inner.x,
            inner.y,
            inner.width,
            none(snapshot),
            Role::TextMuted,
        );
        return;
    }
    let drawn = snapshot.order() == "alternate";
    let x = inner.x + NUMBER + BEGIN + if drawn { FIRST } else { 0 };
    let room = inner.right().saturating_sub(x) / (2 * FIGURE);
    let columns = COLUMNS
        .iter()
        .filter(|(_, _, worth)| *worth < usize::from(room));
    let columns: Vec<_> = columns.collect();
    canvas.text_right(
        inner.x + NUMBER - 1,
        inner.y + 1,
        NUMBER,
        "pair",
        Role::TextMuted,
    );
    canvas.text_right(
        inner.x + NUMBER + BEGIN - 1,
        inner.y + 1,
        BEGIN,
        "from",
        Role::TextMuted,
    );
    if drawn {
        canvas.text(x - FIRST + 1, inner.y + 1, FIRST, "first", Role::TextMuted);
    }
    let letters = [("A", Role::VariantA), ("B", Role::VariantB)];
    for (i, (name, _, _)) in columns.iter().enumerate() {
        let left = x + i as u16 * 2 * FIGURE;
        canvas.text_right(left + FIGURE * 2, inner.y, FIGURE * 2, name, Role::Text);
        for (right, (letter, role)) in [FIGURE, 2 * FIGURE].into_iter().zip(letters) {
            canvas.text_right(left + right, inner.y + 1, 1, letter, role);
        }
    }
    for (y, pair) in (inner.y + 2..inner.bottom()).zip(&pairs) {
        let number = text::count(pair.number);
        canvas.text_right(inner.x + NUMBER - 1, y, NUMBER, &number, Role::Text);
        let begin = pair
            .blocks
            .iter()
            .map(|block| block.t)
            .fold(f64::MAX, f64::min);
        let begin = text::clock(begin);
        canvas.text_right(
            inner.x + NUMBER + BEGIN - 1,
            y,
            BEGIN,
            &begin,
            Role::TextMuted,
        );
        if let Some(first) = pair.blocks.first().filter(|_| drawn) {
            let name = first.variant.name();
            canvas.text(
                x - FIRST + 1,
                y,
                FIRST,
                name,
                letters[first.variant.index()].1,
            );
        }
        for (i, (_, of, _)) in columns.iter().enumerate() {
            let left = x + i as u16 * 2 * FIGURE;
            for (right, side) in [(FIGURE, Side::A), (2 * FIGURE, Side::B)] {
                let block = pair.blocks.iter().find(|block| block.variant == side);
                let figure = block.map_or_else(|| text::NONE.to_owned(), |block| of(block));
                canvas.text_right(left + right, y, FIGURE - 1, &figure, Role::Text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(pair: u64, variant: Side) -> BlockRecord {
        BlockRecord {
            pair,
            variant,
            t: 1.0,
            seconds: 10.0,
            requests: 1,
            failed: 0,
            rps: 1.0,
            p50_us: None,
            p95_us: None,
            p99_us: None,
        }
    }

    #[test]
    fn pairs_come_newest_first_with_their_blocks_in_the_order_they_ran() {
        let blocks = [
            block(1, Side::A),
            block(1, Side::B),
            block(2, Side::B),
            block(2, Side::A),
            block(3, Side::A),
        ];
        let seen: Vec<(u64, String)> = pairs(&blocks)
            .iter()
            .map(|pair| {
                let names = pair.blocks.iter().map(|block| block.variant.name());
                (pair.number, names.collect())
            })
            .collect();
        let wanted = [(3, "A"), (2, "BA"), (1, "AB")];
        assert_eq!(seen, wanted.map(|(n, names)| (n, names.to_owned())));
        let many: Vec<BlockRecord> = (0..2_000).map(|pair| block(pair, Side::A)).collect();
        assert_eq!(pairs(&many).len(), MOST);
    }
}
