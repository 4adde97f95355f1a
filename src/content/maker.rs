//! Makes the bodies of one load thread.

use super::Varied;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// The last number that every reader of JSON keeps exactly: 2^53 - 1. No load comes near it.
const FAR_END: u64 = (1 << 53) - 1;

/// Makes bodies in turn. The load threads of a variant count together: thread `index` of `of` makes every `of`-th.
#[derive(Debug)]
pub struct Maker {
    varied: Arc<Varied>,
    /// The number of the next request, from 0.
    next: Cell<u64>,
    step: u64,
    /// `{{seq}}` counts down from [`FAR_END`].
    from_far_end: bool,
    rng: RefCell<SmallRng>,
}

impl Maker {
    /// Makes the bodies of load thread `index` of `of`.
    pub fn new(varied: Arc<Varied>, index: usize, of: usize) -> Maker {
        // Neighbouring seeds must not make streams that meet: the generator mixes what it is seeded with.
        let seed = varied.seed.wrapping_add((index as u64).rotate_right(16));
        Maker {
            varied,
            next: Cell::new(index as u64),
            step: of.max(1) as u64,
            from_far_end: false,
            rng: RefCell::new(SmallRng::seed_from_u64(seed)),
        }
    }

    /// Makes bodies beside those of the load: from the same templates in turn, with numbers that no load thread uses.
    pub fn beside_the_load(varied: Arc<Varied>) -> Maker {
        Maker {
            from_far_end: true,
            ..Maker::new(varied, 0, 1)
        }
    }

    /// Appends the next body to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let number = self.next.get();
        self.next.set(number.wrapping_add(self.step));
        let templates = &self.varied.templates;
        let place = self.varied.choice.place(number, templates.len());
        if let Some(template) = templates.get(place) {
            let seq = if self.from_far_end {
                FAR_END.wrapping_sub(number)
            } else {
                number + 1
            };
            template.write(seq, &mut self.rng.borrow_mut(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Choice, Template};
    use super::*;
    use std::collections::BTreeSet;

    fn made(varied: &Arc<Varied>, index: usize, of: usize, bodies: usize) -> Vec<String> {
        let maker = Maker::new(Arc::clone(varied), index, of);
        let body = || {
            let mut out = Vec::new();
            maker.write(&mut out);
            String::from_utf8(out).unwrap()
        };
        std::iter::repeat_with(body).take(bodies).collect()
    }

    fn varied(texts: &[&str], seed: u64) -> Arc<Varied> {
        let templates = texts.iter().map(|text| Template::parse(text).unwrap());
        Arc::new(Varied {
            templates: templates.collect(),
            choice: Choice::Cycle,
            seed,
        })
    }

    #[test]
    fn threads_share_the_numbers_and_the_turns() {
        let three = varied(&["a{{seq}}", "b{{seq}}", "c{{seq}}"], 1);
        assert_eq!(made(&three, 0, 1, 4), ["a1", "b2", "c3", "a4"]);
        assert_eq!(made(&three, 0, 2, 3), ["a1", "c3", "b5"]);
        assert_eq!(made(&three, 1, 2, 3), ["b2", "a4", "c6"]);
    }

    #[test]
    fn what_is_made_beside_the_load_has_other_numbers_from_the_same_templates() {
        let two = varied(&["a{{seq}}", "b{{seq}}"], 1);
        let maker = Maker::beside_the_load(Arc::clone(&two));
        let mut out = Vec::new();
        (0..3).for_each(|_| maker.write(&mut out));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a9007199254740991b9007199254740990a9007199254740989"
        );
    }

    #[test]
    fn a_sample_is_the_same_however_many_threads_draw_it() {
        let sampled = Arc::new(Varied {
            choice: Choice::Sample { seed: 3 },
            ..Varied::clone(&varied(&["a", "b", "c", "d"], 1))
        });
        let alone = made(&sampled, 0, 1, 60);
        let threads: Vec<_> = (0..3).map(|index| made(&sampled, index, 3, 20)).collect();
        let together: Vec<_> = (0..60).map(|n| threads[n % 3][n / 3].clone()).collect();
        assert_eq!(alone, together);
        let four: BTreeSet<&String> = alone.iter().collect();
        assert_eq!(four.len(), 4);
    }

    #[test]
    fn the_same_seed_makes_the_same_and_nothing_ever_comes_twice() {
        let one = varied(&["{{uuid}}"], 1);
        assert_eq!(made(&one, 0, 2, 100), made(&one, 0, 2, 100));
        let two = varied(&["{{uuid}}"], 2);
        let all: BTreeSet<String> = [&one, &two]
            .iter()
            .flat_map(|varied| (0..4).flat_map(|index| made(varied, index, 4, 1_000)))
            .collect();
        assert_eq!(all.len(), 8_000);
    }
}
