//! Whole runs of the engine against real servers: phases, counts, live control, faults.

mod faults;

use crate::support::{assert_conserved, closed, open, spec, start, start_with, variant, wait};
use crate::transport::server::Server;
use dragstrip::load::{LoadSpec, Order, Overflow, Warmup};
use dragstrip::metrics::snapshot::{Percentile, Phase, Snapshot};
use dragstrip::transport::{Limits, TransportConfig};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_closed_loop_runs_both_variants_and_drains() {
    let (a, b) = (Server::start(None), Server::start(None));
    let urls = [
        format!("http://{}/slow", a.addr),
        format!("http://{}/ok", b.addr),
    ];
    let last = start(spec(closed(10, (5, 10)), 1_000), &[&urls[0], &urls[1]]).join();
    assert_eq!(last.meta.phase, Phase::Done);
    assert_conserved(&last);
    let b_run = &last.variants.b.as_ref().expect("B").run;
    for run in [&last.variants.a.run, b_run] {
        assert_eq!(
            (run.failed, run.cancelled, run.in_flight),
            (0, 0, 0),
            "drained"
        );
        assert!((run.seconds - 1.0).abs() < 0.1, "{}", run.seconds);
        assert_eq!(run.bytes, run.ok * 5, "bodies are read to the end");
        assert!(run.response_us.p50 >= run.service_us.p50);
    }
    // A: 10 users, a cycle of 20 ms + 5..10 ms + its own cost; never more than 10 / 25 ms.
    let rps = last.variants.a.run.rps.expect("a rate");
    assert!(rps > 100.0 && rps <= 400.0 + 15.0, "{rps}");
    assert!(last.variants.a.run.response_us.min >= Some(20_000));
    assert!(b_run.rps > last.variants.a.run.rps);
    // Ten connections each, kept alive, and every request of the servers' counted here (each run starts at once).
    assert_eq!(last.variants.a.connections.opened, 10);
    assert_eq!(a.seen.opened(), 10);
    let comparison = last.comparison.as_ref().expect("two variants");
    assert!(
        comparison.metrics[0].change_pct > Some(0.0)
            && comparison.metrics[1].change_pct < Some(0.0)
    );
    assert_eq!(
        last.variants
            .a
            .series
            .iter()
            .map(|p| p.seconds)
            .sum::<f64>() as u64,
        last.meta.elapsed_s as u64
    );
    assert_eq!(last.variants.a.histogram.count(), last.variants.a.run.ok);
}

#[test]
fn an_open_loop_sends_rate_times_time_whatever_the_answers_do() {
    let server = Server::start(None);
    let url = format!("http://{}/slow", server.addr);
    let last = start(spec(open(200.0, 1_000, Overflow::Queue), 1_000), &[&url]).join();
    assert_conserved(&last);
    assert!(
        last.comparison.is_none(),
        "a solo run has nothing to compare"
    );
    let run = &last.variants.a.run;
    assert_eq!(run.requests, 200, "rate × time, exactly");
    assert_eq!(run.ok, run.requests);
}

#[test]
fn arrivals_beyond_the_cap_wait_or_are_dropped() {
    let server = Server::start(None);
    let url = format!("http://{}/slow", server.addr);
    let mut load = spec(open(500.0, 2, Overflow::Drop), 1_000);
    load.threads = 1;
    let dropped = start(load.clone(), &[&url]).join();
    assert_conserved(&dropped);
    let run = &dropped.variants.a.run;
    assert!(run.outcomes["dropped"] > run.ok, "{run:#?}");
    assert_eq!(run.failed, run.outcomes["dropped"]);
    assert_eq!(run.response_us.get("p95"), Percentile::Beyond("dropped"));
    assert!(server.seen.most_open() <= 2);

    load.model = open(500.0, 2, Overflow::Queue);
    load.timeout = Duration::from_millis(300);
    let queued = start(load, &[&url]).join();
    assert_conserved(&queued);
    let run = &queued.variants.a.run;
    assert!(
        run.slot_wait_us.max >= Some(100_000),
        "waiting counts: {run:#?}"
    );
    assert!(
        run.response_us.p50 > run.service_us.p50 || run.response_us.p50.is_none(),
        "{run:#?}"
    );
    assert!(
        run.outcomes["timeout"] > 0,
        "what waits longer than the timeout has failed"
    );
}

#[test]
fn a_limit_on_connections_is_slot_wait() {
    let server = Server::start(None);
    let url = format!("http://{}/slow", server.addr);
    let limited = TransportConfig {
        limits: Limits {
            connections: Some(2),
            ..Limits::default()
        },
        ..TransportConfig::default()
    };
    let last = start_with(
        spec(closed(10, (0, 0)), 1_000),
        vec![variant(&url, limited)],
    )
    .join();
    assert_conserved(&last);
    assert!(server.seen.most_open() <= 2, "{}", server.seen.most_open());
    let run = &last.variants.a.run;
    // Two at a time, 20 ms each, ten users: each waits for about four others.
    assert!(run.slot_wait_us.p50 > Some(40_000), "{run:#?}");
    assert!(run.client_lag_us.p50 < Some(10_000), "{run:#?}");
    assert!(run.response_us.p50 > run.service_us.p50);
}

#[test]
fn who_takes_turns_is_alone_with_its_server() {
    // Both at once: they do little but wait.
    std::thread::scope(|scope| {
        for order in [Order::Alternate, Order::Sequential] {
            scope.spawn(move || assert_alone_with_its_server(order));
        }
    });
}

fn assert_alone_with_its_server(order: Order) {
    let servers = [Server::start(None), Server::start(None)];
    let urls = servers.each_ref().map(|s| format!("http://{}/ok", s.addr));
    let load = LoadSpec {
        order,
        ..spec(open(200.0, 50, Overflow::Queue), 1_000)
    };
    let engine = start(load, &[&urls[0], &urls[1]]);
    let mut snapshots = engine.snapshots();
    let mut before: Option<Arc<Snapshot>> = None;
    let both = |s: &Snapshot| {
        [&s.variants.a, s.variants.b.as_ref().expect("B")].map(|v| v.connections.reused)
    };
    while !engine.is_finished() {
        let now = snapshots.borrow_and_update().clone();
        let waits = now.meta.slot.map(|slot| slot.variant.other().index());
        if let (Some(before), Some(waits)) = (&before, waits)
            && before.meta.slot.map(|slot| slot.variant) == now.meta.slot.map(|slot| slot.variant)
        {
            assert_eq!(
                both(before)[waits],
                both(&now)[waits],
                "it is used while it waits"
            );
        }
        before = Some(now);
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let last = engine.join();
    assert_conserved(&last);
    assert_eq!((last.meta.phase, last.meta.slot), (Phase::Done, None));
    // Alternate measures whole pairs: for 200 requests a second, 5 s of each variant.
    let (seconds, blocks) = match order {
        Order::Alternate => (5.0, 2),
        _ => (1.0, 0),
    };
    assert_eq!(last.blocks.len(), blocks);
    for run in [
        &last.variants.a.run,
        &last.variants.b.as_ref().expect("B").run,
    ] {
        assert!((run.seconds - seconds).abs() < 0.05, "{}", run.seconds);
        assert_eq!((run.requests, run.ok), (200 * seconds as u64, run.requests));
    }
}

#[test]
fn the_load_changes_live_and_begins_an_epoch() {
    let server = Server::start(None);
    // Users who do not think, and answers that take their time: each user has a request open, and so a connection.
    let url = format!("http://{}/slow", server.addr);
    let engine = start(spec(closed(20, (0, 0)), 0), &[&url]);
    wait(&engine, "measuring", |s| {
        s.meta.phase == Phase::Measuring && s.variants.a.run.ok > 100
    });
    engine.control().step_load(true, 1);
    let changed = wait(&engine, "an epoch", |s| s.epochs.len() == 2);
    assert_eq!(
        (
            changed.epochs[0].load.as_str(),
            changed.epochs[1].load.as_str()
        ),
        ("20 users", "22 users")
    );
    let before = changed.variants.a.run.seconds;
    assert!(before < 1.0, "run figures restart: {before}");
    wait(&engine, "22 connections", |_| server.seen.opened() >= 22);
    engine.control().step_load(false, 1);
    wait(&engine, "the old load", |s| {
        s.epochs.len() == 3 && s.epochs[2].load == "20 users" && s.variants.a.run.ok > 50
    });
    engine.control().cancel();
    assert_conserved(&engine.join());
}

#[test]
fn many_changes_of_the_load_lose_no_request() {
    let servers = [Server::start(None), Server::start(None)];
    let urls: Vec<String> = servers
        .iter()
        .map(|s| format!("http://{}/ok", s.addr))
        .collect();
    let engine = start(spec(closed(16, (0, 0)), 0), &[&urls[0], &urls[1]]);
    for change in 0..30usize {
        engine.control().step_load(change % 2 == 0, 1);
        let seen = wait(&engine, "the next epoch", |s| {
            s.epochs.len() == change + 2 && s.variants.a.run.ok > 0
        });
        assert_conserved(&seen);
    }
    engine.control().cancel();
    assert_conserved(&engine.join());
}

#[test]
fn a_change_during_a_pause_restarts_the_run_too() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let engine = start(spec(closed(10, (5, 5)), 0), &[&url]);
    wait(&engine, "requests", |s| s.variants.a.run.ok > 200);
    engine.control().toggle_pause();
    let paused = wait(&engine, "the pause", |s| s.meta.phase == Phase::Paused);
    engine.control().step_load(true, 1);
    engine.control().toggle_pause();
    let resumed = wait(&engine, "the new run", |s| {
        s.meta.phase == Phase::Measuring && s.epochs.len() == 2 && s.variants.a.run.ok > 0
    });
    assert!(resumed.variants.a.run.seconds < paused.variants.a.run.seconds);
    assert!(resumed.variants.a.run.requests < paused.variants.a.run.requests);
    engine.control().cancel();
    assert_conserved(&engine.join());
}

#[test]
fn a_pause_holds_the_load_and_costs_no_measured_time() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let engine = start(spec(closed(4, (5, 5)), 1_000), &[&url]);
    wait(&engine, "requests", |s| s.variants.a.run.ok > 20);
    engine.control().toggle_pause();
    let paused = wait(&engine, "the pause", |s| {
        s.meta.phase == Phase::Paused && s.variants.a.window.in_flight == 0
    });
    let seconds = paused.variants.a.run.seconds;
    let later = wait(&engine, "half a second", |s| {
        s.meta.elapsed_s > paused.meta.elapsed_s + 0.5
    });
    assert!((later.variants.a.run.seconds - seconds).abs() < 1e-9);
    assert_eq!(
        later.variants.a.run.requests,
        paused.variants.a.run.requests
    );
    engine.control().toggle_pause();
    let last = engine.join();
    assert_conserved(&last);
    assert!(
        (last.variants.a.run.seconds - 1.0).abs() < 0.1,
        "{}",
        last.variants.a.run.seconds
    );
    assert!(last.meta.elapsed_s > 1.5);
    assert!(last.variants.a.run.requests > paused.variants.a.run.requests);
}

#[test]
fn ramp_and_warm_up_are_left_out_of_the_run() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let mut load = spec(closed(10, (10, 10)), 500);
    load.ramp = Duration::from_millis(500);
    load.warmup = Warmup::Fixed(Duration::from_millis(500));
    let engine = start(load, &[&url]);
    for phase in [Phase::Ramp, Phase::WarmUp] {
        let picture = wait(&engine, "a phase", |s| {
            s.meta.phase == phase && s.variants.a.window.ok > 0
        });
        assert_eq!(picture.variants.a.run.requests, 0);
        assert!(picture.meta.phase_left_s.is_some());
        assert!((picture.meta.total_s.expect("a total") - 1.5).abs() < 0.1);
    }
    let last = engine.join();
    assert_conserved(&last);
    assert!(
        (server
            .seen
            .requests
            .load(std::sync::atomic::Ordering::SeqCst) as u64)
            > last.variants.a.run.requests + 30
    );
}

#[test]
fn a_note_made_after_the_end_is_in_the_last_picture() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let engine = start(spec(closed(2, (5, 5)), 200), &[&url]);
    let over = wait(&engine, "the end", |s| s.meta.phase == Phase::Done);
    assert!(engine.is_finished());
    let control = engine.control();
    control.annotate("what a run".to_owned(), None);
    wait(&engine, "the note", |s| s.annotations.len() == 1);
    control.annotate("and of its start".to_owned(), Some(0.1));
    let last = engine.join();
    assert_conserved(&last);
    let notes: Vec<(f64, &str)> = last
        .annotations
        .iter()
        .map(|note| (note.t, note.text.as_str()))
        .collect();
    let end = over.meta.elapsed_s;
    assert_eq!(notes, [(end, "what a run"), (0.1, "and of its start")]);
    assert!((last.meta.elapsed_s - end).abs() < 1e-9);
    // When it has been joined, nobody listens any more.
    control.annotate("too late".to_owned(), None);
}

#[test]
fn the_order_changes_under_real_load_and_loses_no_request() {
    for model in [closed(8, (0, 5)), open(200.0, 50, Overflow::Queue)] {
        let servers = [Server::start(None), Server::start(None)];
        let urls = servers.each_ref().map(|s| format!("http://{}/ok", s.addr));
        let engine = start(spec(model, 500), &[&urls[0], &urls[1]]);
        let control = engine.control();
        for change in 0..9 {
            // While it is measured, while it settles, or at once.
            if change % 3 == 0 {
                wait(&engine, "requests", |s| s.variants.a.run.ok > 10);
            }
            control.cycle_order();
            let seen = wait(&engine, "the next epoch", |s| s.epochs.len() == change + 2);
            assert_conserved(&seen);
        }
        let last = engine.join();
        assert_conserved(&last);
        assert_eq!(
            (last.meta.phase, last.order()),
            (Phase::Done, Order::Together.word())
        );
        for variant in last.variants.iter() {
            let run = &variant.run;
            assert_eq!((run.failed, run.cancelled, run.in_flight), (0, 0, 0));
            assert!((run.seconds - 0.5).abs() < 0.1, "{}", run.seconds);
        }
    }
}
