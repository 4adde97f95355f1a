//! Every way of ending ends the gateways, too.

use super::{PATIENCE, Stage, assert_gone, lives, pids, ports, send, wait_for};
use crate::pty::Terminal;
use rustix::process::Signal;
use std::time::Instant;

const ONE: &str = "command = GATEWAY\nready = '/health'";

#[test]
fn a_signal_ends_them() {
    // SIGHUP is the terminal's: where it is ignored, as under nohup, it stays so.
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let stage = Stage::solo(ONE);
        let mut running = stage.start(&["--duration", "60s"]);
        running.until("measuring");
        let gateways = running.gateways();
        assert!(lives(gateways[0]));
        running.signal(signal);
        let done = running.done();
        assert_eq!(done.code, Some(code), "{}", done.said);
        assert_gone(&gateways, &done.said);
        stage.assert_tidy();
    }
}

#[test]
fn a_signal_ends_the_wait_for_a_gateway_that_is_not_ready() {
    let stage = Stage::solo("command = ['sleep', '600']\nready = '/health'");
    let mut running = stage.start(&[]);
    running.until("started sleep");
    let (gateways, since) = (running.gateways(), Instant::now());
    running.signal(Signal::TERM);
    let done = running.done();
    assert_eq!(done.code, Some(143), "{}", done.said);
    assert!(since.elapsed() < PATIENCE / 2, "it did not wait for it");
    assert_gone(&gateways, &done.said);
}

#[test]
fn a_hard_kill_ends_them() {
    let stage = Stage::solo(ONE);
    let mut running = stage.start(&["--duration", "60s"]);
    running.until("measuring");
    let gateways = running.gateways();
    assert!(lives(gateways[0]));
    running.signal(Signal::KILL);
    let done = running.done();
    assert_eq!(done.code, None, "{}", done.said);
    wait_for("their end", || gateways.iter().all(|pid| !lives(*pid)));
    assert_gone(&gateways, &done.said);
    wait_for("the end of its files", || {
        std::fs::read_dir(stage.temporary())
            .expect("a folder")
            .next()
            .is_none()
    });
}

#[test]
fn a_hard_kill_while_they_start_ends_them() {
    let stage = Stage::solo("command = ['sleep', '600']\nready = '/health'");
    let mut running = stage.start(&[]);
    running.until("started sleep");
    let gateways = running.gateways();
    running.signal(Signal::KILL);
    running.done();
    wait_for("their end", || gateways.iter().all(|pid| !lives(*pid)));
}

#[test]
fn what_does_not_end_by_itself_is_killed_with_all_that_it_has_started() {
    // A gateway that ignores being asked, a child of its, and one that has left the group.
    let script = "trap '' TERM; sleep 601 & echo $! >> pids; setsid sleep 602 & \
                  dragstrip gateway --listen 127.0.0.1:{{port}} --upstream {{endpoint}} & echo $! >> pids; \
                  while :; do wait; done";
    let stage = Stage::solo(&format!(
        "command = ['sh', '-c', \"{script}\"]\nready = '/health'\ngrace = '300ms'"
    ));
    let mut running = stage.start(&["--duration", "1s"]);
    running.until("ready");
    let mut all = running.gateways();
    let written = std::fs::read_to_string(stage.path("pids")).expect("its children");
    all.extend(
        written
            .lines()
            .map(|pid| pid.parse::<u32>().expect("a number")),
    );
    assert_eq!(all.len(), 3);
    #[cfg(target_os = "linux")]
    all.extend(away(all[0]));
    let done = running.done();
    assert_eq!(done.code, Some(0), "{}", done.said);
    assert!(
        done.said
            .contains("did not end within 300ms and was killed"),
        "{}",
        done.said
    );
    for pid in all {
        assert!(!lives(pid), "process {pid} is left: {}", done.said);
    }
}

/// The child of `parent` that leads a session of its own.
#[cfg(target_os = "linux")]
fn away(parent: u32) -> Vec<u32> {
    let found = || {
        let all = std::fs::read_dir("/proc").expect("Linux has it").flatten();
        let pids = all.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok());
        let away = pids.filter(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let fields: Vec<u32> = rest
                .split(' ')
                .skip(1)
                .take(3)
                .filter_map(|it| it.parse().ok())
                .collect();
            fields == [parent, *pid, *pid]
        });
        away.collect::<Vec<u32>>()
    };
    wait_for("the child that leaves", || !found().is_empty());
    found()
}

#[test]
#[cfg(target_os = "linux")]
fn the_guard_may_be_killed_and_its_gateway_ends_all_the_same() {
    let stage = Stage::solo(ONE);
    let mut running = stage.start(&["--duration", "60s"]);
    running.until("measuring");
    let gateways = running.gateways();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", gateways[0])).unwrap_or_default();
    let guard = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
    let guard = guard.expect("its parent");
    send(guard, Signal::KILL);
    wait_for("its end", || !lives(gateways[0]));
    running.signal(Signal::TERM);
    let done = running.done();
    assert_gone(&gateways, &done.said);
    let text = stage.snapshot()["notices"].to_string();
    assert!(text.contains("was lost with its guard"), "{text}");
}

/// The program with this plan in a terminal.
fn on_screen(stage: &Stage) -> Terminal {
    let command = stage.command(&[]);
    let text = |it: &std::ffi::OsStr| it.to_string_lossy().into_owned();
    let arguments = command.get_args().map(text).filter(|it| it != "--headless");
    let arguments: Vec<String> = arguments.collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some((text(name), text(value?))));
    let set: Vec<(String, String)> = set.collect();
    let set: Vec<(&str, &str)> = set
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .collect();
    Terminal::start((120, 40), &arguments, &set)
}

#[test]
fn quitting_the_screen_ends_them() {
    let stage = Stage::solo(ONE);
    let mut terminal = on_screen(&stage);
    terminal.wait("the screen", |text| text.contains("gateway CPU"));
    // Before the screen opened, lines have said what was started.
    let said = terminal.written().replace(['\r', '\n'], "");
    let (gateways, ports) = (pids(&said), ports(&said));
    assert!(lives(gateways[0]) && ports.len() == 1, "{said}");
    terminal.press("q");
    assert!(terminal.wait_for_end().success());
    assert_gone(&gateways, &said);
}

#[test]
fn the_run_again_is_a_run_of_new_gateways() {
    let stage = Stage::solo(ONE);
    let mut terminal = on_screen(&stage);
    let measures = |text: &str| text.contains("gateway CPU") && text.contains("measuring");
    terminal.wait("the screen", measures);
    let said = || terminal_said(&terminal);
    let first = pids(&said());
    terminal.press("R");
    terminal.wait("the question", |text| text.contains("run again"));
    terminal.press("\r");
    terminal.wait("another gateway", |_| {
        pids(&terminal_said(&terminal)).len() == 2
    });
    terminal.wait("the screen", measures);
    let said = terminal_said(&terminal);
    let (both, at) = (pids(&said), ports(&said));
    assert_eq!((both[0], at.len()), (first[0], 2), "{said}");
    assert!(!lives(both[0]) && lives(both[1]), "{said}");
    assert_eq!(at[0], at[1], "at the same port");
    terminal.press("q");
    assert!(terminal.wait_for_end().success());
    assert_gone(&both, &said);
}

fn terminal_said(terminal: &Terminal) -> String {
    terminal.written().replace(['\r', '\n'], "")
}
