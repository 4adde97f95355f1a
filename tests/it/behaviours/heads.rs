//! Status lines, statuses and interim answers of HTTP/1.

use super::engine::Engine;
use super::row::{
    Act, HELLO, Row, answers, answers_and_closes, broken, endless, no_answer, no_end, ok, say,
    status,
};
use http::Method;

fn bodiless(line: &str) -> Vec<Act> {
    answers(format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n"))
}

pub(super) fn rows() -> Vec<Row> {
    [status_lines(), versions(), interim(), statuses()]
        .into_iter()
        .flatten()
        .collect()
}

fn status_lines() -> Vec<Row> {
    let line = |line: &str| answers(format!("{line}\r\ncontent-length: 5\r\n\r\nhello"));
    vec![
        Row::new("a plain answer", answers(HELLO), ok(5)),
        Row::new("no reason phrase", line("HTTP/1.1 200"), ok(5)),
        Row::new("an empty reason phrase", line("HTTP/1.1 200 "), ok(5)),
        Row::new(
            "a reason phrase in UTF-8",
            line("HTTP/1.1 200 schön ✓"),
            ok(5),
        ),
        Row::new(
            "NUL in the reason phrase",
            line("HTTP/1.1 200 O\0K"),
            no_answer("status"),
        ),
        Row::new(
            "a word in place of a version",
            line("HELLO 200 OK"),
            no_answer("HTTP version"),
        ),
        Row::new(
            "a greeting of another protocol",
            answers("220 mail.invalid ESMTP\r\n"),
            no_answer("HTTP version"),
        ),
        Row::new(
            "HTTP/2.0 in the status line",
            line("HTTP/2.0 200 OK"),
            no_answer("HTTP version"),
        ),
        Row::new(
            "HTTP/1.2 in the status line",
            line("HTTP/1.2 200 OK"),
            no_answer("HTTP version"),
        ),
        Row::new(
            "a lower-case version",
            line("http/1.1 200 OK"),
            no_answer("HTTP version"),
        ),
        Row::new(
            "HTTP/0.9: a body and nothing else",
            answers_and_closes("<html>hello</html>"),
            no_answer("HTTP version"),
        ),
        Row::new(
            "a status of two digits",
            line("HTTP/1.1 20 OK"),
            no_answer("status-code"),
        ),
        Row::new(
            "a status of four digits",
            line("HTTP/1.1 2000 OK"),
            no_answer("status-code"),
        ),
        Row::new(
            "a status of letters",
            line("HTTP/1.1 abc OK"),
            no_answer("status-code"),
        ),
        Row::new(
            "a negative status",
            line("HTTP/1.1 -20 OK"),
            no_answer("status-code"),
        ),
        Row::new(
            "status 099",
            line("HTTP/1.1 099 Low"),
            no_answer("status-code"),
        ),
        Row::new(
            "status 000",
            line("HTTP/1.1 000 None"),
            no_answer("status-code"),
        ),
        // No interim answer either.
        Row::new(
            "status 099 before an answer",
            answers(format!("HTTP/1.1 099 Low\r\n\r\n{HELLO}")),
            no_answer("status-code"),
        ),
        Row::new("status 999", line("HTTP/1.1 999 High"), status(999, 5)),
    ]
}

fn versions() -> Vec<Row> {
    vec![
        Row::new(
            "lines that end with LF alone",
            answers("HTTP/1.1 200 OK\ncontent-length: 5\n\nhello"),
            ok(5),
        ),
        Row::new(
            "lines that end with CR alone",
            answers_and_closes("HTTP/1.1 200 OK\rcontent-length: 5\r\rhello"),
            no_answer("status-code"),
        ),
        Row::new(
            "blank lines before the answer",
            answers("\r\n\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
            ok(5),
        ),
        Row::new(
            "HTTP/1.0, closed after the answer",
            answers_and_closes("HTTP/1.0 200 OK\r\n\r\nhello"),
            ok(5),
        )
        .after_the_end()
        .then_anew(ok(5)),
        Row::new(
            "HTTP/1.0 with keep-alive",
            vec![
                Act::ReadRequest,
                say("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nhello"),
                Act::ReadRequest,
                say(HELLO),
                Act::Wait,
            ],
            ok(5),
        )
        .then(ok(5)),
        Row::new(
            "HTTP/1.0 without keep-alive, left open",
            answers("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
            ok(5),
        )
        .then_anew(ok(5)),
    ]
}

fn interim() -> Vec<Row> {
    let before = |interim: &str| answers(format!("{interim}{HELLO}"));
    vec![
        Row::new(
            "100 and then the answer",
            before("HTTP/1.1 100 Continue\r\n\r\n"),
            ok(5),
        ),
        Row::new(
            "103 with links and then the answer",
            before("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n"),
            ok(5),
        ),
        Row::new(
            "102 a thousand times and then the answer",
            before(&"HTTP/1.1 102 Processing\r\n\r\n".repeat(1_000)),
            ok(5),
        ),
        Row::new(
            "100 with a content-length",
            before("HTTP/1.1 100 Continue\r\ncontent-length: 5\r\n\r\n"),
            ok(5),
        ),
        Row::new(
            "199, which means nothing",
            before("HTTP/1.1 199 What\r\n\r\n"),
            ok(5),
        ),
        Row::new(
            "100 and then nothing",
            answers("HTTP/1.1 100 Continue\r\n\r\n"),
            no_end(),
        ),
        Row::new(
            "100 and then the end",
            answers_and_closes("HTTP/1.1 100 Continue\r\n\r\n"),
            no_answer("closed before message"),
        ),
        // Each is forgotten at once, so nothing but the limit ends it. hyper takes up to a hundred reads' worth of them, which
        // may be 50 MB, before anything else has its turn on the thread.
        Row::new(
            "100 without an end",
            endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
            no_end(),
        )
        .keeps_thread()
        .but(
            Engine::Direct,
            no_answer(""),
            "it counts them, and gives up long before the limit: nobody means a thousand",
        ),
        Row::new(
            "101, which nobody asked for",
            answers(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            ),
            status(101, 0),
        ),
    ]
}

fn statuses() -> Vec<Row> {
    let mut rows = vec![
        Row::new(
            "204 without a body",
            answers("HTTP/1.1 204 No Content\r\n\r\n"),
            ok(0),
        ),
        Row::new(
            "204 with a body all the same",
            answers("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello"),
            ok(0),
        )
        .then_anew(ok(0)),
        Row::new("205 of no length", bodiless("205 Reset Content"), ok(0)),
        Row::new(
            "205 with a body",
            answers("HTTP/1.1 205 Reset Content\r\ncontent-length: 5\r\n\r\nhello"),
            ok(5),
        ),
        Row::new(
            "304 with the length of what is not sent",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n"),
                Act::ReadRequest,
                say(HELLO),
                Act::Wait,
            ],
            status(304, 0),
        )
        .then(ok(5)),
        Row::new(
            "304 with a length that is none",
            answers("HTTP/1.1 304 Not Modified\r\ncontent-length: five\r\n\r\n"),
            status(304, 0),
        ),
        Row::new(
            "HEAD with the length of what is not sent",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"),
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
                Act::Wait,
            ],
            ok(0),
        )
        .then(ok(0))
        .asked_with(Method::HEAD, 0),
        Row::new(
            "a redirect to itself",
            answers("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"),
            status(302, 0),
        ),
        Row::new(
            "a redirect to nowhere",
            answers(
                "HTTP/1.1 308 Permanent Redirect\r\nlocation: http://nowhere.invalid/\r\ncontent-length: 0\r\n\r\n",
            ),
            status(308, 0),
        ),
        Row::new(
            "408 as a farewell",
            answers_and_closes(
                "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            ),
            status(408, 0),
        ),
        Row::new(
            "429 that asks to come back",
            answers(
                "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 5\r\n\r\nhello",
            ),
            status(429, 5),
        ),
        Row::new(
            "503 that breaks off",
            answers_and_closes(
                "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 10\r\n\r\nhello",
            ),
            broken(5, "end of file"),
        ),
    ];
    for (name, line, code) in [
        ("300", "300 Multiple Choices", 300),
        ("400", "400 Bad Request", 400),
        ("401", "401 Unauthorized", 401),
        ("407", "407 Proxy Authentication Required", 407),
        ("421", "421 Misdirected Request", 421),
        ("500", "500 Internal Server Error", 500),
        ("504", "504 Gateway Timeout", 504),
    ] {
        rows.push(Row::new(name, bodiless(line), status(code, 0)));
    }
    rows
}
