//! A small snapshot for the tests of this module.

use crate::metrics::snapshot::{
    Comparison, Connections, Epoch, Figures, Host, LoadRecord, Meta, Phase, PlanRecord,
    RequestRecord, SCHEMA, Snapshot, VariantSnapshot, Variants,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Without figures, in `phase`, `elapsed_s` after the start.
pub(super) fn snapshot(phase: Phase, elapsed_s: f64) -> Snapshot {
    Snapshot {
        schema: SCHEMA.to_owned(),
        meta: Meta {
            version: String::new(),
            started_at: String::new(),
            elapsed_s,
            total_s: None,
            phase,
            phase_left_s: None,
            window_s: 5,
            slot: None,
            host: Host {
                os: "linux".to_owned(),
                cores: 2,
            },
            seed: 1,
        },
        plan: Arc::new(plan()),
        variants: Variants {
            a: variant(),
            b: Some(variant()),
        },
        comparison: None::<Comparison>,
        checks: Vec::new(),
        epochs: vec![Epoch {
            t: 0.0,
            load: "150 req/s".to_owned(),
            users: Some(200),
            think_s: None,
            rate: None,
            order: None,
        }],
        blocks: Arc::default(),
        annotations: Arc::default(),
        log: Arc::default(),
        log_dropped: 0,
        gaps: Vec::new(),
        notices: Vec::new(),
    }
}

fn plan() -> PlanRecord {
    PlanRecord {
        launches: Vec::new(),
        title: "run".to_owned(),
        load: LoadRecord {
            model: "open".to_owned(),
            users: None,
            think_s: None,
            rate: Some(150.0),
            arrivals: Some("poisson".to_owned()),
            max_in_flight: Some(10_000),
            overflow: Some("queue".to_owned()),
            order: "together".to_owned(),
            aa: false,
            margin_pct: None,
            until_decided: false,
            ramp_s: 0.0,
            warmup_s: None,
            duration_s: None,
            timeout_s: 30.0,
            threads: 1,
        },
        request: RequestRecord {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            headers: BTreeMap::new(),
            body_bytes: 0,
            bodies: None,
            bodies_order: None,
        },
    }
}

fn variant() -> VariantSnapshot {
    VariantSnapshot {
        label: "label".to_owned(),
        url: "http://localhost".to_owned(),
        transport: String::new(),
        protocol: None,
        window: Figures::default(),
        run: Figures::default(),
        connections: Connections::default(),
        series: Arc::default(),
        intervals: Arc::default(),
        histogram: Arc::default(),
        errors: Vec::new(),
        processes: None,
        upstream: None,
    }
}
