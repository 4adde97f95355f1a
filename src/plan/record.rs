//! The plan as snapshots keep it, without secrets.

use super::launch;
use super::secrets::REDACTED;
use super::{Plan, VariantPlan};
use crate::load::{Arrivals, LoadModel, LoadSpec, Overflow, Warmup};
use crate::metrics::snapshot::{LaunchRecord, LoadRecord, PlanRecord, RequestRecord};
use std::collections::BTreeMap;

impl Plan {
    /// The plan for a snapshot: header values other than a few harmless ones, and all that came from the environment, are
    /// redacted.
    pub fn record(&self) -> PlanRecord {
        PlanRecord {
            title: self.title.clone(),
            load: LoadRecord {
                aa: self.aa,
                margin_pct: self.margin_pct,
                ..load_record(&self.load)
            },
            request: self.request.record(),
            launches: self.variants().flat_map(launch_records).collect(),
        }
    }
}

fn launch_records(variant: &VariantPlan) -> impl Iterator<Item = LaunchRecord> {
    variant.launches.iter().map(|spec| LaunchRecord {
        variant: if spec.variant == 0 { "a" } else { "b" }.to_owned(),
        command: spec.shown.clone(),
        env: launch::shown_env(spec),
        restart: spec.restart,
    })
}

impl super::RequestTemplate {
    fn record(&self) -> RequestRecord {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &self.headers {
            let shown = match value.to_str() {
                Ok(text) if !value.is_sensitive() => text,
                _ => REDACTED,
            };
            headers
                .entry(name.to_string())
                .and_modify(|all| {
                    all.push_str(", ");
                    all.push_str(shown);
                })
                .or_insert_with(|| shown.to_owned());
        }
        RequestRecord {
            method: self.method.to_string(),
            path: self.shown_path.clone(),
            headers,
            body_bytes: self.body.longest(),
            bodies: self.body.choices().map(|(bodies, _)| bodies as u64),
            bodies_order: self
                .body
                .choices()
                .map(|(_, choice)| choice.word().to_owned()),
        }
    }
}

fn load_record(load: &LoadSpec) -> LoadRecord {
    let mut record = LoadRecord {
        model: "closed".to_owned(),
        users: None,
        think_s: None,
        rate: None,
        arrivals: None,
        max_in_flight: None,
        overflow: None,
        order: load.order.word().to_owned(),
        aa: false,
        margin_pct: None,
        until_decided: load.until_decided,
        ramp_s: load.ramp.as_secs_f64(),
        warmup_s: match load.warmup {
            Warmup::Auto => None,
            Warmup::Fixed(time) => Some(time.as_secs_f64()),
        },
        duration_s: load.duration.map(|time| time.as_secs_f64()),
        timeout_s: load.timeout.as_secs_f64(),
        threads: load.threads,
    };
    match load.model {
        LoadModel::Closed { users, think } => {
            record.users = Some(users);
            record.think_s = Some([think.low.as_secs_f64(), think.high.as_secs_f64()]);
        }
        LoadModel::Open {
            rate_hz,
            arrivals,
            max_in_flight,
            overflow,
        } => {
            "open".clone_into(&mut record.model);
            record.rate = Some(rate_hz);
            record.arrivals = Some(
                match arrivals {
                    Arrivals::Constant => "constant",
                    Arrivals::Poisson => "poisson",
                }
                .to_owned(),
            );
            record.max_in_flight = Some(max_in_flight);
            record.overflow = Some(
                match overflow {
                    Overflow::Queue => "queue",
                    Overflow::Drop => "drop",
                }
                .to_owned(),
            );
        }
    }
    record
}
