//! Bad conditions as the live figures show them while they last, and after.

use super::{at_once, serve};
use crate::known::simulated::faults;
use crate::support::{assert_conserved, closed, open, spec, start, wait};
use crate::transport::server::{raw, say};
use dragstrip::gateway::{Freeze, ServiceSpec};
use dragstrip::load::Overflow;
use dragstrip::metrics::snapshot::{Figures, Percentile};
use std::time::Duration;

/// Asserts that every figure is a number or absent.
fn assert_finite(figures: &Figures) {
    for rate in [figures.rps, figures.offered_rps].into_iter().flatten() {
        assert!(rate.is_finite(), "{figures:#?}");
    }
    for latency in [
        &figures.response_us,
        &figures.ok_response_us,
        &figures.service_us,
    ] {
        assert!(latency.mean.is_none_or(f64::is_finite), "{figures:#?}");
    }
}

#[test]
fn bad_conditions_are_shown_while_they_last_and_forgotten_after() {
    at_once(&[
        (
            "a frozen endpoint shows ages and recovers",
            a_frozen_endpoint_shows_ages_and_recovers,
        ),
        (
            "a window in which nothing ends has no percentiles",
            a_window_in_which_nothing_ends_has_no_percentiles,
        ),
        (
            "a reset in mid body is an outcome of its own",
            a_reset_in_mid_body_is_an_outcome_of_its_own,
        ),
        (
            "timeouts among answers are ages first and failures then",
            timeouts_among_answers_are_ages_first_and_failures_then,
        ),
    ]);
}

fn a_frozen_endpoint_shows_ages_and_recovers() {
    // 10 s in life, 1.5 s here.
    let server = serve(ServiceSpec {
        profile: "fixed:5ms".parse().expect("a profile"),
        freezes: vec![Freeze {
            at: Duration::from_secs(1),
            length: Duration::from_millis(1_500),
        }],
        ..ServiceSpec::default()
    });
    let url = format!("{}/v1/chat/completions", server.url());
    let engine = start(spec(open(100.0, 1_000, Overflow::Queue), 0), &[&url]);
    let frozen = wait(
        &engine,
        "ages",
        |s| matches!(s.variants.a.window.response_us.get("p99"), Percentile::AtLeast(us) if us > 1_000_000),
    );
    let live = &frozen.variants.a.window;
    assert!(live.in_flight > 50, "{live:#?}");
    assert_finite(live);
    assert_finite(&frozen.variants.a.run);
    // Everything that waited is answered, at the time that it really took.
    let thawed = wait(&engine, "the answers", |s| {
        s.variants.a.window.in_flight < 10 && s.variants.a.run.response_us.max > Some(1_400_000)
    });
    assert!(thawed.variants.a.run.response_us.max < Some(2_500_000));
    // When the freeze has left the window, it shows what is.
    let after = wait(
        &engine,
        "the figures of before",
        |s| matches!(s.variants.a.window.response_us.get("p95"), Percentile::Exactly(us) if us < 100_000),
    );
    assert_eq!(after.variants.a.run.failed, 0);
    assert!(
        after.variants.a.run.response_us.max > Some(1_400_000),
        "the run remembers"
    );
    engine.control().cancel();
    assert_conserved(&engine.join());
}

fn a_window_in_which_nothing_ends_has_no_percentiles() {
    let server = serve(ServiceSpec {
        faults: faults("hang:100%"),
        ..ServiceSpec::default()
    });
    let url = format!("{}/v1/chat/completions", server.url());
    // First nothing at all is sent for a while, then nothing is answered.
    let engine = start(spec(open(0.5, 10, Overflow::Queue), 0), &[&url]);
    let waiting = wait(&engine, "an age", |s| {
        matches!(
            s.variants.a.window.response_us.get("p50"),
            Percentile::AtLeast(_)
        )
    });
    let live = &waiting.variants.a.window;
    assert_eq!((live.ok, live.failed), (0, 0));
    assert_eq!(live.ok_response_us.get("p50"), Percentile::Unknown);
    assert_eq!(live.service_us.get("p99"), Percentile::Unknown);
    assert_eq!(live.client_lag_us.max, None);
    assert_finite(live);
    let dash = dragstrip::text::percentile(live.service_us.get("p99"), 30.0);
    assert_eq!(dash, dragstrip::text::NONE);
    engine.control().cancel();
    let last = engine.join();
    assert_conserved(&last);
    assert_finite(&last.variants.a.run);
    assert!(!serde_json::to_string(&*last).expect("JSON").contains("NaN"));
}

fn a_reset_in_mid_body_is_an_outcome_of_its_own() {
    let cut = raw(|stream| {
        say(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf of it",
        );
        // Unread bytes make the system send a reset and not an end; there are none, so it is asked for one.
        let _ = socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
    });
    let url = format!("http://{cut}/");
    let last = start(spec(closed(2, (10, 10)), 500), &[&url]).join();
    assert_conserved(&last);
    let variant = &last.variants.a;
    assert!(
        variant.run.failed > 5 && variant.run.ok == 0,
        "{variant:#?}"
    );
    assert_eq!(variant.run.outcomes.keys().collect::<Vec<_>>(), ["body"]);
    assert_eq!(
        variant.run.response_us.get("p50"),
        Percentile::Beyond("body")
    );
    assert!(
        variant.errors[0].text.contains("reset"),
        "{:?}",
        variant.errors
    );
}

fn timeouts_among_answers_are_ages_first_and_failures_then() {
    let server = serve(ServiceSpec {
        profile: "fixed:10ms".parse().expect("a profile"),
        faults: faults("hang:30%"),
        ..ServiceSpec::default()
    });
    let url = format!("{}/v1/chat/completions", server.url());
    let mut load = spec(open(100.0, 1_000, Overflow::Queue), 0);
    load.timeout = Duration::from_millis(800);
    let engine = start(load, &[&url]);
    let median_is_known = |figures: &Figures| matches!(figures.response_us.get("p50"), Percentile::Exactly(us) if us < 200_000);
    wait(&engine, "ages", |s| {
        let live = &s.variants.a.window;
        live.failed == 0
            && median_is_known(live)
            && matches!(live.response_us.get("p95"), Percentile::AtLeast(_))
    });
    let later = wait(&engine, "failures", |s| {
        let live = &s.variants.a.window;
        live.response_us.get("p95") == Percentile::Beyond("timeout") && median_is_known(live)
    });
    assert_finite(&later.variants.a.window);
    engine.control().cancel();
    assert_conserved(&engine.join());
}
