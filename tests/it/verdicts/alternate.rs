//! *Alternate*: randomised pairs of blocks, exact; and *sequential*, which is never judged.

use super::*;
use dragstrip::load::Order;
use dragstrip::metrics::snapshot::Side;
use dragstrip::stats::a_first;

fn alternate(mut load: LoadSpec) -> LoadSpec {
    load.order = Order::Alternate;
    load
}

#[test]
fn the_published_difference_is_decided_in_turns_too_and_then_the_run_ends() {
    let load = LoadSpec {
        until_decided: true,
        ..alternate(seed_load(3_000.0))
    };
    let last = simulation(load, &seed_gateways(1), BEAT).finish();
    let comparison = comparison(&last);
    assert_eq!((comparison.basis, comparison.pairs), (Basis::Exact, 6));
    assert_eq!(
        JUDGED.map(|name| verdict(&last, name)),
        [Verdict::BBetter; 4]
    );
    // Each pair's blocks are on record, in the order of its coin.
    assert_eq!(last.blocks.len(), 12);
    for (number, pair) in last.blocks.chunks(2).enumerate() {
        assert!(pair[0].t < pair[1].t && pair[0].variant == pair[1].variant.other());
        let a_was_first = pair[0].variant == Side::A;
        assert_eq!(a_was_first, a_first(1, number as u64));
        assert!(pair.iter().all(|block| block.requests >= 500));
    }
}

#[test]
fn a_gateway_against_itself_is_never_decided_in_turns() {
    assert_never_decided(&alternate(users(10, 120.0)));
}

#[test]
fn a_queue_that_grows_within_the_blocks_withholds_latency() {
    let slow = gateway("fixed:20ms", 1).with_connections(1);
    let load = LoadSpec {
        timeout: Duration::from_secs(30),
        ..alternate(arrivals(55.0, 120.0))
    };
    let last = simulation(load, &[slow, gateway("fixed:20ms", 2)], BEAT).finish();
    for name in [MetricName::P50, MetricName::P95, MetricName::P99] {
        let metric = metric(&last, name);
        assert_eq!(metric.verdict, Verdict::Withheld, "{metric:#?}");
        assert!(
            metric.state.contains("a queue grows within each block"),
            "{}",
            metric.state
        );
    }
    assert_ne!(verdict(&last, MetricName::Rps), Verdict::Withheld);
}

#[test]
fn rare_requests_merge_neighbouring_pairs() {
    // 5 a second: a block of a minute has 300 requests, and p99 needs 500.
    let gateways = [gateway("fixed:30ms", 1), gateway("fixed:20ms", 2)];
    let last = simulation(alternate(arrivals(5.0, 600.0)), &gateways, BEAT).finish();
    assert_eq!(comparison(&last).pairs, 10);
    assert_eq!(verdict(&last, MetricName::P50), Verdict::BBetter);
    let p99 = metric(&last, MetricName::P99);
    assert!(p99.state.starts_with("B ahead in 5 of 5"), "{}", p99.state);
    assert!(
        comparison(&last).remarks.iter().any(|remark| remark
            == "p99 needs 500 requests a block: neighbouring pairs are merged for it")
    );
}

#[test]
fn one_after_the_other_is_never_judged_and_says_why() {
    let load = LoadSpec {
        order: Order::Sequential,
        ..seed_load(200.0)
    };
    let last = simulation(load, &seed_gateways(1), BEAT).finish();
    let comparison = comparison(&last);
    assert_eq!((comparison.basis, comparison.pairs), (Basis::None, 0));
    assert!(
        JUDGED
            .iter()
            .all(|name| verdict(&last, *name) == Verdict::None)
    );
    assert_eq!(
        comparison.remarks,
        ["A and B ran one after the other: what changed meanwhile looks the same as a difference"]
    );
    // The figures are there all the same.
    let p50 = metric(&last, MetricName::P50);
    assert!(p50.change_pct.is_some_and(|change| change < -97.0));
    assert_eq!((p50.low_pct, p50.state.as_str()), (None, "not judged"));
}
