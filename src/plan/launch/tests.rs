//! Launches and endpoints of plan files: what is read, and what is refused.

use super::super::testing::{filed, planned};
use crate::gateway::launch::ReadyCheck;
use std::time::Duration;

/// A program that is on every machine that runs these tests.
fn program() -> String {
    let path = std::env::current_exe().unwrap();
    path.to_string_lossy().into_owned()
}

/// A plan whose A is launched as `launch` says, with `PROGRAM` standing for a program that is there.
fn launched(launch: &str) -> Result<crate::plan::Plan, String> {
    let launch = launch.replace("PROGRAM", &program());
    let plan =
        format!("[a]\nurl = 'http://127.0.0.1:{{{{port}}}}/v1'\nendpoint = {{}}\n{launch}\n");
    filed(&plan, &[])
}

#[test]
fn a_launch_is_read_whole() {
    let plan = launched(
        r#"[a.launch]
command = ["PROGRAM", "--port={{port}}", "--up", "{{endpoint}}", "--api-key", "${KEY}", "{{files}}/c.yaml"]
env = { TOKEN = "abcdef", MODE = "fast", N = 5 }
files = { "c.yaml" = "port: {{port}} # {{ left alone }} {{" }
ready = { url = "/health", status = 204, body = "fine", within = "3s" }
grace = "1.5s"
restart = true
output = "out.log"
"#,
    )
    .unwrap();
    let port = plan.a.base.port().unwrap();
    let endpoint = plan.a.endpoint.as_ref().unwrap().listen;
    let [launch] = &plan.a.launches[..] else {
        panic!("not one");
    };
    assert_eq!((launch.name.as_str(), launch.variant), ("the gateway", 0));
    let arguments = [
        format!("--port={port}"),
        "--up".to_owned(),
        format!("http://{endpoint}"),
        "--api-key".to_owned(),
        "sk-123".to_owned(),
        "{{files}}/c.yaml".to_owned(),
    ];
    assert_eq!(launch.command[1..], arguments);
    assert!(
        launch
            .shown
            .ends_with("--api-key [redacted] {{files}}/c.yaml"),
        "{}",
        launch.shown
    );
    assert_eq!(launch.secrets, ["abcdef", "sk-123"]);
    let n = ("N".to_owned(), "5".to_owned());
    assert!(launch.env.contains(&n));
    assert_eq!(
        launch.files[0].1,
        format!("port: {port} # {{{{ left alone }}}} {{{{")
    );
    let ready = launch.ready.as_ref().unwrap();
    assert_eq!(ready.within, Duration::from_secs(3));
    let ReadyCheck::Answers {
        url, status, body, ..
    } = &ready.check
    else {
        panic!("not asked");
    };
    assert_eq!(url.as_str(), format!("http://127.0.0.1:{port}/health"));
    assert_eq!((*status, body.as_deref()), (Some(204), Some("fine")));
    assert_eq!(
        (launch.grace, launch.restart),
        (Duration::from_millis(1_500), true)
    );
    assert!(launch.output.as_ref().unwrap().ends_with("out.log"));
    let record = serde_json::to_string(&plan.record()).unwrap();
    for secret in ["sk-123", "abcdef", "fast"] {
        assert!(!record.contains(secret), "{record}");
    }
    assert!(record.contains("MODE"), "{record}");
}

#[test]
fn several_commands_are_started_in_their_order_and_the_last_one_is_the_gateway() {
    let plan = launched(
        r#"launch = [
  { command = ["PROGRAM", "store"] },
  { command = ["PROGRAM", "gateway", "{{port}}"] },
]"#,
    )
    .unwrap();
    let [store, gateway] = &plan.a.launches[..] else {
        panic!("not two");
    };
    assert!(store.ready.is_none() && store.command[1] == "store");
    let ready = gateway.ready.as_ref().unwrap();
    assert_eq!(ready.check, ReadyCheck::Connects(plan.a.base.clone()));
}

#[test]
fn what_cannot_be_launched_says_where_and_what_would_be_right() {
    for (launch, part) in [
        (
            "launch = 5",
            "plan.toml:4: launch: must be a table such as { command",
        ),
        ("launch = {}", "it has no command"),
        (
            "launch = { command = 'a b' }",
            "command: must be an array of texts, such as",
        ),
        ("launch = { command = [] }", "must be an array of texts"),
        ("launch = { command = [1] }", "must be an array of texts"),
        ("launch = { command = [''] }", "no name"),
        (
            "launch = { comand = ['x'] }",
            "unknown key \"comand\" in [launch]; did you mean \"command\"?",
        ),
        (
            "launch = { command = ['no-such-program-here'] }",
            "no-such-program-here was not found on the PATH",
        ),
        (
            "launch = { command = ['./no/such'] }",
            "./no/such was not found",
        ),
        (
            "launch = { command = ['/etc/passwd'] }",
            "/etc/passwd is no program that may be run",
        ),
        (
            "launch = { command = ['/'] }",
            "/ is no program that may be run",
        ),
        (
            "launch = { command = ['PROGRAM', '{{prot}}'] }",
            "there are {{port}}, {{endpoint}}, {{endpoint_port}} and {{files}}",
        ),
        (
            "launch = { command = ['PROGRAM', '${NO}'] }",
            "the environment variable NO is not set",
        ),
        (
            "launch = { command = ['PROGRAM'], env = { 'A=B' = 'x' } }",
            "has no \"=\"",
        ),
        (
            "launch = { command = ['PROGRAM'], env = ['x'] }",
            "must be a table such as { NAME = \"value\" }, not an array",
        ),
        (
            "launch = { command = ['PROGRAM'], files = { '../x' = '' } }",
            "a name alone",
        ),
        (
            "launch = { command = ['PROGRAM'], directory = 'no/such' }",
            "is no folder",
        ),
        (
            "launch = { command = ['PROGRAM'], ready = 'health' }",
            "must be a path such as \"/health\"",
        ),
        (
            "launch = { command = ['PROGRAM'], ready = { status = 200 } }",
            "add url = \"/health\"",
        ),
        (
            "launch = { command = ['PROGRAM'], ready = { url = '/', status = 99 } }",
            "from 100 to 599",
        ),
        (
            "launch = { command = ['PROGRAM'], ready = { url = '/', within = '0s' } }",
            "above 0s",
        ),
        (
            "launch = { command = ['PROGRAM'], ready = { url = 'ftp://h' } }",
            "must begin with http://",
        ),
        (
            "launch = { command = ['PROGRAM'], grace = 5 }",
            "a time needs a unit",
        ),
        (
            "launch = { command = ['PROGRAM'], restart = 'yes' }",
            "must be true or false",
        ),
    ] {
        let error = launched(launch).unwrap_err();
        assert!(error.contains(part), "{launch}: {error}");
    }
}

#[test]
fn endpoints_are_read_and_their_mistakes_named() {
    let with = |endpoint: &str| {
        filed(
            &format!("[a]\nurl = 'http://h'\nendpoint = {endpoint}\n"),
            &[],
        )
    };
    let plan = with("{ listen = 'localhost:4007', profile = 'fixed:5ms', servers = 2, freeze = '1s+1s', fail = ['503:1%', 'hang:1%'], seed = 7 }").unwrap();
    let endpoint = plan.a.endpoint.unwrap();
    assert_eq!(endpoint.listen.to_string(), "127.0.0.1:4007");
    assert_eq!(
        (endpoint.service.seed, endpoint.service.freezes.len()),
        (7, 1)
    );
    assert_eq!(endpoint.service.faults.list().len(), 2);
    for (endpoint, part) in [
        ("5", "must be a table such as { profile"),
        ("{ profile = 'fast' }", "plan.toml:3: profile = \"fast\""),
        ("{ servers = 0 }", "from 1 to 1,000,000"),
        ("{ fail = 5 }", "must be a text, or several in an array"),
        ("{ listen = '127.0.0.1:0' }", "listen needs a port"),
        ("{ listen = 'here' }", "must be an address and a port"),
        ("{ delay = '5ms' }", "unknown key \"delay\" in [endpoint]"),
    ] {
        let error = with(endpoint).unwrap_err();
        assert!(error.contains(part), "{endpoint}: {error}");
    }
}

#[test]
fn placeholders_need_what_they_stand_for() {
    let error = planned(&["--a", "http://127.0.0.1:{{port}}"]).unwrap_err();
    assert!(error.contains("this variant has no launch"), "{error}");
    let plan = format!(
        "[a]\nurl = 'http://127.0.0.1:{{{{port}}}}'\nlaunch = {{ command = ['{}', '{{{{endpoint}}}}'] }}\n",
        program()
    );
    let error = filed(&plan, &[]).unwrap_err();
    assert!(
        error.contains("add endpoint = {} to this variant"),
        "{error}"
    );
}

#[test]
fn a_url_of_the_command_line_is_another_gateway() {
    let plan = format!(
        "[a]\nurl = 'http://127.0.0.1:{{{{port}}}}'\nendpoint = {{}}\nlaunch = {{ command = ['{}'] }}\n",
        program()
    );
    let plan = filed(&plan, &["--a", "http://elsewhere"]).unwrap();
    assert!(plan.a.launches.is_empty() && plan.a.endpoint.is_none());
}

#[test]
fn a_copy_of_a_is_not_launched_twice() {
    let a = format!(
        "[a]\nurl = 'http://127.0.0.1:{{{{port}}}}'\nlaunch = {{ command = ['{}'] }}\n",
        program()
    );
    let plan = filed(&a, &["--aa"]).unwrap();
    assert_eq!(
        (plan.a.launches.len(), plan.b.unwrap().launches.len()),
        (1, 0)
    );
    let both = format!("{a}[b]\nlaunch = {{ command = ['{}'] }}\n", program());
    let error = filed(&both, &["--aa"]).unwrap_err();
    assert!(
        error.contains("B is not started by itself, but --aa makes B"),
        "{error}"
    );
}

#[test]
fn no_output_writes_over_the_plan_or_another_output() {
    for launch in [
        "launch = { command = ['PROGRAM'], output = 'plan.toml' }",
        "launch = [{ command = ['PROGRAM'], output = 'x' }, { command = ['PROGRAM'], output = './x' }]",
    ] {
        let error = launched(launch).unwrap_err();
        assert!(error.contains("give each a file of its own"), "{error}");
    }
    let apart = "launch = [{ command = ['PROGRAM'], output = 'x' }, { command = ['PROGRAM'], output = 'y' }]";
    assert!(launched(apart).is_ok());
}
