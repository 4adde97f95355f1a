//! What is met for the first time: ways to fail, the words for them, the version of HTTP.

use super::Lines;
use crate::metrics::snapshot::NoticeLevel;
use crate::metrics::variant::Variant;
use crate::outcome::Outcome;

/// Ways to fail that are written down for one variant: a server can invent hundreds.
const MAX_KINDS: usize = 20;

/// What was known of one variant in the picture before.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How many of its outcomes and error texts.
    outcomes: usize,
    texts: usize,
    /// Ways to fail that were written down.
    kinds: usize,
    protocol: bool,
}

impl Found {
    pub(super) fn look(&mut self, name: &str, variant: &Variant, t: f64, lines: &mut Lines) {
        if !self.protocol
            && let Some(protocol) = &variant.connections().protocol
        {
            self.protocol = true;
            lines.info(t, "run", &format!("{name} answers in {protocol}"));
        }
        let (outcomes, texts) = (variant.lifetime(), variant.errors());
        let known = std::mem::replace(&mut self.outcomes, outcomes.kinds());
        let is_new = |outcome: Outcome| outcomes.beyond(known).any(|new| new == outcome);
        let known_texts = std::mem::replace(&mut self.texts, texts.len());
        for (outcome, text) in texts.beyond(known_texts) {
            let first = if is_new(outcome) { "first " } else { "" };
            let said = format!("{name}: {first}{outcome}: {text}");
            lines.write(t, NoticeLevel::Warning, "error", &said);
        }
        let without_words = |outcome: &Outcome| {
            outcome.is_failure() && !texts.beyond(known_texts).any(|(has, _)| has == *outcome)
        };
        for outcome in outcomes.beyond(known).filter(without_words) {
            self.kinds += 1;
            if self.kinds > MAX_KINDS {
                continue;
            }
            let said = format!("{name}: first {outcome}");
            lines.write(t, NoticeLevel::Warning, "error", &said);
            if self.kinds == MAX_KINDS {
                let said = format!("{name}: further ways to fail are not written down");
                lines.info(t, "error", &said);
            }
        }
    }
}
