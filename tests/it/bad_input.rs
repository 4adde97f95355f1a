//! Bad input: each wrong command line is refused before anything starts, with exit code 2 and a message of one or two lines
//! that says what would be right.

mod curls;
mod requests;
mod transports;

use std::path::Path;
use std::time::Duration;

/// A value that no message may repeat.
const SECRET: &str = "sesame";

/// A wrong command line, and what its error must say.
struct Case {
    /// The arguments after `dragstrip`.
    args: Vec<String>,
    /// Parts of the message.
    expected: Vec<&'static str>,
}

/// All cases. `folder` is an empty one, where the files that they name are made; `{}` in an argument stands for it.
fn cases(folder: &Path) -> Vec<Case> {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("unknown.toml", "[load]\nuser = 3\n");
    write("users.toml", "[a]\nurl = \"http://h\"\n[load]\nusers = 0\n");
    write("good.toml", "[a]\nurl = \"http://h\"\n");
    for (name, text) in requests::JSONL {
        write(name, text);
    }
    write("not.pem", "no certificate\n");
    let pair = || rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap();
    write("cert.pem", &pair().cert.pem());
    write("strange.pem", &pair().signing_key.serialize_pem());
    let mut cases = Vec::new();
    for list in [
        COMMAND_LINE,
        LOAD,
        VARIANTS,
        transports::WRONG,
        PREFLIGHT,
        requests::WRONG,
        curls::WRONG,
        FILES,
    ] {
        for (args, expected) in list {
            cases.push(Case {
                args: args
                    .iter()
                    .map(|arg| arg.replace("{}", &folder.display().to_string()))
                    .collect(),
                expected: expected.to_vec(),
            });
        }
    }
    cases
}

type List = &'static [(&'static [&'static str], &'static [&'static str])];

const COMMAND_LINE: List = &[
    (
        &["--user", "5"],
        &["'--user'", "did you mean '--users'?", "dragstrip --help"],
    ),
    (
        &["run", "--rates", "5"],
        &[
            "'--rates'",
            "did you mean '--rate'?",
            "dragstrip run --help",
        ],
    ),
    (&["rum"], &["'rum'", "did you mean 'run'?"]),
    (
        &["good.toml"],
        &["a plan file is run by: dragstrip run good.toml"],
    ),
    (
        &["--a", "http://h"],
        &["--a is an option of: dragstrip run"],
    ),
    (&["run", "--a"], &["a value is required for '--a <URL>'"]),
    (
        &["run", "{}/good.toml", "{}/good.toml"],
        &["unexpected argument"],
    ),
    (&["--color", "blue"], &["'blue'", "truecolor"]),
    (
        &["--format", "xml"],
        &["'xml'", "table, markdown, json, csv, hlog"],
    ),
    (&["endpoint"], &["not provided: --listen <ADDR>"]),
    (
        &["endpoint", "--listen", "here"],
        &["--listen here: must be an address and a port"],
    ),
    (&["gateway", "--listen", "127.0.0.1:0"], &["--upstream"]),
    (
        &["gateway", "--listen", "127.0.0.1:0", "--upstream", "h:1"],
        &["as in http://h:1"],
    ),
    (
        &[
            "gateway",
            "--listen",
            "127.0.0.1:0",
            "--upstream",
            "http://h",
            "--transport",
            "pool=0",
        ],
        &["--transport pool=0: keeps no connection, but keep_alive is true"],
    ),
    (
        &[
            "gateway",
            "--listen",
            "127.0.0.1:0",
            "--upstream",
            "http://h",
            "--transport",
            "engine=direct",
        ],
        &[
            "--transport engine=direct: the built-in gateway reaches its upstream with engine=reqwest only",
        ],
    ),
];

const LOAD: List = &[
    (
        &["--users", "0"],
        &["--users 0: must be a whole number from 1 to 100,000"],
    ),
    (&["--users", "-3"], &["--users -3: must be a whole number"]),
    (
        &["--users", "100001"],
        &["must be a whole number from 1 to 100,000"],
    ),
    (&["--users", "many"], &["must be a whole number"]),
    (
        &["--rate", "0"],
        &["--rate 0: must be a number above 0 and at most 1,000,000"],
    ),
    (&["--rate", "-1"], &["--rate -1: must be a number above 0"]),
    (&["--rate", "inf"], &["must be a number above 0"]),
    (
        &["--rate", "5", "--users", "5"],
        &["--rate 5", "--users", "--max-in-flight"],
    ),
    (
        &["--rate", "5", "--think", "1s"],
        &["--think 1s: belongs to a closed loop", "add --users"],
    ),
    (
        &["--arrivals", "poisson"],
        &["belongs to an open loop", "add --rate"],
    ),
    (&["--max-in-flight", "5"], &["belongs to an open loop"]),
    (
        &["--rate", "5", "--max-in-flight", "0"],
        &["from 1 to 1,000,000"],
    ),
    (
        &["--rate", "5", "--arrivals", "random"],
        &["must be constant or poisson"],
    ),
    (
        &["--rate", "5", "--overflow", "wait"],
        &["must be queue or drop"],
    ),
    (&["--think", "1s..500ms"], &["upside down; write 500ms..1s"]),
    (
        &["--think", "500..1s"],
        &["the low end of the range: a time needs a unit: 500s or 500ms"],
    ),
    (&["--think", "500ms-1s"], &["unknown unit \"ms-1s\""]),
    (
        &["--ramp", "5"],
        &["--ramp 5: a time needs a unit: 5s or 5ms"],
    ),
    (
        &["--duration", "5 sec"],
        &["--duration '5 sec': unknown unit \"sec\""],
    ),
    (&["--duration", "0s"], &["must be above 0s"]),
    (&["--duration", "721h"], &["must be at most 720h"]),
    (
        &["--warmup", "soon"],
        &["must be auto or a time, such as 10s"],
    ),
    (&["--timeout", "0s"], &["must be above 0s"]),
    (&["--timeout", "61m"], &["must be at most 1h"]),
    (
        &["--order", "random"],
        &["--order random: must be together, alternate or sequential"],
    ),
    (
        &["--margin", "0%"],
        &["--margin 0%: must be per cent, above 0"],
    ),
    (&["--margin", "5ms"], &["--margin 5ms: must be per cent"]),
    (
        &["--margin", "5%", "--order", "sequential"],
        &["--margin 5%: in order sequential nothing is ever decided"],
    ),
    (&["--until", "bored"], &["--until bored: must be decided"]),
    (
        &["--until", "decided", "--order", "sequential"],
        &["nothing is ever decided", "add --order alternate"],
    ),
    (&["--aa"], &["--aa is an option of: dragstrip run"]),
    (&["--threads", "0"], &["from 1 to 1,024"]),
    (
        &["--seed", "9007199254740992"],
        &["from 0 to 9,007,199,254,740,991"],
    ),
];

const VARIANTS: List = &[
    (&["run"], &["no URL: give --a URL"]),
    (&["run", "--b", "http://h"], &["A has no URL: give --a URL"]),
    (
        &["run", "--a", "localhost:4000"],
        &["as in http://localhost:4000"],
    ),
    (
        &["run", "--a", "ftp://u:sesame@h"],
        &["--a ftp://h: the URL must begin with http:// or https://"],
    ),
    (&["run", "--a", "http://"], &["has no host"]),
    (
        &["run", "--a", "http://${DRAGSTRIP_TEST_UNSET}"],
        &["--a: the environment variable DRAGSTRIP_TEST_UNSET is not set"],
    ),
    (
        &["run", "--a", "http://h", "--b", "http://h/"],
        &[
            "--b: A and B are the same, URL (http://h/) and transport",
            "--aa",
        ],
    ),
    (
        &["run", "--a", "http://h", "--aa", "--b", "http://u:sesame@i"],
        &["--b: not A's URL (http://h/), but --aa makes B a copy of A"],
    ),
    (
        &["run", "--a", "http://h", "--aa", "--transport-b", "pool=1"],
        &["--transport-b: not A's transport"],
    ),
    (
        &["run", "--a", "http://h", "--aa", "--label-b", "x"],
        &["--label-b x: not A's label (h)"],
    ),
    (
        &["run", "--a", "http://h", "--order", "alternate"],
        &[
            "--order alternate: this is a solo run",
            "give --b URL, or --aa",
        ],
    ),
    (
        &["run", "--a", "http://h", "--order", "sequential"],
        &["--order sequential: this is a solo run"],
    ),
    (
        &["run", "--a", "http://h", "--margin", "5%"],
        &["--margin 5%: this is a solo run"],
    ),
    (
        &["run", "--a", "http://h", "--until", "decided"],
        &["--until decided: this is a solo run"],
    ),
    (
        &[
            "run",
            "--a",
            "http://h",
            "--b",
            "http://i",
            "--label-a",
            "x",
            "--label-b",
            "x",
        ],
        &["--label-b x: A has the same label"],
    ),
];

const PREFLIGHT: List = &[(
    &[
        "run",
        "--a",
        "http://h",
        "--no-preflight",
        "--preflight-only",
    ],
    &["--no-preflight and --preflight-only leave nothing to do; give one of the two"],
)];

const FILES: List = &[
    (
        &["run", "{}/none.toml"],
        &["plan file: cannot read", "none.toml", "No such file"],
    ),
    (&["run", "{}"], &["plan file: cannot read"]),
    (
        &["run", "{}/unknown.toml"],
        &["unknown.toml:2: unknown key \"user\" in [load]; did you mean \"users\"?"],
    ),
    (
        &["run", "{}/users.toml"],
        &["users.toml:4: users = 0: must be a whole number"],
    ),
    (
        &["run", "--a", "http://h", "--body-file", "{}/none"],
        &["--body-file: cannot read"],
    ),
    (
        &["run", "--a", "https://h", "--transport-a", "ca={}/none"],
        &["--transport-a ca: cannot read"],
    ),
    (
        &["run", "--a", "https://h", "--transport-a", "ca={}/not.pem"],
        &["no certificate in PEM form"],
    ),
    (
        &[
            "run",
            "--a",
            "https://h",
            "--transport-a",
            "cert={}/cert.pem,key={}/strange.pem",
        ],
        &["--transport-a key: the private key does not belong to the certificate of cert"],
    ),
    (
        &["run", "{}/good.toml", "--out", "{}/none/x.json"],
        &["--out: cannot write to", "its folder does not exist"],
    ),
    (
        &["run", "{}/good.toml", "--out", "{}"],
        &["--out: cannot write to", "it is a folder"],
    ),
    (
        &["--out", "{}/good.toml/x.json"],
        &["--out: cannot write to", "is a file"],
    ),
    (
        &["--snapshot-dir", "{}/good.toml"],
        &["--snapshot-dir: cannot write to", "it must be a folder"],
    ),
    (
        &["--theme", "{}/unknown.toml"],
        &["unknown.toml, line 1: \"load\" is no role"],
    ),
];

#[test]
fn the_program_ends_with_code_2_and_writes_only_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    for case in cases(folder.path()) {
        let args = &case.args;
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_dragstrip"))
            .args(args)
            .env_remove("DRAGSTRIP_TEST_UNSET")
            .timeout(Duration::from_secs(20))
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}:\n{message}");
        assert!(output.stdout.is_empty(), "{args:?}");
        for part in case.expected {
            assert!(
                message.contains(part),
                "{args:?}: no {part:?} in\n{message}"
            );
        }
        assert!(message.lines().count() <= 2, "{args:?}:\n{message}");
        assert!(!message.contains(SECRET), "{args:?}:\n{message}");
    }
}
