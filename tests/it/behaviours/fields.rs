//! Header fields of HTTP/1: odd, wrong, large, many, and without an end.

use super::engine::Engine;
use super::row::{
    Act, HELLO, Row, answers, answers_and_closes, endless, no_answer, no_end, ok, say,
};
use std::time::Duration;

/// More than any client should take in of one head, and what the system's buffers hold.
const HEAD_AND_BUFFERS: u64 = 16 << 20;

fn with(line: &str) -> Vec<Act> {
    answers(format!(
        "HTTP/1.1 200 OK\r\n{line}\r\ncontent-length: 5\r\n\r\nhello"
    ))
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = fields();
    rows.extend(sizes());
    rows.extend(endless_heads());
    rows
}

fn fields() -> Vec<Row> {
    vec![
        Row::new(
            "a header without a colon",
            with("no colon here"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "a header without a name",
            with(": value"),
            no_answer("HTTP header"),
        ),
        Row::new("a header without a value", with("x-empty:"), ok(5)),
        Row::new(
            "a header folded onto a second line",
            with("x-folded: one\r\n two"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "a space before the colon",
            with("x-space : value"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "a space before the first header",
            with(" x-space: value"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "a header's name in UTF-8",
            with("x-schön: value"),
            no_answer("HTTP header"),
        ),
        Row::new("a header's value in UTF-8", with("x-value: schön ✓"), ok(5)),
        Row::new(
            "a header's value in no encoding at all",
            vec![
                Act::ReadRequest,
                say(b"HTTP/1.1 200 OK\r\nx-value: \xff\xfe\r\ncontent-length: 5\r\n\r\nhello"),
                Act::Wait,
            ],
            ok(5),
        ),
        Row::new(
            "NUL in a header's name",
            with("x-\0: value"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "NUL in a header's value",
            with("x-value: a\0b"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "a terminal's control sequence in a header",
            with("x-value: \u{1b}[2J"),
            no_answer("HTTP header"),
        ),
        Row::new(
            "CR alone in a header's value",
            with("x-value: a\rb"),
            no_answer("HTTP header"),
        ),
    ]
}

fn sizes() -> Vec<Row> {
    vec![
        Row::new("99 headers", with(&["x-many: 1"; 98].join("\r\n")), ok(5)),
        // hyper stops at 100 and reqwest leaves it at that.
        Row::new(
            "1,000 headers",
            with(&["x-many: 1"; 999].join("\r\n")),
            no_answer("head is too large"),
        ),
        Row::new(
            "a header of 100 KB",
            with(&format!("x-long: {}", "v".repeat(100_000))),
            ok(5),
        ),
        Row::new(
            "a header's name of 100 KB",
            with(&format!("x-{}: long", "n".repeat(100_000))),
            no_answer("head is too large"),
        )
        .but(
            Engine::Direct,
            ok(5),
            "it looks at the size of the head as a whole, and so large a one is allowed",
        ),
        Row::new(
            "a header of 4 MB",
            with(&format!("x-long: {}", "v".repeat(4 << 20))),
            no_answer("head is too large"),
        ),
        Row::new(
            "the end in the midst of a head",
            answers_and_closes("HTTP/1.1 200 OK\r\ncontent-le"),
            no_answer("closed before message"),
        ),
        Row::new(
            "a reset in the midst of a head",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\ncontent-le"),
                Act::Reset,
            ],
            no_answer("Connection reset"),
        ),
        Row::new(
            "nothing after half a head",
            answers("HTTP/1.1 200 OK\r\ncontent-le"),
            no_end(),
        ),
        Row::new(
            "a head that comes byte by byte",
            vec![
                Act::ReadRequest,
                Act::Drip(HELLO.into(), Duration::from_millis(1)),
                Act::Wait,
            ],
            ok(5),
        ),
    ]
}

fn endless_heads() -> Vec<Row> {
    [
        (
            "endless headers",
            "HTTP/1.1 200 OK\r\n",
            "x-more: of it\r\n",
        ),
        (
            "a header's value without an end",
            "HTTP/1.1 200 OK\r\nx-long: ",
            "v",
        ),
        (
            "a header's name without an end",
            "HTTP/1.1 200 OK\r\nx",
            "n",
        ),
        ("a reason phrase without an end", "HTTP/1.1 200 ", "OK"),
        ("a version without an end", "HTTP/1.1", "1"),
        (
            "a folded header without an end",
            "HTTP/1.1 200 OK\r\nx-folded: a",
            "\r\n b",
        ),
        ("endless NULs", "", "\0"),
    ]
    .into_iter()
    .map(|(name, start, more)| {
        Row::new(name, endless(start, more), no_answer("")).sends_at_most(HEAD_AND_BUFFERS)
    })
    .chain([
        Row::new(
            "endless blank lines before the answer",
            endless("", "\r\n"),
            no_answer("head is too large"),
        )
        .sends_at_most(HEAD_AND_BUFFERS),
        Row::new(
            "a head that goes on slowly and for ever",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\n"),
                Act::EndlessSlowly(b"x-y: z\r\n".to_vec(), Duration::from_millis(20)),
            ],
            no_end(),
        ),
    ])
    .collect()
}
