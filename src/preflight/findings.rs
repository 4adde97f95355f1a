//! What the preflight has found, in the words of each place: lines before the run, standing notices, a report of its own.

use super::difference::Difference;
use super::found::Found;

/// What the preflight has found.
#[derive(Clone, Debug)]
pub struct Findings {
    /// A, then B where there is one.
    pub variants: Vec<Found>,
    /// Whether they differ.
    pub difference: Difference,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Good to know.
    Info,
    /// The figures need it to be understood.
    Warning,
}

impl Findings {
    /// Why nothing may start: one sentence for each variant that has refused. Empty if all is well.
    pub fn refusals(&self) -> Vec<String> {
        let refused = self.variants.iter().filter_map(|found| {
            let problem = found.problem.as_ref()?;
            Some(format!("{} ({}): {problem}", found.name, found.shown_url))
        });
        refused.collect()
    }

    /// Everything in a line each, the variants' names aligned: for the time before the run, and for its log.
    pub fn lines(&self) -> Vec<(Weight, String)> {
        let names: Vec<String> = self.variants.iter().map(name_and_label).collect();
        let width = names.iter().map(|name| name.chars().count()).max();
        let width = width.unwrap_or(0);
        let mut lines = Vec::new();
        for (found, name) in self.variants.iter().zip(names) {
            let weight = match found.problem {
                Some(_) => Weight::Warning,
                None => Weight::Info,
            };
            // What has not answered is among the refusals.
            if let Some(words) = found.in_short() {
                lines.push((weight, format!("{name:width$} {words}")));
            }
        }
        lines.extend(self.warnings());
        lines.extend(self.of_difference());
        lines
    }

    /// What stands on the screen as long as the run lasts.
    pub fn notices(&self) -> Vec<String> {
        let warnings = self.warnings().chain(self.of_difference());
        warnings
            .filter(|(weight, _)| *weight == Weight::Warning)
            .map(|(_, text)| text)
            .collect()
    }

    /// Everything, for people who want nothing else.
    pub fn report(&self) -> String {
        let mut text = String::new();
        for found in &self.variants {
            let mut rows = vec![("url".to_owned(), found.shown_url.clone())];
            if let Some(answer) = &found.answer {
                let took = answer.took_words();
                rows.push((
                    "answer".to_owned(),
                    format!("{} after {took}", answer.status_words()),
                ));
                rows.push(("body".to_owned(), answer.body.words(answer.bytes)));
                rows.push(("version".to_owned(), answer.version.to_owned()));
                let telling = answer.telling.iter();
                rows.extend(telling.map(|(name, value)| ((*name).to_owned(), value.clone())));
            }
            if let Some(readiness) = &found.readiness {
                rows.push(("readiness".to_owned(), readiness.words()));
            }
            let warnings = found.warnings.iter();
            rows.extend(warnings.map(|words| ("warning".to_owned(), words.clone())));
            if let Some(problem) = &found.problem {
                rows.push(("refused".to_owned(), problem.clone()));
            }
            text.push_str(&name_and_label(found));
            text.push('\n');
            let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, value) in rows {
                text.push_str(&format!("  {name:width$}  {value}\n"));
            }
            text.push('\n');
        }
        if let Some((_, words)) = self.of_difference() {
            text.push_str(&words);
            text.push('\n');
        }
        text.push_str(if self.refusals().is_empty() {
            "The run can start.\n"
        } else {
            "The run cannot start.\n"
        });
        text
    }

    fn warnings(&self) -> impl Iterator<Item = (Weight, String)> {
        let warnings = self.variants.iter().flat_map(|found| &found.warnings);
        warnings.map(|words| (Weight::Warning, words.clone()))
    }

    fn of_difference(&self) -> Option<(Weight, String)> {
        match &self.difference {
            Difference::Proven(how) => Some((Weight::Info, format!("A and B differ: {how}"))),
            Difference::NotVerified(why) => Some((
                Weight::Warning,
                format!("{}: {why}", Difference::NOT_VERIFIED),
            )),
            Difference::NotAsked => None,
        }
    }
}

/// `A (httpx):`
fn name_and_label(found: &Found) -> String {
    format!("{} ({}):", found.name, found.label)
}
