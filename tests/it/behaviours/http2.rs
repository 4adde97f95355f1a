//! HTTP/2: answers, well and badly framed, and their bodies.

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, PUSH_PROMISE, SETTINGS,
    STATUS_200, block, data, field, floods, frame, head, headers, hello, ping, settings, speaks,
    window_update,
};
use super::row::{Act, HELLO, Row, Wire, broken, no_answer, no_end, ok, say, status};
use dragstrip::outcome::Outcome;
use http::Method;

pub(super) fn rows() -> Vec<Row> {
    [answered(), misframed(), misplaced(), bodies()]
        .into_iter()
        .flatten()
        .map(in_clear_text)
        .collect()
}

/// Unless the row says otherwise.
pub(super) fn in_clear_text(row: Row) -> Row {
    match row.wire {
        Wire::Http => row.over(Wire::H2c),
        _ => row,
    }
}

fn answered() -> Vec<Row> {
    let of_status = |code: &str| {
        headers(
            1,
            END_STREAM,
            &[vec![8, 3], code.as_bytes().to_vec()].concat(),
        )
    };
    let trailers = headers(1, END_STREAM, &field("x-sum", "1"));
    vec![
        Row::new("h2: an answer", speaks(&[head(), hello(END_STREAM)]), ok(5)),
        Row::new(
            "h2: an answer over TLS",
            speaks(&[head(), hello(END_STREAM)]),
            ok(5),
        )
        .over(Wire::H2),
        Row::new(
            "h2: an answer without a body",
            speaks(&[headers(1, END_STREAM, STATUS_200)]),
            ok(0),
        ),
        Row::new("h2: 503", speaks(&[of_status("503")]), status(503, 0)),
        Row::new(
            "h2: status 999",
            speaks(&[of_status("999")]),
            status(999, 0),
        ),
        Row::new(
            "h2: status 099",
            speaks(&[of_status("099")]),
            no_answer("protocol error"),
        ),
        Row::new(
            "h2: a status of letters",
            speaks(&[of_status("abc")]),
            no_answer("protocol error"),
        ),
        Row::new("h2: trailers", speaks(&[head(), hello(0), trailers]), ok(5)),
        Row::new(
            "h2: 103 and then the answer",
            speaks(&[headers(1, 0, b"\x08\x03103"), head(), hello(END_STREAM)]),
            ok(5),
        ),
        Row::new(
            "h2: 103 and then nothing",
            speaks(&[headers(1, 0, b"\x08\x03103")]),
            no_end(),
        ),
        Row::new(
            "h2: 103 that ends the stream",
            speaks(&[headers(1, END_STREAM, b"\x08\x03103")]),
            no_answer("protocol error"),
        ),
        Row::new(
            "h2: two answers one after another",
            [
                speaks(&[head(), hello(END_STREAM)])[..2].to_vec(),
                vec![
                    Act::ReadRequest,
                    say([headers(3, 0, STATUS_200), data(3, END_STREAM, b"hello")].concat()),
                    Act::Wait,
                ],
            ]
            .concat(),
            ok(5),
        )
        .then(ok(5)),
        Row::new(
            "h2: an answer that is padded",
            speaks(&[head(), data(1, END_STREAM | PADDED, b"\x03helloxxx")]),
            ok(5),
        ),
        Row::new(
            "h2: a head in two frames",
            speaks(&[
                frame(HEADERS, 0, 1, STATUS_200),
                frame(CONTINUATION, END_HEADERS, 1, &field("x-a", "b")),
                hello(END_STREAM),
            ]),
            ok(5),
        ),
        Row::new(
            "h2: a HEAD with a length",
            speaks(&[headers(1, END_STREAM, &block("content-length", "100"))]),
            ok(0),
        )
        .asked_with(Method::HEAD, 0),
    ]
}

fn misframed() -> Vec<Row> {
    let bad =
        |name, frames: &[Vec<u8>]| Row::new(name, speaks(frames), no_answer("error detected"));
    vec![
        Row::new(
            "h2: an answer in HTTP/1.1",
            vec![say(HELLO), Act::Wait],
            no_answer(""),
        ),
        Row::new(
            "h2: HTTP/1.1 over TLS that agreed on HTTP/2",
            vec![say(HELLO), Act::Wait],
            no_answer(""),
        )
        .over(Wire::H2),
        Row::new(
            "h2: no settings",
            vec![
                Act::ReadRequest,
                say([head(), hello(END_STREAM)].concat()),
                Act::Wait,
            ],
            ok(5),
        ),
        bad(
            "h2: settings of half a setting",
            &[frame(SETTINGS, 0, 0, &[0, 1, 0])],
        ),
        bad("h2: settings on a stream", &[frame(SETTINGS, 0, 1, &[])]),
        bad(
            "h2: a window too large in the settings",
            &[settings(&[(4, u32::MAX)])],
        ),
        bad(
            "h2: a frame size too large in the settings",
            &[settings(&[(5, u32::MAX)])],
        ),
        bad(
            "h2: a window that overflows",
            &[window_update(0, 0x7fff_ffff)],
        ),
        // hyper does not always learn that the stream has failed.
        Row::new(
            "h2: a stream's window that overflows",
            speaks(&[window_update(1, 0x7fff_ffff)]),
            no_answer("").or(Outcome::Timeout),
        )
        .asked_with(Method::POST, 32 << 20),
        bad("h2: a window that grows by nothing", &[window_update(0, 0)]),
        bad(
            "h2: a frame larger than allowed",
            &[frame(DATA, 0, 1, &vec![0; 20_000])],
        ),
    ]
}

fn misplaced() -> Vec<Row> {
    let bad =
        |name, frames: &[Vec<u8>]| Row::new(name, speaks(frames), no_answer("error detected"));
    vec![
        bad("h2: a body before its head", &[hello(END_STREAM)]),
        bad("h2: a body of no stream", &[data(0, END_STREAM, b"hello")]),
        bad("h2: a head of no stream", &[headers(0, 0, STATUS_200)]),
        bad(
            "h2: a head of a stream not opened",
            &[headers(9, 0, STATUS_200)],
        ),
        bad(
            "h2: a head of a stream of the server's",
            &[headers(2, 0, STATUS_200)],
        ),
        bad(
            "h2: a head without a status",
            &[headers(1, END_STREAM, &field("x-a", "b"))],
        ),
        // h2 looks no further than the status.
        Row::new(
            "h2: a head with a request's fields",
            speaks(&[headers(1, END_STREAM, &block(":path", "/"))]),
            ok(0),
        ),
        bad(
            "h2: a name in capital letters",
            &[headers(1, END_STREAM, &block("X-A", "b"))],
        ),
        bad(
            "h2: a field that only HTTP/1 has",
            &[headers(1, END_STREAM, &block("connection", "close"))],
        ),
        bad(
            "h2: a header block that cannot be read",
            &[headers(1, 0, &[0xff; 20])],
        ),
        bad(
            "h2: an index into an empty table",
            &[headers(1, 0, &[0xbe])],
        ),
        bad(
            "h2: another frame within a head",
            &[frame(HEADERS, 0, 1, STATUS_200), ping()],
        ),
        bad(
            "h2: the rest of a head that never began",
            &[frame(CONTINUATION, END_HEADERS, 1, STATUS_200)],
        ),
        bad(
            "h2: a push that nobody asked for",
            &[frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82])],
        ),
        bad("h2: a ping of the wrong size", &[frame(6, 0, 0, b"short")]),
        bad(
            "h2: more padding than frame",
            &[frame(HEADERS, END_HEADERS | PADDED, 1, &[200, 0x88])],
        ),
        Row::new(
            "h2: a frame of an unknown kind",
            speaks(&[frame(99, 255, 1, b"what"), head(), hello(END_STREAM)]),
            ok(5),
        ),
        Row::new(
            "h2: a second head in the body",
            speaks(&[head(), hello(0), head(), hello(END_STREAM)]),
            broken(5, "protocol error"),
        ),
        Row::new(
            "h2: a frame larger than allowed in the body",
            speaks(&[head(), hello(0), frame(DATA, 0, 1, &vec![0; 20_000])]),
            broken(5, "frame with invalid size"),
        ),
    ]
}

fn bodies() -> Vec<Row> {
    let promised = |length: &str| headers(1, 0, &block("content-length", length));
    vec![
        Row::new(
            "h2: less than promised",
            speaks(&[promised("10"), hello(END_STREAM)]),
            broken(0, "protocol error"),
        ),
        Row::new(
            "h2: more than promised",
            speaks(&[promised("3"), hello(END_STREAM)]),
            broken(0, "protocol error"),
        ),
        Row::new(
            "h2: a length and no body",
            speaks(&[headers(1, END_STREAM, &block("content-length", "5"))]),
            no_answer("protocol error"),
        ),
        Row::new(
            "h2: a length of letters",
            speaks(&[promised("five"), hello(END_STREAM)]),
            no_answer("protocol error"),
        ),
        Row::new(
            "h2: a length of 2^64",
            speaks(&[promised("18446744073709551616"), hello(END_STREAM)]),
            no_answer("protocol error"),
        ),
        // Whether the window overflows depends on how fast the client reads.
        Row::new(
            "h2: a body without an end that heeds no window",
            floods(&[head()], data(1, 0, &[b'x'; 16_384])),
            broken(0, "").or(Outcome::Timeout),
        ),
        Row::new(
            "h2: no window for the request",
            speaks(&[settings(&[(4, 0)])]),
            no_end(),
        )
        .asked_with(Method::POST, 1 << 20),
        // The request that waited for its stream keeps h2 from closing the connection; there is one such request at most.
        Row::new(
            "h2: no further streams",
            speaks(&[settings(&[(3, 0)]), head(), hello(END_STREAM)]),
            ok(5),
        )
        .then(no_end())
        .never_hung_up(),
    ]
}
