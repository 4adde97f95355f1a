//! The live window: the last few whole seconds and the one that is under way.

use super::tally::Ended;
use std::collections::VecDeque;

/// Whole seconds that a window can show, the first of which is the usual.
pub const LENGTHS: [usize; 4] = [5, 30, 60, 1];

/// The length after (or before) `length` from the shortest to the longest; at either end the same.
pub(super) fn stepped(length: usize, longer: bool) -> usize {
    let other = |other: &usize| {
        if longer {
            *other > length
        } else {
            *other < length
        }
    };
    let others = LENGTHS.into_iter().filter(other);
    let next = if longer { others.min() } else { others.max() };
    next.unwrap_or(length)
}

/// Whole seconds that the run itself goes by, whatever is shown.
const RECENT: usize = LENGTHS[0];

/// What happened in about one second of one variant.
#[derive(Debug, Clone, Default)]
pub(super) struct Second {
    /// Its length in seconds, as measured.
    pub seconds: f64,
    /// Requests intended in it.
    pub intended: u64,
    /// Connections opened in it.
    pub opened: u64,
    /// Requests that ended in it.
    pub ended: Ended,
}

impl Second {
    /// Adds what happened directly after it.
    pub(super) fn merge(&mut self, next: &Second) {
        self.seconds += next.seconds;
        self.intended += next.intended;
        self.opened += next.opened;
        self.ended.merge(&next.ended);
    }
}

/// The last seconds of one variant.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// As many whole seconds as the longest window has.
    whole: VecDeque<Second>,
    current: Second,
    /// Whole seconds that are shown, and their sum: there may be many, and they change once a second.
    length: usize,
    shown: Second,
}

impl Default for Window {
    fn default() -> Self {
        Window {
            whole: VecDeque::new(),
            current: Second::default(),
            length: LENGTHS[0],
            shown: Second::default(),
        }
    }
}

impl Window {
    /// Adds what happened since the last call.
    pub(super) fn add(&mut self, part: &Second) {
        self.current.merge(part);
    }

    /// The second under way is over: it takes its place in the window and is returned for the history.
    pub(super) fn roll(&mut self) -> Second {
        let finished = std::mem::take(&mut self.current);
        self.whole.push_back(finished.clone());
        if self.whole.len() > LENGTHS.into_iter().max().unwrap_or(RECENT) {
            self.whole.pop_front();
        }
        self.shown = self.last(self.length);
        finished
    }

    /// From now on the last `length` whole seconds are shown.
    pub(super) fn show(&mut self, length: usize) {
        self.length = length;
        self.shown = self.last(length);
    }

    /// What is shown: so many whole seconds and the one under way, as one.
    pub(super) fn sum(&self) -> Second {
        let mut sum = self.shown.clone();
        sum.merge(&self.current);
        sum
    }

    /// The last few seconds, whatever is shown: what the run itself goes by must not depend on what somebody looks at.
    pub(super) fn recent(&self) -> Second {
        let mut sum = self.last(RECENT);
        sum.merge(&self.current);
        sum
    }

    /// The last `length` whole seconds, as one.
    fn last(&self, length: usize) -> Second {
        let mut sum = Second::default();
        let seconds = self.whole.iter().rev().take(length);
        seconds.for_each(|second| sum.merge(second));
        sum
    }

    /// Forgets everything: what follows is not comparable with what was.
    pub(super) fn clear(&mut self) {
        *self = Window {
            length: self.length,
            ..Window::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_the_last_seconds_only() {
        let mut window = Window::default();
        for intended in 0..20 {
            window.add(&Second {
                seconds: 1.0,
                intended,
                ..Second::default()
            });
            assert_eq!(window.roll().intended, intended);
        }
        window.add(&Second {
            seconds: 0.3,
            intended: 100,
            ..Second::default()
        });
        let sum = window.sum();
        assert_eq!(sum.intended, 15 + 16 + 17 + 18 + 19 + 100);
        assert!((sum.seconds - 5.3).abs() < 1e-9);
    }

    #[test]
    fn lengths_are_stepped_through_in_order_and_end_at_the_ends() {
        let through = |from, longer| {
            let mut lengths = vec![from];
            for _ in 0..5 {
                lengths.push(stepped(lengths[lengths.len() - 1], longer));
            }
            lengths
        };
        assert_eq!(through(1, true), [1, 5, 30, 60, 60, 60]);
        assert_eq!(through(60, false), [60, 30, 5, 1, 1, 1]);
    }

    #[test]
    fn a_longer_window_shows_more_and_the_run_goes_by_the_same() {
        let mut window = Window::default();
        for intended in 0..100 {
            window.add(&Second {
                seconds: 1.0,
                intended,
                ..Second::default()
            });
            window.roll();
        }
        window.show(30);
        assert_eq!(window.sum().intended, (70..100).sum::<u64>());
        assert_eq!(window.recent().intended, (95..100).sum::<u64>());
        window.show(60);
        assert_eq!(window.sum().intended, (40..100).sum::<u64>());
        window.show(1);
        assert_eq!(window.sum().intended, 99);
        window.clear();
        window.add(&Second {
            seconds: 1.0,
            intended: 7,
            ..Second::default()
        });
        window.roll();
        assert_eq!((window.sum().intended, window.length), (7, 1));
    }
}
