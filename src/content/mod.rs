//! What requests carry: the same bytes each time, or text that is made anew for each.
//!
//! ```text
//! plan ──► Content ──► Maker (one for each load thread and variant) ──► the bytes of one request
//! ```
//!
//! What holds always: with the same seed the same variant sends the same bodies; different variants and load threads never send
//! the same identifiers.

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
    /// What they are made from, in turns.
    pub templates: Vec<Template>,
    /// What their random parts begin from.
    pub seed: u64,
}

impl Content {
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

    /// The same with random parts that begin from `seed`.
    #[must_use]
    pub fn seeded(&self, seed: u64) -> Content {
        match self {
            Content::Fixed(bytes) => Content::Fixed(bytes.clone()),
            Content::Varied(varied) => Content::Varied(Arc::new(Varied {
                templates: varied.templates.clone(),
                seed,
            })),
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
            None => Content::Varied(Arc::new(Varied {
                templates: vec![template],
                seed: 0,
            })),
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
