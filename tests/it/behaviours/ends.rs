//! Servers that are slow, silent or gone: before the answer, within it, and between two requests.

use super::row::{
    Act, HELLO, Row, answers, answers_and_closes, broken, no_answer, no_end, ok, say,
};
use dragstrip::outcome::Outcome;
use std::time::Duration;

const TEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";

pub(super) fn rows() -> Vec<Row> {
    [slow(), gone(), stale()].into_iter().flatten().collect()
}

fn slow() -> Vec<Row> {
    let step = Duration::from_millis(20);
    vec![
        Row::new(
            "a server that says nothing",
            vec![Act::ReadRequest, Act::Wait],
            no_end(),
        ),
        Row::new(
            "a server that does not even read",
            vec![Act::ReadHead, Act::Wait],
            no_end(),
        )
        .asked_with(http::Method::POST, 32 << 20),
        Row::new("a head and no body", answers(TEN), no_end()),
        Row::new(
            "half a body and nothing more",
            answers(format!("{TEN}hello")),
            no_end(),
        ),
        Row::new(
            "a body that comes byte by byte",
            vec![
                Act::ReadRequest,
                say(TEN),
                Act::Drip(b"helloworld".to_vec(), Duration::from_millis(2)),
                Act::Wait,
            ],
            ok(10),
        ),
        Row::new(
            "a body that comes too slowly",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"),
                Act::EndlessSlowly(b"x".to_vec(), step),
            ],
            no_end(),
        ),
        Row::new(
            "events without an end",
            vec![
                Act::ReadRequest,
                say(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
                ),
                Act::EndlessSlowly(b"9\r\ndata: x\n\n\r\n".to_vec(), step),
            ],
            no_end(),
        ),
    ]
}

fn gone() -> Vec<Row> {
    let reset = |text: &str| vec![Act::ReadRequest, say(text), Act::Reset];
    vec![
        Row::new("the end at once", vec![], no_answer("")),
        Row::new(
            "a reset at once",
            vec![Act::Reset],
            no_answer("").or(Outcome::Connect),
        ),
        Row::new(
            "the end in place of an answer",
            vec![Act::ReadRequest],
            no_answer("closed before message"),
        ),
        Row::new(
            "a reset in place of an answer",
            vec![Act::ReadRequest, Act::Reset],
            no_answer("Connection reset"),
        ),
        Row::new(
            "half closed in place of an answer",
            vec![Act::ReadRequest, Act::HalfClose, Act::Wait],
            no_answer("closed before message"),
        ),
        Row::new(
            "half closed after the answer",
            vec![Act::ReadRequest, say(HELLO), Act::HalfClose, Act::Wait],
            ok(5),
        ),
        Row::new(
            "the end before the body",
            answers_and_closes(TEN),
            broken(0, "end of file"),
        ),
        Row::new(
            "the end in the body",
            answers_and_closes(format!("{TEN}hello")),
            broken(5, "end of file"),
        ),
        Row::new(
            "a reset in the body",
            reset(&format!("{TEN}hello")),
            broken(5, "Connection reset"),
        ),
        Row::new(
            "a reset in a body without a length",
            reset("HTTP/1.1 200 OK\r\n\r\nhello"),
            broken(5, "Connection reset"),
        ),
        Row::new("a reset after the whole answer", reset(HELLO), ok(5)),
        Row::new(
            "the end while the request is under way",
            vec![Act::ReadHead],
            no_answer(""),
        )
        .asked_with(http::Method::POST, 32 << 20),
    ]
}

fn stale() -> Vec<Row> {
    let second =
        |end: Vec<Act>| [vec![Act::ReadRequest, say(HELLO), Act::ReadRequest], end].concat();
    vec![
        Row::new(
            "connection: close",
            answers("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello"),
            ok(5),
        )
        .then_anew(ok(5)),
        // The client sees the end of an idle connection and takes another.
        Row::new(
            "a connection closed while idle",
            answers_and_closes(HELLO),
            ok(5),
        )
        .after_the_end()
        .then_anew(ok(5)),
        Row::new(
            "a connection reset while idle",
            vec![Act::ReadRequest, say(HELLO), Act::Reset],
            ok(5),
        )
        .after_the_end()
        .then_anew(ok(5)),
        // The second request is on the wire: it has failed, and is not sent again.
        Row::new("the end after the second request", second(vec![]), ok(5))
            .then(no_answer("closed before message"))
            .then_anew(ok(5)),
        Row::new(
            "a reset after the second request",
            second(vec![Act::Reset]),
            ok(5),
        )
        .then(no_answer("Connection reset"))
        .then_anew(ok(5)),
        Row::new(
            "silence after the second request",
            second(vec![Act::Wait]),
            ok(5),
        )
        .then(no_end()),
        Row::new(
            "an answer cut off, then good ones",
            answers_and_closes(format!("{TEN}hello")),
            broken(5, "end of file"),
        )
        .next_connection(vec![
            Act::ReadRequest,
            say(HELLO),
            Act::ReadRequest,
            say(HELLO),
            Act::Wait,
        ])
        .then_anew(ok(5))
        .then(ok(5)),
        Row::new(
            "a connection given up is not used again",
            vec![Act::ReadRequest, Act::Wait],
            no_end(),
        )
        .next_connection(answers(HELLO))
        .then_anew(ok(5)),
        Row::new(
            "an idle connection that speaks unasked",
            vec![
                Act::ReadRequest,
                say(HELLO),
                say("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n"),
            ],
            ok(5),
        )
        .after_the_end()
        .then_anew(ok(5)),
    ]
}
