//! The live window: the last few whole seconds and the one that is under way.

use super::tally::Ended;
use std::collections::VecDeque;

/// Whole seconds in the window.
pub const SECONDS: usize = 5;

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

/// The last few seconds of one variant.
#[derive(Debug, Default)]
pub(super) struct Window {
    whole: VecDeque<Second>,
    current: Second,
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
        if self.whole.len() > SECONDS {
            self.whole.pop_front();
        }
        finished
    }

    /// Everything in the window, as one.
    pub(super) fn sum(&self) -> Second {
        let mut sum = Second::default();
        self.whole
            .iter()
            .chain([&self.current])
            .for_each(|second| sum.merge(second));
        sum
    }

    /// Forgets everything: what follows is not comparable with what was.
    pub(super) fn clear(&mut self) {
        *self = Window::default();
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
}
