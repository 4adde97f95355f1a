//! What happens to launched gateways while the run goes on: a mark on the time axis, a line of the log, and a notice that stays.

use super::aggregator::Aggregator;
use super::snapshot::{Notice, NoticeLevel};
use super::variant::ProcessReading;
use crate::clock::Tick;
use crate::text;

/// The last thing that happened to each gateway and must be known.
#[derive(Debug, Default)]
pub(super) struct Incidents(Vec<Incident>);

#[derive(Debug)]
struct Incident {
    source: String,
    text: String,
    times: u64,
}

impl Incidents {
    fn add(&mut self, source: &str, text: String) {
        match self.0.iter_mut().find(|known| known.source == source) {
            Some(known) => {
                known.text = text;
                known.times += 1;
            }
            None => self.0.push(Incident {
                source: source.to_owned(),
                text,
                times: 1,
            }),
        }
    }

    /// One notice for each gateway, however often it has ended.
    pub(super) fn notices(&self) -> impl Iterator<Item = Notice> {
        self.0.iter().map(|incident| {
            let times = match incident.times {
                1 => String::new(),
                times => format!(" ({} times by now)", text::count(times)),
            };
            Notice {
                level: NoticeLevel::Error,
                text: format!("{}{times}", incident.text),
            }
        })
    }
}

impl Aggregator {
    /// Something happened to the gateway `source` (`A`, `B` or `gateway`). `exit`: it ended without being asked, which a reader
    /// of every later picture must know.
    pub fn incident(&mut self, source: &str, said: &str, exit: bool, now: Tick) {
        let t = self.end_s(now);
        // On the axis the time is seen; in a notice it must be said.
        self.notes.add(t, said);
        let level = if exit {
            NoticeLevel::Error
        } else {
            NoticeLevel::Warning
        };
        self.journal.write(t, level, source, said);
        if exit {
            let variant = usize::from(source == "B");
            if let Some(variant) = self.variants.get_mut(variant) {
                variant.gateway_exited();
            }
            let when = text::clock(t);
            self.incidents.add(source, format!("at {when}: {said}"));
        }
    }

    /// A line that the gateway `source` has written.
    pub fn output(&mut self, source: &str, line: &str, now: Tick) {
        let t = self.end_s(now);
        self.journal.write_output(t, source, line);
    }

    /// What the processes of a variant's gateway use.
    pub fn uses(&mut self, variant: usize, reading: ProcessReading, now: Tick) {
        let activity = self.turns.activity(variant, self.phase);
        if let Some(variant) = self.variants.get_mut(variant) {
            variant.uses(now, reading, activity);
        }
    }
}
