//! curl commands that cannot be the request. Nothing of them is repeated but the names of options.

use super::List;

pub(super) const WRONG: List = &[
    (
        &[
            "run",
            "--curl",
            "curl http://h -H \"Authorization: Bearer sesame",
        ],
        &["--curl: the quote \" at character 18 has no end"],
    ),
    (
        &["run", "--curl", "curl http://h \\\n  -d 'sesame"],
        &["--curl: the quote ' at line 2, character 6 has no end"],
    ),
    (
        &["run", "--curl", "curl -d $'sesame"],
        &["--curl: the quote $' at character 9 has no end"],
    ),
    (
        &["run", "--curl", "http://h"],
        &["--curl: must be a whole command that begins with curl"],
    ),
    (
        &["run", "--curl", "curl -d sesame"],
        &["--curl: the command has no URL"],
    ),
    (
        &["run", "--curl", "curl h -H Authorization: sesame"],
        &["--curl: the word at character 26 is neither an option"],
    ),
    (
        &["run", "--curl", "curl h -F file=@sesame"],
        &["--curl -F: is not possible here; write the body to a file"],
    ),
    (
        &["run", "--curl", "curl h --proxy sesame"],
        &["--curl --proxy: is not possible here; say it with --transport-a proxy=URL"],
    ),
    (
        &["run", "--curl", "curl h --unknown sesame"],
        &["--curl: curl's option --unknown is not known here"],
    ),
    (
        &["run", "--curl", "curl h -u sesame"],
        &["--curl -u: has no password"],
    ),
    (
        &["run", "--curl", "curl h -d @{}/none"],
        &["--curl -d: cannot read"],
    ),
    (
        &["run", "--curl", "curl h -d @-"],
        &["--curl -d: @- reads from stdin"],
    ),
    (
        &["run", "--curl", "curl h -H \"x: $sesame\""],
        &["the $ at character 15 asks a shell to fill something in"],
    ),
    (
        &["run", "--curl", "curl h -H \"x: $(sesame)\""],
        &["the $ at character 15"],
    ),
    (
        &["run", "--curl", "curl h -H \"x: ${DRAGSTRIP_TEST_UNSET}\""],
        &["--curl -H: the environment variable DRAGSTRIP_TEST_UNSET is not set"],
    ),
    (
        &["run", "--curl", "curl h -d x | jq .sesame"],
        &["the | at character 13 is the shell's"],
    ),
    (
        &["run", "--curl", "curl ^\"http://h^\""],
        &["the ^ at character 6 is how Windows' cmd quotes"],
    ),
    (
        &["run", "--curl", "curl --http2 http://h"],
        &["--curl --http2: on an http:// URL curl asks for an upgrade"],
    ),
    (
        &["run", "--curl", "curl -d '{{uuid' h"],
        &["--curl -d: the {{ at character 1 has no }}"],
    ),
    (
        &["run", "--curl", "curl -m 40 h"],
        &["--curl -m timeout=40s: never comes about"],
    ),
    (
        &["run", "--a", "http://h", "--curl", "-"],
        &["--curl: must be a whole command"],
    ),
];
