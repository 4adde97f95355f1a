//! Whole runs: what is started, in which order, what is seen of it, and what is left.

use super::{Stage, assert_gone, pids, ports};
use serde_json::Value;

const TWO: &str = "
[a]
label = 'kept'
url = 'http://127.0.0.1:{{port}}'
endpoint = {}
launch = { command = GATEWAY, ready = '/health' }
[b]
label = 'closed'
url = 'http://127.0.0.1:{{port}}'
endpoint = {}
[b.launch]
command = ['dragstrip', 'gateway', '--listen', '127.0.0.1:{{port}}', '--upstream', '{{endpoint}}', '--transport', 'keep_alive=false']
";

#[test]
fn two_gateways_are_started_one_after_the_other_and_leave_nothing_behind() {
    let stage = Stage::new(TWO);
    let done = stage.run(&["--duration", "2500ms"]);
    assert_eq!(done.code, Some(0), "{}", done.said);
    let proof = "A and B differ: A keeps its upstream connections, B opens one for each request";
    assert!(done.said.contains(proof), "{}", done.said);
    let order = [
        "A: started dragstrip",
        "A: ready",
        "B: started dragstrip",
        "B: ready",
        "measuring",
    ];
    let mut rest = done.said.as_str();
    for step in order {
        let (_, after) = rest.split_once(step).expect(step);
        rest = after;
    }
    let pids = pids(&done.said);
    assert_eq!(
        (pids.len(), ports(&done.said).len()),
        (2, 2),
        "{}",
        done.said
    );
    assert_gone(&pids, &done.said);

    let snapshot = stage.snapshot();
    for side in ["a", "b"] {
        let variant = &snapshot["variants"][side];
        assert_eq!(variant["run"]["failed"], 0, "{variant}");
        assert!(variant["run"]["ok"].as_u64() > Some(50), "{variant}");
        let processes = &variant["processes"];
        assert_eq!(
            (&processes["processes"], &processes["exits"]),
            (&1.into(), &0.into())
        );
        assert!(
            processes["run_cpu_cores"].as_f64() > Some(0.0),
            "{processes}"
        );
        assert!(
            processes["run_memory_bytes"].as_u64() > Some(1 << 20),
            "{processes}"
        );
    }
    let costs = snapshot["comparison"]["costs"].as_array().expect("costs");
    let names: Vec<&Value> = costs.iter().map(|cost| &cost["name"]).collect();
    assert_eq!(names, ["cpu", "cpu_per_request", "memory"]);
    let metrics = snapshot["comparison"]["metrics"]
        .as_array()
        .expect("metrics");
    assert_eq!(metrics.len(), 5, "what is judged is what it was");
    let launches = snapshot["plan"]["launches"].as_array().expect("launches");
    assert_eq!((launches.len(), &launches[1]["variant"]), (2, &"b".into()));
}

#[test]
fn what_it_costs_is_in_the_table_and_not_judged() {
    let stage = Stage::new(TWO);
    let output = stage
        .command(&["--duration", "2500ms"])
        .stdout(std::process::Stdio::piped())
        .output()
        .expect("it runs");
    let table = String::from_utf8(output.stdout).expect("UTF-8");
    let row = |name: &str| {
        table
            .lines()
            .filter(|line| line.contains(name))
            .collect::<Vec<_>>()
    };
    for name in ["Gateway CPU", "Gateway memory"] {
        let rows = row(name);
        assert_eq!(rows.len(), 2, "{table}");
        assert!(
            rows[0].contains(" × 100 = ") && rows[1].ends_with("not judged"),
            "{table}"
        );
    }
    assert!(table.contains("MB memory at most"), "{table}");
}

#[test]
fn what_a_gateway_needs_is_started_before_it_and_both_are_one_tree() {
    // The endpoint is a command of its own here, and the gateway a child of a shell.
    let stage = Stage::new(
        "[a]
url = 'http://127.0.0.1:{{port}}'
launch = [
  { command = ['sh', '-c', 'exec dragstrip endpoint --listen 127.0.0.1:$UP'], env = { UP = '${UP}' }, ready = 'http://127.0.0.1:${UP}/health' },
  { command = ['sh', '-c', 'dragstrip gateway --listen 127.0.0.1:{{port}} --upstream http://127.0.0.1:$UP; true'], env = { UP = '${UP}' }, ready = { url = '/health', status = 200, body = 'ok' } },
]
",
    );
    let port = dragstrip_port();
    let done = {
        let mut command = stage.command(&["--duration", "2500ms"]);
        let output = command
            .env("UP", port.to_string())
            .output()
            .expect("it runs");
        (
            output.status.code(),
            String::from_utf8(output.stderr).expect("UTF-8"),
        )
    };
    assert_eq!(done.0, Some(0), "{}", done.1);
    assert_gone(&pids(&done.1), &done.1);
    std::net::TcpListener::bind(("127.0.0.1", port)).expect("the endpoint is gone, too");
    let snapshot = stage.snapshot();
    let variant = &snapshot["variants"]["a"];
    assert_eq!(variant["run"]["failed"], 0, "{variant}");
    // Endpoint, shell, gateway.
    assert_eq!(variant["processes"]["processes"], 3, "{variant}");
    assert!(snapshot["comparison"].is_null());
}

/// A port that was free a moment ago.
fn dragstrip_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
