//! Counting outcomes and error texts, in bounded space whatever a server does.

use crate::outcome::Outcome;
use crate::text;
use std::collections::BTreeMap;

/// Distinct error texts kept for one variant.
const MAX_TEXTS: usize = 20;

/// Characters kept of one error text.
const MAX_CHARS: usize = 200;

/// How often each outcome has occurred. There are fewer than 1,100 different ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts(Vec<(Outcome, u64)>);

impl OutcomeCounts {
    /// Counts `outcome` once.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_n(outcome, 1);
    }

    fn add_n(&mut self, outcome: Outcome, n: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, count)) => *count += n,
            None => self.0.push((outcome, n)),
        }
    }

    /// Adds `other`'s counts.
    pub fn merge(&mut self, other: &OutcomeCounts) {
        other
            .0
            .iter()
            .for_each(|&(outcome, n)| self.add_n(outcome, n));
    }

    /// How often `outcome` has occurred.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0
            .iter()
            .find(|(known, _)| *known == outcome)
            .map_or(0, |&(_, n)| n)
    }

    /// How many requests have ended, however they did.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|&(_, n)| n).sum()
    }

    /// How many different outcomes there have been.
    pub(super) fn kinds(&self) -> usize {
        self.0.len()
    }

    /// Those that came after the first `known` of them.
    pub(super) fn beyond(&self, known: usize) -> impl Iterator<Item = Outcome> {
        self.0.iter().skip(known).map(|&(outcome, _)| outcome)
    }

    /// How many requests failed.
    pub fn failed(&self) -> u64 {
        self.0
            .iter()
            .filter(|(outcome, _)| outcome.is_failure())
            .map(|&(_, n)| n)
            .sum()
    }

    /// The failure that occurred most often.
    pub fn commonest_failure(&self) -> Option<Outcome> {
        self.0
            .iter()
            .filter(|(outcome, _)| outcome.is_failure())
            .max_by_key(|&&(_, n)| n)
            .map(|&(outcome, _)| outcome)
    }

    /// How many requests were answered with a status, whichever.
    pub fn answered(&self) -> u64 {
        self.0
            .iter()
            .filter(|(outcome, _)| matches!(outcome, Outcome::Ok | Outcome::Http(_)))
            .map(|&(_, n)| n)
            .sum()
    }

    /// Counts by name, as a snapshot has them.
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        self.0
            .iter()
            .map(|(outcome, n)| (outcome.to_string(), *n))
            .collect()
    }
}

/// Distinct error texts with their counts: the first twenty; further ones are counted by outcome alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorTexts(Vec<(Outcome, String, u64)>);

impl ErrorTexts {
    /// Counts `text` once for `outcome`.
    pub fn add(&mut self, outcome: Outcome, text: &str) {
        self.add_n(outcome, &text::printable(text, MAX_CHARS), 1);
    }

    fn add_n(&mut self, outcome: Outcome, text: &str, n: u64) {
        if let Some(known) = self
            .0
            .iter_mut()
            .find(|(o, known, _)| *o == outcome && known == text)
        {
            known.2 += n;
        } else if self.0.len() < MAX_TEXTS {
            self.0.push((outcome, text.to_owned(), n));
        }
    }

    /// Adds `other`'s counts, as far as there is room for its texts.
    pub fn merge(&mut self, other: &ErrorTexts) {
        other
            .0
            .iter()
            .for_each(|(outcome, text, n)| self.add_n(*outcome, text, *n));
    }

    /// The texts, commonest first.
    pub fn sorted(&self) -> Vec<(Outcome, &str, u64)> {
        let mut texts: Vec<_> = self
            .0
            .iter()
            .map(|(outcome, text, n)| (*outcome, text.as_str(), *n))
            .collect();
        texts.sort_by(|a, b| b.2.cmp(&a.2).then(a.1.cmp(b.1)));
        texts
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that came after the first `known` of them.
    pub(super) fn beyond(&self, known: usize) -> impl Iterator<Item = (Outcome, &str)> {
        let new = self.0.iter().skip(known);
        new.map(|(outcome, text, _)| (*outcome, text.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_and_the_commonest_failure_is_known() {
        let mut counts = OutcomeCounts::default();
        for outcome in [
            Outcome::Ok,
            Outcome::Ok,
            Outcome::Http(503),
            Outcome::Timeout,
            Outcome::Timeout,
            Outcome::Cancelled,
        ] {
            counts.add(outcome);
        }
        assert_eq!(
            (counts.failed(), counts.answered(), counts.of(Outcome::Ok)),
            (3, 3, 2)
        );
        assert_eq!(counts.commonest_failure(), Some(Outcome::Timeout));
        assert_eq!(counts.by_name()["http_503"], 1);
    }

    #[test]
    fn a_server_that_invents_errors_cannot_grow_memory() {
        let mut texts = ErrorTexts::default();
        for i in 0..10_000 {
            texts.add(Outcome::Protocol, &format!("{i}{}", "x".repeat(1_000)));
        }
        assert_eq!(texts.sorted().len(), MAX_TEXTS);
        assert!(
            texts
                .sorted()
                .iter()
                .all(|(_, text, _)| text.chars().count() <= MAX_CHARS + 1)
        );
    }
}
