//! Presets on the command line.

use super::Stage;
use assert_cmd::Command;

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("dragstrip")
        .expect("the program")
        .arg("run")
        .args(args)
        .env("PATH", "/no/such/folder")
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn all_of_them_are_listed_and_can_be_printed() {
    let (code, listed, _) = run(&["--preset", "list"]);
    assert_eq!(code, Some(0));
    for name in ["seed", "open-200", "litellm", "litellm-16k"] {
        assert!(
            listed
                .lines()
                .any(|line| line.starts_with(&format!("{name} "))),
            "{listed}"
        );
        let (code, printed, said) = run(&["--preset", name, "--print-plan"]);
        assert_eq!((code, said.as_str()), (Some(0), ""));
        assert!(printed.contains("[load]"), "{printed}");
    }
}

#[test]
fn without_litellm_it_says_how_to_install_it() {
    let (code, _, said) = run(&["--preset", "litellm"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("pip install 'litellm[proxy]==1.71.1'"),
        "{said}"
    );
    assert!(said.contains("--litellm PATH"), "{said}");
}

/// A program that does with LiteLLM's arguments what the built-in gateway does, reading its configuration as that would.
const STAND_IN: &str = "#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --config) config=$2 ;; --host) host=$2 ;; --port) port=$2 ;; esac
  shift 2
done
echo \"$USE_AIOHTTP_TRANSPORT $DISABLE_AIOHTTP_TRANSPORT\" >&2
upstream=$(sed -n 's/ *api_base: *//p' \"$config\")
exec dragstrip gateway --listen \"$host:$port\" --upstream \"${upstream%/v1}\" $([ \"$USE_AIOHTTP_TRANSPORT\" = True ] || echo --transport keep_alive=false)
";

#[test]
fn the_litellm_plan_starts_what_it_is_given_with_ports_config_and_environment() {
    use std::os::unix::fs::PermissionsExt;
    let (_, plan, _) = run(&[
        "--preset",
        "litellm",
        "--print-plan",
        "--users",
        "4",
        "--think",
        "5ms",
        "--ramp",
        "0s",
    ]);
    let stage = Stage::new("");
    // The stand-in has no page of LiteLLM's own.
    let plan = plan.replace("/health/liveliness", "/health");
    std::fs::write(stage.path("plan.toml"), plan).expect("writes");
    let program = stage.path("stand-in");
    std::fs::write(&program, STAND_IN).expect("writes");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("may run");
    let litellm = program.to_str().expect("a path");
    let output = stage
        .command(&[
            "--litellm",
            litellm,
            "--order",
            "together",
            "--warmup",
            "0s",
            "--duration",
            "1s",
        ])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let snapshot = stage.snapshot();
    for (side, label) in [("a", "httpx"), ("b", "aiohttp")] {
        let variant = &snapshot["variants"][side];
        assert_eq!(variant["label"], label);
        assert!(variant["run"]["ok"].as_u64() > Some(10), "{variant}");
        assert_eq!(variant["run"]["failed"], 0, "{variant}");
    }
    let log = snapshot["log"].to_string();
    assert!(
        log.contains("\"False True\"") && log.contains("\"True False\""),
        "{log}"
    );
    super::assert_gone(&super::pids(&said), &said);
    super::assert_free(&snapshot);
}
