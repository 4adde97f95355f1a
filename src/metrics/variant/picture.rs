//! What a variant looks like at one instant: its part of a snapshot.

use super::super::signatures::Signs;
use super::super::snapshot::{ErrorText, Figures, VariantSnapshot};
use super::super::summary;
use super::super::tally::Ended;
use super::{UpstreamReading, Variant, rate};
use crate::clock::Tick;
use crate::outcome::Outcome;
use std::sync::Arc;

impl Variant {
    /// The picture at `now`.
    pub fn snapshot(&self, now: Tick) -> VariantSnapshot {
        let (window, ages) = match &self.held {
            Some(held) => (held.window.sum(), held.ages_us.clone()),
            None => (self.window.sum(), self.ages_us(now)),
        };
        let ended = &window.ended;
        let mut live = figures(ended);
        live.response_us = summary::live(&ended.ok_response, &ended.outcomes, &ages);
        live.seconds = window.seconds;
        live.in_flight = self.in_flight();
        live.requests = live.ok + live.failed + live.cancelled;
        live.rps = rate(live.ok, window.seconds);
        live.offered_rps = rate(window.intended, window.seconds);

        let mut run = figures(&self.run.ended);
        run.seconds = self.run.seconds;
        run.requests = self.run.intended;
        run.in_flight = self.open_in_run.len() as u64;
        run.response_us = summary::run(
            &self.run.ended.ok_response,
            &self.run.ended.outcomes,
            self.ages_in_run(now),
        );
        run.rps = rate(self.run.completed, self.run.seconds);
        run.offered_rps = rate(self.run.intended, self.run.seconds);

        VariantSnapshot {
            label: self.names.label.clone(),
            url: self.names.url.clone(),
            transport: self.names.transport.clone(),
            protocol: self.connections.protocol.clone(),
            window: live,
            run,
            connections: self
                .connections
                .picture(rate(window.opened, window.seconds)),
            series: self.series.items(),
            intervals: self.intervals.items(),
            histogram: Arc::new(self.run.ended.ok_response.histogram().clone()),
            errors: self
                .errors
                .sorted()
                .into_iter()
                .map(|(outcome, text, count)| ErrorText {
                    outcome: outcome.to_string(),
                    text: text.to_owned(),
                    count,
                })
                .collect(),
            processes: self.processes.picture(),
            upstream: self.upstream.as_ref().map(UpstreamReading::picture),
        }
    }

    /// What patterns of failure are looked for in, beside the picture `v` of it.
    pub(in crate::metrics) fn signs<'a>(
        &'a self,
        v: &'a VariantSnapshot,
        closed: bool,
        timeout_s: f64,
    ) -> Signs<'a> {
        Signs {
            run: &v.run,
            connections: &v.connections,
            ttfb: self.run.ended.ttfb.histogram().buckets(),
            trend: &self.trend,
            keeps: self.names.keeps_connections,
            closed,
            limits: &self.names.time_limits,
            timeout_s,
        }
    }

    /// The limit on connections, each with one request at a time, where the server chooses the version of HTTP.
    pub(in crate::metrics) fn one_request_each(&self) -> Option<usize> {
        self.names.one_request_each
    }

    /// The ages of the run's requests that have not ended, and those at which others were given up: (µs, how many).
    fn ages_in_run(&self, now: Tick) -> Vec<(u64, u64)> {
        let open = self
            .open_in_run
            .iter()
            .map(|intended| (now.us_since(*intended), 1));
        let given_up = self.run.ended.censored.histogram().buckets();
        open.chain(given_up.iter().copied()).collect()
    }
}

/// Counts and latencies of what has ended.
fn figures(ended: &Ended) -> Figures {
    Figures {
        ok: ended.outcomes.of(Outcome::Ok),
        failed: ended.outcomes.failed(),
        cancelled: ended.outcomes.of(Outcome::Cancelled),
        outcomes: ended.outcomes.by_name(),
        bytes: ended.bytes,
        response_us: summary::judged(&ended.ok_response, &ended.outcomes),
        ok_response_us: summary::finite(&ended.ok_response),
        service_us: summary::finite(&ended.service),
        connection_wait_us: summary::finite(&ended.connection_wait),
        write_us: summary::finite(&ended.write),
        ttfb_us: summary::finite(&ended.ttfb),
        failed_service_us: summary::finite(&ended.failed_service),
        client_lag_us: summary::finite(&ended.client_lag),
        slot_wait_us: summary::finite(&ended.slot_wait),
        ..Figures::default()
    }
}
