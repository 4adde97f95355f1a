//! How long a body of HTTP/1 is said to be, and how long it is: content-length, chunks, the end of the connection.

use super::engine::Engine;
use super::row::{
    Act, HELLO, Row, answers, answers_and_closes, broken, endless, no_answer, no_end, ok, say,
};
use std::time::Duration;

/// More than any client should take in of a chunk's head or of trailers, and what the system's buffers hold.
const PART_AND_BUFFERS: u64 = 16 << 20;

fn headed(fields: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{body}")
}

fn length(value: &str) -> Vec<Act> {
    answers_and_closes(headed(&format!("content-length: {value}"), "hello"))
}

fn chunked(body: &str) -> String {
    headed("transfer-encoding: chunked", body)
}

pub(super) fn rows() -> Vec<Row> {
    [
        lengths(),
        amounts(),
        encodings(),
        chunks(),
        bad_chunks(),
        endless_parts(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn lengths() -> Vec<Row> {
    vec![
        Row::new(
            "a length of zero",
            answers(headed("content-length: 0", "")),
            ok(0),
        ),
        Row::new("less than promised", length("10"), broken(5, "end of file")),
        Row::new(
            "far less than promised",
            length("9223372036854775807"),
            broken(5, "end of file"),
        ),
        Row::new(
            "a length of 2^64 - 1",
            length("18446744073709551615"),
            no_answer(""),
        ),
        Row::new(
            "a length of 2^64",
            length("18446744073709551616"),
            no_answer("content-length"),
        ),
        Row::new(
            "a length of a thousand digits",
            length(&"9".repeat(1_000)),
            no_answer("content-length"),
        ),
        Row::new(
            "a negative length",
            length("-5"),
            no_answer("content-length"),
        ),
        Row::new(
            "a length with a plus",
            length("+5"),
            no_answer("content-length"),
        ),
        Row::new(
            "a length in hex",
            length("0x5"),
            no_answer("content-length"),
        ),
        Row::new(
            "a length with a fraction",
            length("5.0"),
            no_answer("content-length"),
        ),
        Row::new(
            "a length of letters",
            length("five"),
            no_answer("content-length"),
        ),
        Row::new(
            "a length of nothing",
            length(""),
            no_answer("content-length"),
        ),
        Row::new("a length among spaces", length("  5  "), ok(5)),
        Row::new(
            "one length twice",
            answers(headed("content-length: 5\r\ncontent-length: 5", "hello")),
            ok(5),
        ),
        Row::new(
            "two different lengths",
            answers(headed("content-length: 5\r\ncontent-length: 6", "hello!")),
            no_answer("content-length"),
        ),
        Row::new("one length twice in one header", length("5, 5"), ok(5)),
    ]
}

fn amounts() -> Vec<Row> {
    vec![
        Row::new(
            "no length: until the end",
            answers_and_closes("HTTP/1.1 200 OK\r\n\r\nhello"),
            ok(5),
        ),
        Row::new(
            "no length and no end",
            answers("HTTP/1.1 200 OK\r\n\r\nhello"),
            no_end(),
        ),
        Row::new(
            "more than promised",
            answers(headed("content-length: 5", "hello, and so on")),
            ok(5),
        )
        .then_anew(ok(5)),
        Row::new(
            "a body where there should be none",
            answers(headed("content-length: 0", "hello")),
            ok(0),
        )
        .then_anew(ok(0)),
        Row::new(
            "two answers at once",
            answers(format!("{HELLO}{HELLO}")),
            ok(5),
        )
        .then_anew(ok(5)),
        Row::new(
            "an answer before the request was read",
            vec![Act::ReadHead, say(HELLO), Act::Wait],
            ok(5),
        )
        .asked_with(http::Method::POST, 32 << 20)
        .but_may_leave_it_open(
            Engine::Reqwest,
            "hyper goes on with the body; when the last of it leaves after the answer was read and the client is gone, now and \
             then nothing wakes the connection's task",
        ),
        Row::new(
            "an interim answer before the request was read",
            vec![
                Act::ReadHead,
                say("HTTP/1.1 102 Processing\r\n\r\n"),
                Act::ReadBytes(32 << 20),
                say(HELLO),
            ],
            ok(5),
        )
        .asked_with(http::Method::POST, 32 << 20)
        .then_anew(ok(5)),
        Row::new(
            "an answer that begins before the request was read, and ends after",
            vec![
                Act::ReadHead,
                say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"),
                Act::ReadBytes(32 << 20),
                say("llo"),
            ],
            ok(5),
        )
        .asked_with(http::Method::POST, 32 << 20)
        .then_anew(ok(5)),
        Row::new("a request with a body", answers(HELLO), ok(5))
            .asked_with(http::Method::POST, 1 << 20),
    ]
}

fn encodings() -> Vec<Row> {
    let encoded =
        |encoding: &str, body: &str| headed(&format!("transfer-encoding: {encoding}"), body);
    vec![
        Row::new(
            "a length and chunks",
            answers(headed(
                "content-length: 3\r\ntransfer-encoding: chunked",
                "5\r\nhello\r\n0\r\n\r\n",
            )),
            ok(5),
        ),
        Row::new(
            "chunks and a length",
            answers(headed(
                "transfer-encoding: chunked\r\ncontent-length: 3",
                "5\r\nhello\r\n0\r\n\r\n",
            )),
            ok(5),
        ),
        Row::new(
            "a bad length and chunks",
            answers(headed(
                "content-length: x\r\ntransfer-encoding: chunked",
                "5\r\nhello\r\n0\r\n\r\n",
            )),
            ok(5),
        ),
        Row::new(
            "CHUNKED",
            answers(encoded("CHUNKED", "5\r\nhello\r\n0\r\n\r\n")),
            ok(5),
        ),
        Row::new(
            "chunked twice",
            answers(encoded("chunked, chunked", "5\r\nhello\r\n0\r\n\r\n")),
            ok(5),
        ),
        Row::new(
            "gzip, then chunked",
            answers(encoded("gzip, chunked", "5\r\nhello\r\n0\r\n\r\n")),
            ok(5),
        ),
        Row::new(
            "chunked, then gzip",
            answers_and_closes(encoded("chunked, gzip", "hello")),
            ok(5),
        ),
        Row::new(
            "gzip alone",
            answers_and_closes(encoded("gzip", "hello")),
            ok(5),
        ),
        Row::new(
            "an unknown encoding",
            answers_and_closes(encoded("origami", "hello")),
            ok(5),
        ),
        Row::new(
            "identity",
            answers_and_closes(encoded("identity", "hello")),
            ok(5),
        ),
        Row::new(
            "an encoding in HTTP/1.0",
            answers_and_closes(
                "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            ),
            no_answer("transfer-encoding"),
        ),
        Row::new(
            "a compressed body that is none",
            answers(headed(
                "content-encoding: gzip\r\ncontent-length: 5",
                "hello",
            )),
            ok(5),
        ),
    ]
}

fn chunks() -> Vec<Row> {
    let whole = |name, body: &str, bytes| {
        Row::new(
            name,
            vec![
                Act::ReadRequest,
                say(chunked(body)),
                Act::ReadRequest,
                say(HELLO),
                Act::Wait,
            ],
            ok(bytes),
        )
        .then(ok(5))
    };
    vec![
        whole("chunks", "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", 10),
        whole("no chunk but the last", "0\r\n\r\n", 0),
        whole(
            "chunks with extensions",
            "5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n",
            5,
        ),
        whole(
            "chunks with trailers",
            "5\r\nhello\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n",
            5,
        ),
        whole(
            "sizes with leading zeros",
            "0005\r\nhello\r\n000\r\n\r\n",
            5,
        ),
        whole(
            "sizes in capital letters",
            "A\r\nhellohello\r\n0\r\n\r\n",
            10,
        ),
        whole(
            "a size with a space after it",
            "5 \r\nhello\r\n0\r\n\r\n",
            5,
        ),
        whole(
            "1,000 chunks of one byte",
            &format!("{}0\r\n\r\n", "1\r\nx\r\n".repeat(1_000)),
            1_000,
        ),
        Row::new(
            "chunks and then more",
            answers(chunked("5\r\nhello\r\n0\r\n\r\nand so on")),
            ok(5),
        )
        .then_anew(ok(5)),
        Row::new(
            "chunks that come byte by byte",
            vec![
                Act::ReadRequest,
                say(chunked("")),
                Act::Drip(
                    b"5\r\nhello\r\n0\r\n\r\n".to_vec(),
                    Duration::from_millis(1),
                ),
                Act::Wait,
            ],
            ok(5),
        ),
    ]
}

fn bad_chunks() -> Vec<Row> {
    let bad =
        |name, body: &str, bytes| Row::new(name, answers(chunked(body)), broken(bytes, "chunk"));
    vec![
        bad("a size of letters", "xyz\r\nhello\r\n0\r\n\r\n", 0),
        bad("a negative size", "-5\r\nhello\r\n0\r\n\r\n", 0),
        bad("a size with a plus", "+5\r\nhello\r\n0\r\n\r\n", 0),
        bad("a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n", 0),
        bad("no size at all", "\r\nhello\r\n0\r\n\r\n", 0),
        bad(
            "a size of 2^64",
            "10000000000000000\r\nhello\r\n0\r\n\r\n",
            0,
        ),
        bad("a size that is too small", "3\r\nhello\r\n0\r\n\r\n", 3),
        bad("sizes that end with LF alone", "5\nhello\n0\n\n", 0),
        bad("no line end after a chunk", "5\r\nhello0\r\n\r\n", 5),
        bad("a second chunk of letters", "5\r\nhello\r\nxyz\r\n\r\n", 5),
        bad("LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n", 0),
        Row::new(
            "a size of 2^64 - 1 and then the end",
            answers_and_closes(chunked("ffffffffffffffff\r\nhello")),
            broken(5, "end of file"),
        ),
        Row::new(
            "the end in the midst of a chunk",
            answers_and_closes(chunked("a\r\nhello")),
            broken(5, "end of file"),
        ),
        Row::new(
            "the end between chunks",
            answers_and_closes(chunked("5\r\nhello\r\n")),
            broken(5, "chunk size line"),
        ),
        Row::new(
            "the end in a size",
            answers_and_closes(chunked("5\r\nhello\r\n1")),
            broken(5, "chunk size line"),
        ),
        Row::new(
            "the end before the trailers' end",
            answers_and_closes(chunked("5\r\nhello\r\n0\r\n")),
            broken(5, "chunk size line"),
        ),
        Row::new(
            "no last chunk",
            answers(chunked("5\r\nhello\r\n")),
            no_end(),
        ),
    ]
}

fn endless_parts() -> Vec<Row> {
    let bounded = |name, start: &str, more| {
        Row::new(name, endless(chunked(start), more), broken(0, "chunk"))
            .sends_at_most(PART_AND_BUFFERS)
    };
    vec![
        bounded("a size of digits without an end", "", "1"),
        bounded("an extension without an end", "5;", "e"),
        Row::new(
            "extensions without an end",
            endless(chunked(""), "1;ext=ension\r\nx\r\n"),
            broken(0, "extensions over limit").of_any_size(),
        )
        .sends_at_most(PART_AND_BUFFERS),
        bounded("trailers without an end", "0\r\n", "x-trailer: 1\r\n"),
        bounded("a trailer without an end", "0\r\nx-trailer: ", "v"),
        // hyper skips leading zeros for ever, and keeps none. It is slow at it: a hundred reads' worth of them, which may be
        // 50 MB, keeps the thread, and so its timers, for seconds. So these come slowly.
        Row::new(
            "a size of zeros without an end",
            vec![
                Act::ReadRequest,
                say(chunked("")),
                Act::EndlessSlowly(vec![b'0'; 1_000], Duration::from_millis(5)),
            ],
            no_end(),
        )
        .but(
            Engine::Direct,
            broken(0, ""),
            "it lets a number have a few leading zeros, and takes more for none",
        ),
        // The body goes on as long as the server likes; nothing of it is kept.
        Row::new(
            "a body without an end",
            endless("HTTP/1.1 200 OK\r\n\r\n", "body"),
            no_end(),
        ),
        Row::new(
            "chunks without an end",
            endless(chunked(""), "4\r\nbody\r\n"),
            no_end(),
        ),
        Row::new(
            "a body within a huge length",
            endless(headed("content-length: 9223372036854775807", ""), "body"),
            no_end(),
        ),
        Row::new(
            "a chunk within a huge size",
            endless(chunked("7fffffffffffffff\r\n"), "body"),
            no_end(),
        ),
        Row::new(
            "an error's body without an end",
            endless("HTTP/1.1 500 Oh\r\n\r\n", "body"),
            no_end(),
        ),
    ]
}
