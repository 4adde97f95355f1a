//! What requests carry: the same bytes each time, or text that is made anew for each.
//!
//! ```text
//! plan ──► Content ──► Maker (one for each load thread and variant) ──► the bytes of one request
//! ```
//!
//! What holds always: with the same seed the same variant sends the same bodies; different variants and load threads never send
//! the same identifiers. Where there are several bodies to choose from, the *n*-th request of A is made from the same one as the
//! *n*-th of B. Templates are shared by all that make bodies from them: there is one copy, however many threads there are.

mod maker;
mod template;

pub use maker::Maker;
pub use template::{Template, TemplateError};

use bytes::Bytes;
use std::sync::Arc;

/// The bodies of one variant's requests.
#[derive(Clone, Debug)]
pub enum Content {
    /// The same each time; empty for none.
    Fixed(Bytes),
    /// Made anew for each request.
    Varied(Arc<Varied>),
}

/// Bodies that differ from request to request.
#[derive(Clone, Debug)]
pub struct Varied {
    /// What they are made from.
    pub templates: Arc<[Template]>,
    /// Which of them is next.
    pub choice: Choice,
    /// What their random parts begin from.
    pub seed: u64,
}

/// Which template a request is made from, where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The first, the second, and so on, and the first again.
    Cycle,
    /// Any, each as likely as the others, drawn from this seed.
    Sample {
        /// What the draws begin from.
        seed: u64,
    },
}

impl Choice {
    /// The word of the command line, of plans and of files.
    pub fn word(self) -> &'static str {
        match self {
            Choice::Cycle => "cycle",
            Choice::Sample { .. } => "sample",
        }
    }

    /// The place of the template for request `number`, from 0, among `of`. It depends on nothing else, not on threads either.
    fn place(self, number: u64, of: usize) -> usize {
        let of = of.max(1) as u64;
        let place = match self {
            Choice::Cycle => number % of,
            // The upper half of a product is a number below `of`, each about as likely.
            Choice::Sample { seed } => {
                let drawn = u128::from(mixed(seed.wrapping_add(mixed(number)))) * u128::from(of);
                (drawn >> 64) as u64
            }
        };
        place as usize
    }
}

/// The finaliser of `SplitMix64`: neighbouring numbers become unlike each other.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Content {
    /// Bodies made from several templates.
    pub fn of(templates: Vec<Template>, choice: Choice) -> Content {
        Content::Varied(Arc::new(Varied {
            templates: templates.into(),
            choice,
            seed: 0,
        }))
    }

    /// Whether no request has a body.
    pub fn is_empty(&self) -> bool {
        match self {
            Content::Fixed(bytes) => bytes.is_empty(),
            Content::Varied(varied) => varied.templates.iter().all(Template::is_empty),
        }
    }

    /// The body, or one of those that are made, as an example.
    pub fn example(&self) -> Bytes {
        match self {
            Content::Fixed(bytes) => bytes.clone(),
            Content::Varied(varied) => {
                let first = varied.templates.first();
                first.map(Template::example).unwrap_or_default().into()
            }
        }
    }

    /// The same for a run with that seed: random parts begin from it and from whose they are, and choices from the seed alone.
    #[must_use]
    pub fn seeded(&self, seed: u64, candidate: bool) -> Content {
        match self {
            Content::Fixed(bytes) => Content::Fixed(bytes.clone()),
            Content::Varied(varied) => Content::Varied(Arc::new(Varied {
                templates: Arc::clone(&varied.templates),
                choice: match varied.choice {
                    Choice::Cycle => Choice::Cycle,
                    Choice::Sample { .. } => Choice::Sample { seed },
                },
                seed: seed << 1 | u64::from(candidate),
            })),
        }
    }

    /// How many bodies there are to choose from, and how it is done; `None` where there is one.
    pub fn choices(&self) -> Option<(usize, Choice)> {
        match self {
            Content::Varied(varied) if varied.templates.len() > 1 => {
                Some((varied.templates.len(), varied.choice))
            }
            _ => None,
        }
    }

    /// The length of the longest body, in bytes.
    pub fn longest(&self) -> u64 {
        match self {
            Content::Fixed(bytes) => bytes.len() as u64,
            Content::Varied(varied) => {
                let lengths = varied.templates.iter().map(Template::longest);
                lengths.max().unwrap_or(0)
            }
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Content::Fixed(Bytes::new())
    }
}

impl From<Template> for Content {
    fn from(template: Template) -> Content {
        match template.fixed() {
            Some(text) => Content::Fixed(text.to_owned().into()),
            None => Content::of(vec![template], Choice::Cycle),
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Content {
        Content::Fixed(bytes)
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        Content::Fixed(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sample_takes_each_body_about_equally_often() {
        let choice = Choice::Sample { seed: 7 };
        let mut taken = [0_u32; 10];
        for number in 0..10_000 {
            taken[choice.place(number, taken.len())] += 1;
        }
        // 1,000 each, give or take four standard deviations.
        assert!(
            taken.iter().all(|times| (880..1_120).contains(times)),
            "{taken:?}"
        );
        let pairs = (0..10_000).filter(|n| choice.place(*n, 10) == choice.place(n + 1, 10));
        assert!((880..1_120).contains(&pairs.count()));
    }

    #[test]
    fn both_variants_choose_the_same_bodies_and_fill_them_in_differently() {
        let templates = ["a", "b", "c"].map(|text| Template::parse(text).unwrap());
        let content = Content::of(templates.to_vec(), Choice::Sample { seed: 0 });
        let [Content::Varied(a), Content::Varied(b)] =
            [false, true].map(|candidate| content.seeded(5, candidate))
        else {
            panic!("not varied");
        };
        assert_eq!((a.choice, b.choice), (Choice::Sample { seed: 5 }, a.choice));
        assert_ne!(a.seed, b.seed);
        assert!(Arc::ptr_eq(&a.templates, &b.templates), "one copy");
        assert_eq!(content.choices(), Some((3, Choice::Sample { seed: 0 })));
    }

    proptest! {
        #[test]
        fn there_is_a_body_at_every_place(number in any::<u64>(), seed in any::<u64>(), of in 1_usize..1_000_000) {
            for choice in [Choice::Cycle, Choice::Sample { seed }] {
                prop_assert!(choice.place(number, of) < of);
            }
        }
    }
}
