//! Gateways that refuse, garble, fail or never answer, and runs that are given up: all of it counted, none of it fatal.

use crate::support::{assert_conserved, closed, spec, start, wait};
use crate::transport::server::{Server, raw, say};
use dragstrip::metrics::snapshot::Percentile;
use std::time::{Duration, Instant};

#[test]
fn nothing_listening_is_counted_and_ends_nothing() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    let url = format!("http://{gone}/");
    let last = start(spec(closed(2, (10, 10)), 500), &[&url]).join();
    assert_conserved(&last);
    let run = &last.variants.a.run;
    assert!(run.requests > 10);
    assert_eq!(run.failed, run.requests);
    assert_eq!(run.response_us.get("p50"), Percentile::Beyond("connect"));
    assert_eq!(run.rps, Some(0.0));
    assert_eq!(last.variants.a.connections.opened, 0);
    assert!(
        last.variants.a.errors[0].text.contains("refused"),
        "{:?}",
        last.variants.a.errors
    );
}

#[test]
fn a_gateway_that_never_answers_shows_ages_and_then_timeouts() {
    let server = Server::start(None);
    let url = format!("http://{}/never", server.addr);
    let mut load = spec(closed(3, (0, 0)), 1_500);
    load.timeout = Duration::from_secs(1);
    let engine = start(load, &[&url]);
    wait(&engine, "an age", |s| {
        s.variants.a.window.in_flight == 3
            && matches!(
                s.variants.a.window.response_us.get("p50"),
                Percentile::AtLeast(_)
            )
    });
    let last = engine.join();
    assert_conserved(&last);
    assert_eq!(
        last.variants.a.run.outcomes.keys().collect::<Vec<_>>(),
        ["timeout"]
    );
    assert_eq!(
        last.variants.a.run.response_us.get("p99"),
        Percentile::Beyond("timeout")
    );
}

#[test]
fn garbage_and_early_ends_are_outcomes() {
    let garbage = raw(|stream| say(stream, "this is not HTTP\r\n\r\n"));
    let ending = raw(|_| {});
    let urls = [format!("http://{garbage}/"), format!("http://{ending}/")];
    let last = start(spec(closed(2, (10, 10)), 500), &[&urls[0], &urls[1]]).join();
    assert_conserved(&last);
    for variant in last.variants.iter() {
        assert!(
            variant.run.failed > 5 && variant.run.ok == 0,
            "{variant:#?}"
        );
        assert_eq!(
            variant.run.outcomes.keys().collect::<Vec<_>>(),
            ["protocol"],
            "{variant:#?}"
        );
    }
}

#[test]
fn a_server_error_is_a_failure_with_its_status() {
    let server = Server::start(None);
    let url = format!("http://{}/status/500", server.addr);
    let last = start(spec(closed(2, (5, 5)), 300), &[&url]).join();
    assert_eq!(
        last.variants.a.run.response_us.get("p50"),
        Percentile::Beyond("http_500")
    );
    assert!(
        last.notices
            .iter()
            .any(|notice| notice.text.contains("failed")),
        "{:?}",
        last.notices
    );
}

#[test]
fn cancelling_counts_what_is_open_and_is_quick() {
    let server = Server::start(None);
    let url = format!("http://{}/never", server.addr);
    let engine = start(spec(closed(5, (0, 0)), 0), &[&url]);
    wait(&engine, "five open requests", |s| {
        s.variants.a.run.in_flight + s.variants.a.window.in_flight >= 5
    });
    let asked = Instant::now();
    engine.control().cancel();
    let last = engine.join();
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert_conserved(&last);
    assert_eq!(last.variants.a.window.cancelled, 5);
    assert!(
        last.notices
            .iter()
            .any(|notice| notice.text.contains("cancelled"))
    );
}

#[test]
fn a_flood_of_instant_failures_obeys_like_any_other_run() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    let url = format!("http://{gone}/");
    // A refused connection fails without waiting, and these users try again at once.
    let started = Instant::now();
    let last = start(spec(closed(50, (0, 0)), 300), &[&url]).join();
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "the end of the run is obeyed: {:?}",
        started.elapsed()
    );
    assert_conserved(&last);
    assert_eq!(last.variants.a.run.failed, last.variants.a.run.requests);

    let engine = start(spec(closed(50, (0, 0)), 0), &[&url]);
    wait(&engine, "failures", |s| s.variants.a.run.failed > 1_000);
    let asked = Instant::now();
    engine.control().cancel();
    assert_conserved(&engine.join());
    assert!(
        asked.elapsed() < Duration::from_millis(400),
        "cancelling is obeyed: {:?}",
        asked.elapsed()
    );
}
