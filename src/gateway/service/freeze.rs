//! Freezes: spans in which nothing is served, as when a process is stopped or collects its garbage.
//!
//! A freeze suspends the work that is under way and defers what arrives. It is simplest seen from the servers: their own
//! time stands still. So instants are translated into worked time and back:
//!
//! ```text
//! worked(t) = t − the frozen time before t
//! at(w)     = the earliest t with worked(t) = w
//! ```
//!
//! and in between freezes do not exist. Work that ends at the very instant at which a freeze begins is done; otherwise no
//! completion lies within a freeze, and one that arrives in a freeze is never done before its end.

use super::super::words::{TIME, shown, time};
use crate::clock::Tick;
use crate::text::printable;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The latest start, relative to the origin.
const LATEST: Duration = Duration::from_secs(24 * 3_600);

/// The longest freeze in a setting.
const LONGEST: Duration = Duration::from_secs(3_600);

/// A span in which nothing is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// From this long after the origin.
    pub at: Duration,
    /// For this long.
    pub length: Duration,
}

/// A freeze that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a freeze: write START+LENGTH, each {TIME}, as in 10s+5s (after 10 s, for 5 s); START is at most 24h, LENGTH above 0s and at most 1h"
)]
pub struct FreezeError(String);

impl FromStr for Freeze {
    type Err = FreezeError;

    /// Reads `10s+5s`.
    fn from_str(text: &str) -> Result<Freeze, FreezeError> {
        let read = || {
            let (at, length) = text.split_once('+')?;
            let (at, length) = (time(at)?, time(length)?);
            let possible = at <= LATEST && length <= LONGEST && !length.is_zero();
            possible.then_some(Freeze { at, length })
        };
        read().ok_or_else(|| FreezeError(printable(text, 40)))
    }
}

impl fmt::Display for Freeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", shown(self.at), shown(self.length))
    }
}

/// The freezes in order, without overlaps, at instants.
#[derive(Clone, Debug)]
pub(super) struct Timetable(Vec<Frozen>);

#[derive(Clone, Copy, Debug)]
struct Frozen {
    start: Tick,
    end: Tick,
    /// The worked time at which it begins, and at which it ends.
    worked: Tick,
}

impl Timetable {
    pub(super) fn new(freezes: &[Freeze], origin: Tick) -> Timetable {
        let mut freezes: Vec<Freeze> = freezes.to_vec();
        freezes.sort_by_key(|freeze| freeze.at);
        let mut merged: Vec<Frozen> = Vec::new();
        let mut frozen = Duration::ZERO;
        for freeze in freezes {
            let start = origin + freeze.at;
            let end = start + freeze.length;
            match merged.last_mut() {
                Some(last) if start <= last.end => {
                    frozen += end.since(last.end);
                    last.end = last.end.max(end);
                }
                _ => {
                    merged.push(Frozen {
                        start,
                        end,
                        worked: Tick(start.since(Tick(0)).saturating_sub(frozen).as_nanos() as u64),
                    });
                    frozen += end.since(start);
                }
            }
        }
        Timetable(merged)
    }

    /// How far the servers have worked at `t`.
    pub(super) fn worked(&self, t: Tick) -> Tick {
        match self.last_begun(t) {
            None => t,
            Some(freeze) => freeze.worked + t.since(freeze.end),
        }
    }

    /// The earliest instant at which the servers have worked so far.
    pub(super) fn at(&self, worked: Tick) -> Tick {
        let begun = self.0.partition_point(|freeze| freeze.worked < worked);
        match begun.checked_sub(1).and_then(|i| self.0.get(i)) {
            None => worked,
            Some(freeze) => freeze.end + worked.since(freeze.worked),
        }
    }

    /// `t`, or the end of the freeze in which it lies.
    pub(super) fn thawed(&self, t: Tick) -> Tick {
        self.last_begun(t).map_or(t, |freeze| freeze.end.max(t))
    }

    /// The last freeze that begins at `t` or before.
    fn last_begun(&self, t: Tick) -> Option<&Frozen> {
        let begun = self.0.partition_point(|freeze| freeze.start <= t);
        begun.checked_sub(1).and_then(|i| self.0.get(i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn freeze(at: u64, length: u64) -> Freeze {
        Freeze {
            at: Duration::from_nanos(at),
            length: Duration::from_nanos(length),
        }
    }

    #[test]
    fn worked_time_stands_still_in_a_freeze() {
        // 110–120 and 150–155, from an origin of 100.
        let timetable = Timetable::new(&[freeze(50, 5), freeze(10, 10)], Tick(100));
        for (t, worked) in [
            (0, 0),
            (110, 110),
            (115, 110),
            (120, 110),
            (121, 111),
            (150, 140),
            (155, 140),
            (200, 185),
        ] {
            assert_eq!(timetable.worked(Tick(t)), Tick(worked), "{t}");
        }
        for (worked, t) in [
            (0, 0),
            (109, 109),
            (110, 110),
            (111, 121),
            (140, 150),
            (141, 156),
            (185, 200),
        ] {
            assert_eq!(timetable.at(Tick(worked)), Tick(t), "{worked}");
        }
        for (t, thawed) in [
            (0, 0),
            (109, 109),
            (110, 120),
            (119, 120),
            (120, 120),
            (130, 130),
            (152, 155),
        ] {
            assert_eq!(timetable.thawed(Tick(t)), Tick(thawed), "{t}");
        }
    }

    #[test]
    fn freezes_that_touch_are_one() {
        let freezes = [
            freeze(10, 20),
            freeze(15, 5),
            freeze(25, 10),
            freeze(35, 5),
            freeze(50, 0),
        ];
        let timetable = Timetable::new(&freezes, Tick(0));
        assert_eq!(timetable.worked(Tick(45)), Tick(15));
        assert_eq!(timetable.at(Tick(11)), Tick(41));
        assert_eq!(timetable.thawed(Tick(20)), Tick(40));
    }

    #[test]
    fn freezes_are_read_and_written_alike() {
        for text in ["10s+5s", "0s+100ms", "1.5s+250us"] {
            let freeze = text.parse::<Freeze>().map(|freeze| freeze.to_string());
            assert_eq!(freeze, Ok(text.to_owned()));
        }
        for wrong in [
            "", "10s", "10+5", "10s+", "+5s", "10s+0s", "10s+2h", "25h+1s", "-1s+1s", "1s+1s+1s",
            "1s 1s",
        ] {
            let error = wrong.parse::<Freeze>().unwrap_err().to_string();
            assert!(
                error.contains("START+LENGTH") && error.contains("10s+5s"),
                "{wrong}: {error}"
            );
        }
    }

    proptest! {
        /// Against a clock that is advanced by one nanosecond at a time.
        #[test]
        fn it_is_what_counting_gives(freezes in prop::collection::vec((0..80_u64, 0..30_u64), 0..6), origin in 0..20_u64) {
            let freezes: Vec<_> = freezes.into_iter().map(|(at, length)| freeze(at, length)).collect();
            let timetable = Timetable::new(&freezes, Tick(origin));
            let frozen = |t: u64| freezes.iter().any(|freeze| {
                let start = origin + freeze.at.as_nanos() as u64;
                (start..start + freeze.length.as_nanos() as u64).contains(&t)
            });
            let mut worked = 0;
            for t in 0..200 {
                prop_assert_eq!(timetable.worked(Tick(t)), Tick(worked));
                let thawed = (t..500).find(|&t| !frozen(t)).unwrap();
                prop_assert_eq!(timetable.thawed(Tick(t)), Tick(thawed));
                if !frozen(t) {
                    worked += 1;
                    // The nanosecond after t is the earliest at which so much has been worked.
                    prop_assert_eq!(timetable.at(Tick(worked)), Tick(t + 1));
                }
            }
        }
    }
}
