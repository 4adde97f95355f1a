//! Gateways that cannot be started, and gateways that are lost while the run goes on.

use super::{Stage, assert_gone, lives, pids, send, wait_for};
use rustix::process::Signal;
use std::net::TcpListener;

#[test]
fn a_program_that_is_not_there_is_found_before_anything_starts() {
    let stage = Stage::new(
        "[a]\nurl = 'http://127.0.0.1:{{port}}'\nendpoint = {}\nlaunch = { command = GATEWAY }\n\
         [b]\nurl = 'http://127.0.0.1:{{port}}'\nlaunch = { command = ['no-such-gateway'] }\n",
    );
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(2), "{}", done.said);
    assert!(
        done.said
            .contains("no-such-gateway was not found on the PATH"),
        "{}",
        done.said
    );
    assert!(pids(&done.said).is_empty(), "{}", done.said);
}

#[test]
fn one_that_ends_at_once_is_told_with_its_last_lines() {
    let stage = Stage::solo(
        "command = ['sh', '-c', 'echo listening on the wrong port; echo no config >&2; exit 3']",
    );
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(1), "{}", done.said);
    for part in [
        "exited with code 3 before it was ready",
        "    listening on the wrong port",
        "    no config",
        "all of them: ",
    ] {
        assert!(done.said.contains(part), "{part}:\n{}", done.said);
    }
    assert!(!stage.path("out.json").exists(), "nothing has run");
    let log = std::fs::read_to_string(&stage.logs()[0]).expect("its output");
    assert!(log.contains("no config"), "{log}");
}

#[test]
fn one_that_is_never_ready_is_given_up_and_ended_with_those_before_it() {
    let stage = Stage::new(
        "[a]\nurl = 'http://127.0.0.1:{{port}}'\nendpoint = {}\nlaunch = { command = GATEWAY }\n\
         [b]\nurl = 'http://127.0.0.1:{{port}}'\n\
         launch = { command = ['sh', '-c', 'echo loading; exec sleep 600'], ready = { url = '/ready', within = '400ms' } }\n",
    );
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(1), "{}", done.said);
    assert!(
        done.said
            .contains("B: sh -c 'echo loading; exec sleep 600' was not ready within 400ms"),
        "{}",
        done.said
    );
    assert!(done.said.contains("    loading"), "{}", done.said);
    assert_gone(&pids(&done.said), &done.said);
}

#[test]
fn what_is_ready_is_asked_by_status_and_body() {
    for (ready, code, part) in [
        (
            "{ url = '/health', status = 404, within = '500ms' }",
            1,
            "answers 200, not 404",
        ),
        (
            "{ url = '/health', body = 'no such text', within = '500ms' }",
            1,
            "answers 200 without \"no such text\"",
        ),
        (
            "{ url = '/no/such/path', within = '500ms' }",
            1,
            "answers 404",
        ),
        ("{ url = '/no/such/path', status = 404 }", 0, "ready"),
    ] {
        let stage = Stage::solo(&format!("command = GATEWAY\nready = {ready}"));
        let done = stage.run(&["--duration", "200ms"]);
        assert_eq!(done.code, Some(code), "{ready}: {}", done.said);
        assert!(done.said.contains(part), "{ready}: {}", done.said);
        assert_gone(&pids(&done.said), &done.said);
    }
}

#[test]
fn a_port_that_is_taken_is_said_and_nothing_starts() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let stage = Stage::new(&format!(
        "[a]\nurl = 'http://{place}'\nendpoint = {{}}\nlaunch = {{ command = ['sleep', '600'] }}\n"
    ));
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(1), "{}", done.said);
    assert!(
        done.said
            .contains(&format!("something answers at {place} already")),
        "{}",
        done.said
    );
    assert!(pids(&done.said).is_empty(), "{}", done.said);
}

#[test]
fn the_port_of_an_endpoint_that_is_taken_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let stage = Stage::new(&format!(
        "[a]\nurl = 'http://127.0.0.1:{{{{port}}}}'\nendpoint = {{ listen = '{place}' }}\nlaunch = {{ command = GATEWAY }}\n"
    ));
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(1), "{}", done.said);
    assert!(
        done.said
            .contains(&format!("cannot listen on {place}: address in use")),
        "{}",
        done.said
    );
}

#[test]
fn a_gateway_that_is_killed_is_an_event_and_the_run_goes_on() {
    let stage = Stage::solo("command = GATEWAY\nready = '/health'");
    let mut running = stage.start(&["--duration", "3s"]);
    running.until("measuring");
    let gateways = running.gateways();
    send(gateways[0], Signal::KILL);
    let done = running.done();
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    let run = &snapshot["variants"]["a"]["run"];
    assert!(run["failed"].as_u64() > Some(0), "{run}");
    let expected = "the gateway was killed by signal 9; it stays down";
    let notices = snapshot["notices"].to_string();
    assert!(notices.contains(expected), "{notices}");
    let marks = snapshot["annotations"].as_array().expect("marks");
    assert!(
        marks.len() == 1 && marks[0]["text"] == expected,
        "{marks:?}"
    );
    let log = snapshot["log"].to_string();
    assert!(log.contains(expected), "{log}");
    let processes = &snapshot["variants"]["a"]["processes"];
    assert_eq!(
        (&processes["exits"], &processes["processes"]),
        (&1.into(), &0.into())
    );
    assert_gone(&gateways, &done.said);
}

#[test]
fn with_restart_it_is_started_again_and_serves_again() {
    let stage = Stage::new(
        "[a]\nurl = 'http://127.0.0.1:{{port}}'\nendpoint = {}\n\
         launch = { command = GATEWAY, ready = '/health', restart = true }\n\
         [b]\nurl = 'http://127.0.0.1:{{port}}'\nendpoint = {}\nlaunch = { command = GATEWAY }\n",
    );
    let mut running = stage.start(&["--duration", "4s"]);
    running.until("measuring");
    let gateways = running.gateways();
    send(gateways[0], Signal::TERM);
    wait_for("its end", || !lives(gateways[0]));
    let done = running.done();
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    let log = snapshot["log"].to_string();
    assert!(
        log.contains("A's gateway was killed by signal 15; it is started again in 1s")
            || log.contains("A's gateway exited with code 143; it is started again in 1s"),
        "{log}"
    );
    assert!(
        log.contains("A's gateway was started again (process "),
        "{log}"
    );
    let last = snapshot["variants"]["a"]["series"]
        .as_array()
        .expect("seconds")
        .last()
        .cloned();
    let last = last.expect("a second");
    assert!(
        last["failed"] == 0 && last["rps"].as_f64() > Some(0.0),
        "{last}"
    );
    let again = pids(&log);
    assert_eq!(again.len(), 1, "{log}");
    assert_gone(&[&gateways[..], &again[..]].concat(), &done.said);
    let b = &snapshot["variants"]["b"]["processes"];
    assert_eq!(b["exits"], 0, "{b}");
}

#[test]
fn the_end_is_told_when_it_comes_and_not_when_all_that_was_started_is_gone() {
    let stage = Stage::solo(
        "command = ['sh', '-c', \"(trap '' TERM; exec sleep 600) & exec dragstrip gateway --listen 127.0.0.1:{{port}} --upstream {{endpoint}}\"]
ready = '/health'
grace = '60s'",
    );
    let mut running = stage.start(&["--duration", "60s", "--plain"]);
    running.until("easuring");
    let gateways = running.gateways();
    send(gateways[0], Signal::KILL);
    // Long before the child that stays has used up its grace.
    running.until("killed by signal 9");
    running.signal(Signal::TERM);
    // Once more, and nobody has grace left.
    running.signal(Signal::TERM);
    let done = running.done();
    assert_eq!(done.code, Some(143), "{}", done.said);
    assert_gone(&gateways, &done.said);
}

#[test]
fn what_is_lost_beside_the_gateway_is_called_by_its_name() {
    let stage = Stage::new(
        "[a]\nurl = 'http://127.0.0.1:{{port}}'\nendpoint = {}\nlaunch = [\n\
           { command = ['sleep', '600'] },\n\
           { command = GATEWAY, ready = '/health' },\n]\n",
    );
    let mut running = stage.start(&["--duration", "2500ms"]);
    running.until("measuring");
    send(running.gateways()[0], Signal::KILL);
    let done = running.done();
    let snapshot = stage.snapshot();
    assert_eq!(
        snapshot["variants"]["a"]["run"]["failed"], 0,
        "{}",
        done.said
    );
    let notices = snapshot["notices"].to_string();
    assert!(
        notices.contains("the sleep was killed by signal 9"),
        "{notices}"
    );
}

#[test]
fn a_gateway_must_listen_where_requests_go_whatever_else_answers() {
    // Ready by the endpoint's own page; nobody listens at the variant's URL.
    let stage = Stage::solo(
        "command = ['sleep', '600']\nready = { url = '{{endpoint}}/health', within = '400ms' }",
    );
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(1), "{}", done.said);
    assert!(
        done.said.contains("was not ready within 400ms: "),
        "{}",
        done.said
    );
    // Somebody else does.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let stage = Stage::new(&format!(
        "[a]\nurl = 'http://{place}'\nendpoint = {{}}\nlaunch = {{ command = ['sleep', '600'], ready = '{{{{endpoint}}}}/health' }}\n"
    ));
    let done = stage.run(&[]);
    assert_eq!(done.code, Some(1), "{}", done.said);
    assert!(
        done.said
            .contains(&format!("something answers at {place} already")),
        "{}",
        done.said
    );
}

#[test]
fn one_that_ends_again_and_again_is_one_notice() {
    // It takes connections for a moment, and ends.
    let stage = Stage::solo(
        "command = ['timeout', '0.3', 'dragstrip', 'gateway', '--listen', '127.0.0.1:{{port}}', '--upstream', '{{endpoint}}']\n\
         restart = true",
    );
    let done = stage.run(&["--duration", "4s"]);
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    let notices = snapshot["notices"].as_array().expect("notices");
    let ends: Vec<_> = notices
        .iter()
        .filter(|it| it["text"].to_string().contains("the gateway exited"))
        .collect();
    assert!(
        ends.len() == 1 && ends[0]["text"].to_string().contains("times by now"),
        "{notices:?}"
    );
    assert!(snapshot["variants"]["a"]["processes"]["exits"].as_u64() >= Some(2));
}

#[test]
fn a_lost_endpoint_is_an_event_and_no_end() {
    let stage = Stage::new(
        "[a]\nurl = 'http://127.0.0.1:{{port}}'\nlaunch = [\n\
           { command = ['sh', '-c', 'exec dragstrip endpoint --listen 127.0.0.1:$UP'], ready = 'http://127.0.0.1:${UP}/health' },\n\
           { command = ['dragstrip', 'gateway', '--listen', '127.0.0.1:{{port}}', '--upstream', 'http://127.0.0.1:${UP}'], ready = '/health' },\n]\n",
    );
    let up = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let mut command = stage.command(&["--duration", "2500ms"]);
    command.env("UP", up.to_string());
    let mut child = command.spawn().expect("it starts");
    let stderr = child.stderr.take().expect("a pipe");
    let mut running = super::Running {
        child,
        stderr: std::io::BufReader::new(stderr),
        said: String::new(),
    };
    running.until("measuring");
    let all = running.gateways();
    send(all[0], Signal::KILL);
    let done = running.done();
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    let run = &snapshot["variants"]["a"]["run"];
    assert!(run["outcomes"]["http_502"].as_u64() > Some(0), "{run}");
    assert!(
        snapshot["notices"]
            .to_string()
            .contains("killed by signal 9")
    );
    assert_gone(&all, &done.said);
}
