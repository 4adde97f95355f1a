//! Requests that cannot be sent.

use super::List;

/// Files of bodies that are none, by name.
pub(super) const JSONL: &[(&str, &str)] = &[
    ("good.jsonl", "{}\n[1]\n"),
    ("broken.jsonl", "{\"a\": 1}\n\n{\"sesame\": }\n"),
    ("open.jsonl", "{}\n{\"a\": \"{{uuid\"}\n"),
    ("strange.jsonl", "{\"a\": \"{{user}}\"}\n"),
    ("empty.jsonl", "\n  \n"),
];

pub(super) const WRONG: List = &[
    (
        &["run", "--a", "http://h", "--method", "GE T"],
        &["--method 'GE T': not an HTTP method"],
    ),
    (
        &["run", "--a", "http://h", "--path", "http://h/x"],
        &["a path alone"],
    ),
    (
        &["run", "--a", "http://h", "--header", "Bearer sesame"],
        &["number 1 has no ':'", "--header 'Name: value'"],
    ),
    (
        &["run", "--a", "http://h", "--header", "a\nb: sesame"],
        &["a character that names cannot have"],
    ),
    (
        &["run", "--a", "http://h", "--header", "a: sesame\nb"],
        &["the value of a has a line break"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--header",
            "a: ${DRAGSTRIP_TEST_UNSET}",
        ],
        &["--header: ", "DRAGSTRIP_TEST_UNSET is not set"],
    ),
    (
        &["run", "--a", "http://h", "--body", "x", "--json", "{}"],
        &["--json: the request has a body already (--body)"],
    ),
    (
        &["run", "--a", "http://h", "--json", "{sesame"],
        &["--json: not valid JSON: key must be a string at line 1 column 2"],
    ),
    (
        &["run", "--a", "http://h", "--jsonl", "{}/none.jsonl"],
        &["--jsonl: cannot read", "none.jsonl", "No such file"],
    ),
    (
        &["run", "--a", "http://h", "--jsonl", "{}/broken.jsonl"],
        &[
            "--jsonl: ",
            "broken.jsonl:3: not valid JSON: expected value at character 12",
        ],
    ),
    (
        &["run", "--a", "http://h", "--jsonl", "{}/open.jsonl"],
        &["open.jsonl:2: the {{ at character 8 has no }}"],
    ),
    (
        &["run", "--a", "http://h", "--jsonl", "{}/strange.jsonl"],
        &["strange.jsonl:1: unknown placeholder {{user}}; there are {{uuid}}"],
    ),
    (
        &["run", "--a", "http://h", "--jsonl", "{}/empty.jsonl"],
        &["empty.jsonl: the file has no bodies: each line must be a JSON value"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--jsonl",
            "{}/good.jsonl",
            "--body",
            "x",
        ],
        &["--jsonl: the request has a body already (--body)"],
    ),
    (
        &["run", "--a", "http://h", "--jsonl-order", "sample"],
        &["--jsonl-order sample: needs a file of bodies to choose from; add --jsonl FILE"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--jsonl",
            "{}/good.jsonl",
            "--jsonl-order",
            "random",
        ],
        &["--jsonl-order random: must be cycle or sample"],
    ),
    (
        &["run", "--a", "http://h", "--body", "{{uuid"],
        &["--body: the {{ at character 1 has no }}"],
    ),
];
