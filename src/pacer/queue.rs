//! Who waits, the first deadline first: a heap whose entries know where they are.
//!
//! Most waits are time limits that never come to pass: an entry is put in with each request and taken out from the midst when
//! that has ended. What holds always: either costs a few steps, and nothing is allocated unless more wait than ever before.

use super::Sleeper;
use crate::clock::Tick;
use slab::Slab;

/// The deadline, and a number that no two have.
pub(super) type Key = (Tick, u64);

/// All who wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: Slab<Entry>,
    /// Each key with its place among the entries. None comes before the one at `(at - 1) / 2`.
    heap: Vec<(Key, usize)>,
}

#[derive(Debug)]
struct Entry {
    sleeper: Sleeper,
    /// Where in the heap it stands.
    at: usize,
}

impl Queue {
    /// Puts one in. Returns its place, by which it is found again.
    pub(super) fn insert(&mut self, key: Key, sleeper: Sleeper) -> usize {
        let at = self.heap.len();
        let place = self.entries.insert(Entry { sleeper, at });
        self.heap.push((key, place));
        self.rise(at);
        place
    }

    /// The one that was put in at `place` with this key, if it is still there.
    pub(super) fn get_mut(&mut self, place: usize, key: Key) -> Option<&mut Sleeper> {
        let entry = self.entries.get_mut(place)?;
        (self.heap[entry.at].0 == key).then_some(&mut entry.sleeper)
    }

    /// Takes that one out.
    pub(super) fn remove(&mut self, place: usize, key: Key) -> Option<Sleeper> {
        self.get_mut(place, key)?;
        let Entry { sleeper, at } = self.entries.remove(place);
        self.heap.swap_remove(at);
        if at < self.heap.len() {
            self.set_place(at);
            self.rise(at);
            self.sink(at);
        }
        Some(sleeper)
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// The first deadline, and who waits for it.
    pub(super) fn first(&self) -> Option<(Tick, &Sleeper)> {
        let (key, place) = self.heap.first()?;
        Some((key.0, &self.entries[*place].sleeper))
    }

    /// Takes the first out if it is due at `now`.
    pub(super) fn take_due(&mut self, now: Tick) -> Option<Sleeper> {
        let (key, place) = *self.heap.first()?;
        if key.0 > now {
            return None;
        }
        self.remove(place, key)
    }

    fn rise(&mut self, mut at: usize) {
        while at > 0 && self.heap[at].0 < self.heap[(at - 1) / 2].0 {
            self.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn sink(&mut self, mut at: usize) {
        loop {
            let below = 2 * at + 1..(2 * at + 3).min(self.heap.len());
            let Some(least) = below.min_by_key(|below| self.heap[*below].0) else {
                return;
            };
            if self.heap[at].0 < self.heap[least].0 {
                return;
            }
            self.swap(at, least);
            at = least;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.set_place(a);
        self.set_place(b);
    }

    /// Tells the entry that stands there so.
    fn set_place(&mut self, at: usize) {
        self.entries[self.heap[at].1].at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::task::Waker;

    fn sleeper() -> Sleeper {
        Sleeper {
            waker: Waker::noop().clone(),
            sharp: false,
        }
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_map(steps in prop::collection::vec((0..20_u64, 0..4_u8, any::<prop::sample::Index>()), 1..200)) {
            let mut queue = Queue::default();
            let mut map = BTreeMap::new();
            // Those that have been taken out: their places may be another's now.
            let mut gone = Vec::new();
            for (number, (tick, step, which)) in steps.into_iter().enumerate() {
                match step {
                    0 | 1 => {
                        let key = (Tick(tick), number as u64);
                        map.insert(key, queue.insert(key, sleeper()));
                    }
                    2 if !map.is_empty() => {
                        let (key, place) = map.iter().nth(which.index(map.len())).map(|(k, p)| (*k, *p)).unwrap();
                        prop_assert!(queue.get_mut(place, key).is_some());
                        prop_assert!(queue.remove(place, key).is_some());
                        map.remove(&key);
                        gone.push((place, key));
                    }
                    _ => {
                        let due = map.first_key_value().map(|(key, place)| (*key, *place));
                        let due = due.filter(|(key, _)| key.0 <= Tick(tick));
                        prop_assert_eq!(queue.take_due(Tick(tick)).is_some(), due.is_some());
                        if let Some((key, place)) = due {
                            map.remove(&key);
                            gone.push((place, key));
                        }
                    }
                }
                prop_assert_eq!(queue.first().map(|first| first.0), map.keys().next().map(|key| key.0));
                for (place, key) in &gone {
                    prop_assert!(queue.get_mut(*place, *key).is_none());
                }
                for (key, place) in &map {
                    prop_assert!(queue.get_mut(*place, *key).is_some());
                }
            }
        }
    }
}
