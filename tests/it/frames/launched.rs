//! What launched gateways use, beside their variants and in the table, however little room there is.

use super::{app, frame, measured};
use dragstrip::metrics::snapshot::{
    Cost, CostName, LaunchRecord, LogEntry, NoticeLevel, Processes, Snapshot,
};
use dragstrip::tui::{Action, View};
use std::sync::Arc;

fn uses(cores: f64, bytes: u64) -> Processes {
    Processes {
        processes: 3,
        cpu_cores: Some(cores),
        memory_bytes: bytes,
        run_cpu_cores: Some(cores),
        run_memory_bytes: Some(bytes),
        exits: 0,
    }
}

/// B is faster, and takes twice the memory.
fn launched() -> Snapshot {
    let mut snapshot = measured::running();
    snapshot.variants.a.processes = Some(uses(0.83, 242_000_000));
    let b = snapshot.variants.b.as_mut().expect("two variants");
    b.processes = Some(uses(0.91, 484_000_000));
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    comparison.costs = vec![
        Cost {
            name: CostName::Cpu,
            a: Some(0.83),
            b: Some(0.91),
            change_pct: Some(9.64),
            text: "B takes 9.64 % more".to_owned(),
            calculation: "(0.91 cores − 0.83 cores) / 0.83 cores × 100".to_owned(),
        },
        Cost {
            name: CostName::CpuPerRequest,
            a: Some(16_436.0),
            b: Some(4_062.0),
            change_pct: Some(-75.3),
            text: "B takes 75.3 % less".to_owned(),
            calculation: String::new(),
        },
        Cost {
            name: CostName::Memory,
            a: Some(242e6),
            b: Some(484e6),
            change_pct: Some(100.0),
            text: "B takes 100 % more".to_owned(),
            calculation: "(484 MB − 242 MB) / 242 MB × 100".to_owned(),
        },
    ];
    let plan = Arc::make_mut(&mut snapshot.plan);
    plan.launches = vec![LaunchRecord {
        variant: "b".to_owned(),
        command: "gateway --port 4002".to_owned(),
        env: [("MODE".to_owned(), "[redacted]".to_owned())].into(),
        restart: true,
    }];
    let line = |level, text: &str| LogEntry {
        t: 7.0,
        level,
        source: "B".to_owned(),
        text: text.to_owned(),
    };
    let log = Arc::make_mut(&mut snapshot.log);
    log.push(line(NoticeLevel::Info, "listening on port 4002"));
    log.push(line(
        NoticeLevel::Error,
        "B's gateway exited with code 1; it stays down",
    ));
    snapshot
}

#[test]
fn what_they_use_stands_beside_each_and_in_the_table() {
    let app = app(launched());
    for (width, height) in [(160, 48), (120, 40), (100, 34)] {
        let screen = frame(&app, width, height);
        for part in [
            "gateway CPU 0.83 cores",
            "gateway CPU 0.91 cores",
            "memory 484 MB",
        ] {
            assert!(
                screen.contains(part),
                "{width}x{height}: no {part}\n{screen}"
            );
        }
    }
    for (width, height) in [(160, 48), (120, 40), (100, 34), (80, 24)] {
        let screen = frame(&app, width, height);
        let row = |name: &str| {
            let mut lines = screen.lines();
            lines.find(|line| line.trim_start_matches('│').trim_start().starts_with(name))
        };
        let cores = row("cores").unwrap_or_else(|| panic!("{width}x{height}:\n{screen}"));
        assert!(
            cores.contains("0.83") && cores.contains("0.91") && cores.contains("+9.64 %"),
            "{cores}"
        );
        assert!(cores.contains("B takes 9.64 % more"), "{cores}");
        let memory = row("mem.").unwrap_or_else(|| panic!("{width}x{height}:\n{screen}"));
        assert!(
            memory.contains("242 MB") && memory.contains("484 MB"),
            "{memory}"
        );
    }
}

#[test]
fn their_costs_are_calculated_and_never_called_better_or_worse() {
    let mut app = app(launched());
    app.update(Action::Calculation);
    let screen = frame(&app, 160, 48);
    assert!(
        screen.contains("(484 MB − 242 MB) / 242 MB × 100"),
        "{screen}"
    );
    app.update(Action::Calculation);
    assert_eq!(frame(&app, 160, 48).matches("(not judged)").count(), 3);
}

#[test]
fn one_that_is_down_is_said_and_how_often_one_has_ended() {
    let mut snapshot = launched();
    let b = snapshot.variants.b.as_mut().expect("two variants");
    let processes = b.processes.as_mut().expect("launched");
    (processes.processes, processes.exits) = (0, 1);
    snapshot
        .variants
        .a
        .processes
        .as_mut()
        .expect("launched")
        .exits = 3;
    let screen = frame(&app(snapshot), 160, 48);
    assert!(
        screen.contains("gateway is down") && screen.contains("ended 3 ×"),
        "{screen}"
    );
}

#[test]
fn what_was_launched_and_what_it_said_is_in_the_other_views() {
    let mut app = app(launched());
    for (width, height) in [(160, 48), (100, 40)] {
        app.update(Action::Show(View::Errors));
        let screen = frame(&app, width, height);
        assert!(screen.contains("cores 0.91  memory 484 MB"), "{screen}");
        app.update(Action::Show(View::Details));
        let screen = frame(&app, width, height);
        assert!(screen.contains("launched: gateway --port 4002"), "{screen}");
        app.update(Action::Show(View::Log));
        let screen = frame(&app, width, height);
        assert!(screen.contains("listening on port 4002"), "{screen}");
        assert!(
            screen.contains("B's gateway exited with code 1"),
            "{screen}"
        );
    }
}
