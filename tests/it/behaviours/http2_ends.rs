//! HTTP/2: streams and connections that end before their time, and floods that have no end.

use super::engine::Engine;
use super::frames::{
    CANCEL, CONTINUATION, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, INTERNAL_ERROR,
    NO_ERROR, PUSH_PROMISE, REFUSED_STREAM, STATUS_200, block, data, exchange, field, floods,
    frame, goaway, head, headers, hello, ping, reset, settings, speaks, window_update,
};
use super::http2::in_clear_text;
use super::row::{Act, Row, broken, no_answer, no_end, ok, say};
use http::Method;

/// More than any client should take in of one header block, and what the system's buffers hold.
const BLOCK_AND_BUFFERS: u64 = 16 << 20;

pub(super) fn rows() -> Vec<Row> {
    [resets(), farewells(), endings(), floods_of()]
        .into_iter()
        .flatten()
        .map(in_clear_text)
        .collect()
}

fn resets() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, in_body, code, error) in [
        (
            "h2: a reset with NO_ERROR",
            "h2: NO_ERROR in the body",
            NO_ERROR,
            "",
        ),
        (
            "h2: a reset with REFUSED_STREAM",
            "h2: REFUSED_STREAM in the body",
            REFUSED_STREAM,
            "refused",
        ),
        (
            "h2: a reset with INTERNAL_ERROR",
            "h2: INTERNAL_ERROR in the body",
            INTERNAL_ERROR,
            "internal",
        ),
        (
            "h2: a reset with CANCEL",
            "h2: CANCEL in the body",
            CANCEL,
            "",
        ),
        (
            "h2: a reset with ENHANCE_YOUR_CALM",
            "h2: ENHANCE_YOUR_CALM in the body",
            ENHANCE_YOUR_CALM,
            "load",
        ),
        (
            "h2: a reset with a code that nobody knows",
            "h2: an unknown code in the body",
            4_711,
            "",
        ),
    ] {
        let script = if code == REFUSED_STREAM {
            refuses(11)
        } else {
            speaks(&[reset(1, code)])
        };
        rows.push(Row::new(name, script, no_answer(error)));
        rows.push(Row::new(
            in_body,
            speaks(&[head(), hello(0), reset(1, code)]),
            broken(5, error),
        ));
    }
    let all = headers(1, 0, &block("content-length", "5"));
    rows.extend([
        Row::new(
            "h2: NO_ERROR after the whole answer",
            speaks(&[head(), hello(END_STREAM), reset(1, NO_ERROR)]),
            ok(5),
        ),
        // Allowed, and what servers do that do not want the rest of a request.
        Row::new(
            "h2: NO_ERROR after the whole answer, before the whole request",
            speaks(&[all, hello(END_STREAM), reset(1, NO_ERROR)]),
            ok(5),
        )
        .asked_with(Method::POST, 32 << 20),
        Row::new(
            "h2: a reset before the answer of a stream not ours",
            speaks(&[reset(9, CANCEL)]),
            no_answer("protocol error"),
        ),
    ]);
    rows
}

/// Refuses so many streams: what was refused may be sent again.
fn refuses(streams: u32) -> Vec<Act> {
    let mut script = speaks(&[reset(1, REFUSED_STREAM)]);
    let wait = script.pop();
    for number in 1..streams {
        let refusal = reset(1 + 2 * number, REFUSED_STREAM);
        script.extend([Act::ReadRequest, say(refusal)]);
    }
    script.extend(wait);
    script
}

/// The script, whose server closes at its end.
fn leave(mut script: Vec<Act>) -> Vec<Act> {
    script.pop();
    script.extend([Act::HalfClose, Act::Wait]);
    script
}

/// Farewells that leave our request out.
fn farewells() -> Vec<Row> {
    vec![
        Row::new(
            "h2: GOAWAY at once",
            vec![
                say([settings(&[]), goaway(0, NO_ERROR)].concat()),
                Act::HalfClose,
                Act::Wait,
            ],
            no_answer(""),
        )
        .but_opens(
            Engine::Direct,
            1..=11,
            "it is sent again as long as it comes to be sent before the farewell is seen",
        ),
        Row::new(
            "h2: GOAWAY that leaves our request out",
            leave(speaks(&[goaway(0, NO_ERROR)])),
            no_answer("said farewell"),
        )
        .but_opens(
            Engine::Direct,
            11..=11,
            "what was left out of a farewell is sent again, ten times at most, and counted",
        ),
        Row::new(
            "h2: GOAWAY that leaves our request out, and a server that goes on elsewhere",
            leave(speaks(&[goaway(0, NO_ERROR)])),
            no_answer("farewell"),
        )
        .next_connection(speaks(&[head(), hello(END_STREAM)]))
        .but(
            Engine::Direct,
            ok(5),
            "what was left out of a farewell is sent again, and counted",
        )
        .but_opens(Engine::Direct, 2..=2, "it is sent over another connection"),
        Row::new(
            "h2: GOAWAY for bad behaviour",
            leave(speaks(&[goaway(0, ENHANCE_YOUR_CALM)])),
            no_answer("excessive load"),
        ),
    ]
}

/// Farewells that leave our request in, and ends without one.
fn endings() -> Vec<Row> {
    vec![
        Row::new(
            "h2: GOAWAY that includes our request, which is answered",
            speaks(&[goaway(1, NO_ERROR), head(), hello(END_STREAM)]),
            ok(5),
        )
        .then_anew(ok(5)),
        Row::new(
            "h2: GOAWAY in the body, which is completed",
            speaks(&[head(), goaway(1, NO_ERROR), hello(END_STREAM)]),
            ok(5),
        )
        .then_anew(ok(5)),
        Row::new(
            "h2: GOAWAY in the body that leaves our request out",
            speaks(&[head(), hello(0), goaway(0, NO_ERROR)]),
            broken(5, "stream ended before"),
        ),
        Row::new(
            "h2: GOAWAY in the body for an error",
            leave(speaks(&[head(), hello(0), goaway(1, INTERNAL_ERROR)])),
            broken(5, "broken pipe"),
        ),
        Row::new(
            "h2: GOAWAY that includes our request, and then the end",
            leave(speaks(&[goaway(1, NO_ERROR)])),
            no_answer("broken pipe"),
        ),
        Row::new(
            "h2: the end at once",
            vec![Act::HalfClose, Act::Wait],
            no_answer(""),
        ),
        Row::new(
            "h2: the end in place of an answer",
            leave(speaks(&[])),
            no_answer("broken pipe"),
        ),
        Row::new(
            "h2: the end in the body",
            leave(speaks(&[head(), hello(0)])),
            broken(5, "broken pipe"),
        ),
        Row::new(
            "h2: a TCP reset in place of an answer",
            vec![Act::ReadRequest, Act::Reset],
            no_answer(""),
        ),
        Row::new(
            "h2: a TCP reset in the body",
            [exchange(&[head(), hello(0)]), vec![Act::Reset]].concat(),
            broken(5, ""),
        ),
        Row::new("h2: silence", vec![Act::Wait], no_end()),
        Row::new("h2: settings and then silence", speaks(&[]), no_end()),
        Row::new("h2: a head and then silence", speaks(&[head()]), no_end()),
        Row::new(
            "h2: a connection closed while idle",
            leave(speaks(&[head(), hello(END_STREAM)])),
            ok(5),
        )
        .after_the_end()
        .then_anew(ok(5)),
    ]
}

fn floods_of() -> Vec<Row> {
    vec![
        Row::new(
            "h2: a header block without an end",
            floods(
                &[frame(HEADERS, 0, 1, STATUS_200)],
                frame(CONTINUATION, 0, 1, &field("x-more", "of it")),
            ),
            no_answer("excessive load"),
        )
        .sends_at_most(BLOCK_AND_BUFFERS),
        Row::new(
            "h2: empty continuations without an end",
            floods(
                &[frame(HEADERS, 0, 1, STATUS_200)],
                frame(CONTINUATION, 0, 1, &[]),
            ),
            no_answer("excessive load"),
        )
        .sends_at_most(BLOCK_AND_BUFFERS),
        Row::new(
            "h2: headers of 1 MB",
            speaks(&[large_head(1 << 20)]),
            no_answer("excessive load"),
        ),
        Row::new(
            "h2: resets of our stream without an end",
            floods(&[head()], reset(1, CANCEL)),
            broken(0, ""),
        ),
        Row::new(
            "h2: interim answers without an end",
            floods(&[], headers(1, 0, b"\x08\x03103")),
            no_end(),
        ),
        // Each is answered or forgotten at once, so nothing but the limit ends it.
        Row::new(
            "h2: settings without an end",
            floods(&[], settings(&[(3, 100)])),
            no_end(),
        ),
        Row::new("h2: pings without an end", floods(&[], ping()), no_end()),
        Row::new(
            "h2: frames of an unknown kind without an end",
            floods(&[], frame(99, 0, 0, b"what")),
            no_end(),
        ),
        Row::new(
            "h2: windows of our stream without an end",
            floods(&[], window_update(1, 1)),
            no_end(),
        ),
        Row::new(
            "h2: empty pieces of a body without an end",
            floods(&[head()], data(1, 0, &[])),
            broken(0, "too_many_data_frames"),
        )
        .sends_at_most(BLOCK_AND_BUFFERS),
        Row::new(
            "h2: farewells without an end",
            floods(&[], goaway(1, NO_ERROR)),
            no_end(),
        ),
        Row::new(
            "h2: pushes without an end",
            floods(
                &[],
                frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82]),
            ),
            no_answer("protocol error"),
        )
        .sends_at_most(BLOCK_AND_BUFFERS),
    ]
}

/// A header block of so many bytes, in as many frames as it takes.
fn large_head(bytes: usize) -> Vec<u8> {
    let more = field("x-more", &"v".repeat(100)).repeat(bytes / 108);
    let mut frames = frame(HEADERS, 0, 1, STATUS_200);
    for piece in more.chunks(16_000) {
        frames.extend(frame(CONTINUATION, 0, 1, piece));
    }
    frames.extend(frame(CONTINUATION, END_HEADERS, 1, &[]));
    frames
}
