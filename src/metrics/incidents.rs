//! What happens to launched gateways while the run goes on: a mark on the time axis, a line of the log, and a notice that stays.

use super::aggregator::Aggregator;
use super::snapshot::{Notice, NoticeLevel};
use super::variant::ProcessReading;
use crate::clock::Tick;
use crate::text;

/// The last thing that happened to each launched command and must be known.
#[derive(Debug, Default)]
pub(super) struct Incidents(Vec<Known>);

#[derive(Debug)]
struct Known {
    who: String,
    text: String,
    times: u64,
}

impl Incidents {
    fn add(&mut self, who: &str, text: String) {
        match self.0.iter_mut().find(|known| known.who == who) {
            Some(known) => {
                known.text = text;
                known.times += 1;
            }
            None => self.0.push(Known {
                who: who.to_owned(),
                text,
                times: 1,
            }),
        }
    }

    /// What was wrong with `who` is over.
    fn mend(&mut self, who: &str, said: &str) {
        let known = self.0.iter_mut().find(|known| known.who == who);
        if let Some(known) = known.filter(|known| !known.text.ends_with(said)) {
            known.text.push_str(said);
        }
    }

    /// One notice for each command, however often it has ended.
    pub(super) fn notices(&self) -> impl Iterator<Item = Notice> {
        self.0.iter().map(|known| {
            let times = match known.times {
                1 => String::new(),
                times => format!(" ({} times by now)", text::count(times)),
            };
            Notice {
                level: NoticeLevel::Error,
                text: format!("{}{times}", known.text),
            }
        })
    }
}

/// How much something matters that happened to a launched command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// It has ended without being asked.
    Exit,
    /// It does not work as it should.
    Trouble,
    /// It works again.
    Mended,
    /// Worth a mark.
    News,
}

impl Aggregator {
    /// Something (`said`) happened to the command called `who` that was launched for `source` (`A`, `B` or `gateway`).
    /// What is more than news a reader of every later picture must know.
    pub fn incident(&mut self, source: &str, (who, said): (&str, &str), what: Incident, now: Tick) {
        let t = self.end_s(now);
        let all = format!("{who} {said}");
        // On the axis the time is seen; in a notice it must be said.
        self.notes.add(t, &all);
        let level = match what {
            Incident::Exit | Incident::Trouble => NoticeLevel::Error,
            Incident::Mended | Incident::News => NoticeLevel::Warning,
        };
        self.journal.write(t, level, source, &all);
        let variant = usize::from(source == "B");
        if let Some(variant) = self
            .variants
            .get_mut(variant)
            .filter(|_| what == Incident::Exit)
        {
            variant.gateway_exited();
        }
        if what == Incident::Mended {
            self.incidents
                .mend(who, &format!("; at {} it {said}", text::clock(t)));
        } else if what != Incident::News {
            let when = text::clock(t);
            self.incidents.add(who, format!("at {when}: {all}"));
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
