//! Trailers behind the chunks of HTTP/1 that are no header fields.

use super::row::{Row, answers, broken};

pub(super) fn rows() -> Vec<Row> {
    let bad = |name, trailers: &str, error| {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n{trailers}\r\n\r\n"
        );
        Row::new(name, answers(answer), broken(5, error))
    };
    vec![
        bad("a trailer without a colon", "no colon", "header name"),
        bad("a trailer whose name is none", "x[y: z", "header name"),
        bad(
            "a control character in a trailer",
            "x: y\0z",
            "header value",
        ),
        bad(
            "trailers with LF alone between them",
            "x: y\nz: w",
            "headers",
        ),
    ]
}
