//! What gateways write: in a file, in the log, and no secret in either.

use super::Stage;
use std::os::unix::fs::PermissionsExt;

#[test]
fn output_is_in_a_file_and_in_the_log() {
    let stage = Stage::solo(
        "command = ['sh', '-c', 'echo hello from the gateway; exec dragstrip gateway --listen 127.0.0.1:{{port}} --upstream {{endpoint}}']\n\
         ready = '/health'\noutput = 'own.log'",
    );
    let done = stage.run(&["--duration", "500ms"]);
    assert_eq!(done.code, Some(0), "{}", done.said);
    let path = stage.path("own.log");
    let text = std::fs::read_to_string(&path).expect("its output");
    assert!(text.starts_with("hello from the gateway\n"), "{text}");
    let mode = path.metadata().expect("it is there").permissions().mode();
    assert_eq!(mode & 0o077, 0, "nobody else may read it");
    let log = stage.snapshot()["log"].to_string();
    assert!(log.contains("hello from the gateway"), "{log}");
}

#[test]
fn a_gateway_that_writes_much_drowns_nothing() {
    let stage = Stage::solo(
        "command = ['sh', '-c', 'while echo a line that says nothing; do :; done & exec dragstrip gateway --listen 127.0.0.1:{{port}} --upstream {{endpoint}}']\n\
         ready = '/health'",
    );
    let done = stage.run(&["--duration", "2500ms"]);
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    let log = snapshot["log"].as_array().expect("lines");
    let lines = log
        .iter()
        .filter(|line| line["source"] == "gateway")
        .count();
    assert!((5..60).contains(&lines), "{lines} lines");
    assert!(snapshot["log"].to_string().contains(" more lines: "));
    assert!(
        log.iter()
            .any(|line| line["text"] == "the load begins: 2 users")
    );
}

#[test]
fn no_secret_of_a_launch_is_kept_anywhere() {
    let stage = Stage::solo(
        "command = ['sh', '-c', 'echo key $KEY, master $MASTER_KEY, config; cat {{files}}/c; echo asked by sk-plan\"\"ted-3 and sk-plan\"\"ted-4; ls -ld {{files}} {{files}}/c; exec dragstrip gateway --listen 127.0.0.1:{{port}} --upstream {{endpoint}}', 'sh', '--token', '${KEY}']\n\
         env = { KEY = '${KEY}', MASTER_KEY = 'sk-planted-2' }\n\
         files = { c = 'api_key: ${KEY}, other: ${FILE_KEY}' }\nready = '/health'",
    );
    let headers = [
        "--header",
        "authorization: Bearer ${HEADER_KEY}",
        "--header",
        "x-key: sk-planted-4",
    ];
    let output = stage
        .command(&["--duration", "500ms", "--format", "json"])
        .args(headers)
        .env("KEY", "sk-planted-1")
        .env("FILE_KEY", "sk-planted-5")
        .env("HEADER_KEY", "sk-planted-3")
        .stdout(std::process::Stdio::piped())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0));
    let log = std::fs::read_to_string(&stage.logs()[0]).expect("its output");
    assert!(log.contains("key [redacted], master [redacted]"), "{log}");
    assert!(
        log.contains("api_key: [redacted]"),
        "its file was there: {log}"
    );
    let all = [
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        stage.snapshot().to_string(),
        log,
    ];
    for text in all {
        assert!(!text.contains("sk-planted"), "{text}");
    }
}
