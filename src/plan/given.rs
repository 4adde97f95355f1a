//! One setting as it was given, by an option or by a line of a plan file, so that every error can name its place.

use super::PlanError;
use super::units;
use crate::text::printable;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The longest value that an error repeats, in characters.
const SHOWN: usize = 60;

/// A plan file's name in errors, and the folder that its relative paths start from.
#[derive(Clone, Debug)]
pub(super) struct PlanFile {
    /// As the user wrote it, harmless for a terminal.
    pub(super) name: String,
    /// The folder that it stands in.
    pub(super) folder: PathBuf,
}

/// Where a setting stands, and its name there.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// The plan file and the line, from 1; `None` for an option.
    file: Option<(Arc<PlanFile>, usize)>,
    /// `--users`, `users`, `--transport-a pool`.
    name: String,
    /// What stands between name and value.
    joint: &'static str,
}

impl At {
    pub(super) fn option(name: impl Into<String>) -> At {
        At {
            file: None,
            name: name.into(),
            joint: " ",
        }
    }

    pub(super) fn line(file: &Arc<PlanFile>, line: usize, name: impl Into<String>) -> At {
        At {
            file: Some((Arc::clone(file), line)),
            name: name.into(),
            joint: " = ",
        }
    }

    /// A `key=value` inside this setting.
    pub(super) fn part(&self, key: &str) -> At {
        At {
            file: self.file.clone(),
            name: format!("{} {}", self.name, printable(key, SHOWN)),
            joint: "=",
        }
    }

    /// Whether it is an option, which wins over the file.
    pub(super) fn is_option(&self) -> bool {
        self.file.is_none()
    }

    /// A path in a plan file starts from that file's folder.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        match &self.file {
            Some((file, _)) => file.folder.join(path),
            None => path.to_owned(),
        }
    }

    /// `plan.toml:3`, or the option's name.
    pub(super) fn place(&self) -> String {
        match &self.file {
            Some((file, line)) => format!("{}:{line}", file.name),
            None => self.name.clone(),
        }
    }

    /// Where a part of `whole` stands: a line of its own, or where the whole does.
    pub(super) fn place_of_part(&self, whole: &At) -> String {
        match &self.file {
            Some(_) => self.place(),
            None => whole.place(),
        }
    }

    /// The name for an error about another setting: with the line, but not once more the file.
    pub(super) fn nearby(&self) -> String {
        match &self.file {
            Some((_, line)) => format!("{} in line {line}", self.name),
            None => self.name.clone(),
        }
    }

    /// An error about this setting that does not repeat its value.
    pub(super) fn bad(&self, problem: impl Into<String>) -> PlanError {
        PlanError::Value {
            setting: self.to_string(),
            problem: problem.into(),
        }
    }
}

/// The place and the name, without the value.
impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((file, line)) = &self.file {
            write!(f, "{}:{line}: ", file.name)?;
        }
        f.write_str(&self.name)
    }
}

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// On the command line or in a SPEC, where everything is text.
    Word,
    /// A TOML string.
    Text,
    /// A TOML number.
    Number,
    /// A TOML boolean.
    Truth,
}

/// One setting as it was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// The value, without quotes.
    pub(super) text: String,
    /// How it was written.
    pub(super) kind: Kind,
    /// Where it stands.
    pub(super) at: At,
}

impl Given {
    /// The value of an option.
    pub(super) fn option(name: &str, text: &str) -> Given {
        Given::word(At::option(name), text)
    }

    /// A value that has no type of its own.
    pub(super) fn word(at: At, text: &str) -> Given {
        Given {
            text: text.to_owned(),
            kind: Kind::Word,
            at,
        }
    }

    /// A TOML string.
    pub(super) fn text(at: At, text: &str) -> Given {
        Given {
            text: text.to_owned(),
            kind: Kind::Text,
            at,
        }
    }

    /// An error about this value, which is repeated. Not for secrets.
    pub(super) fn bad(&self, problem: impl Into<String>) -> PlanError {
        self.bad_as(&self.text, problem)
    }

    /// An error about this value, repeated in another form.
    pub(super) fn bad_as(&self, shown: &str, problem: impl Into<String>) -> PlanError {
        let shown = printable(shown, SHOWN);
        let value = match self.kind {
            Kind::Text => format!("\"{shown}\""),
            Kind::Word if shown.is_empty() || shown.contains(' ') => format!("'{shown}'"),
            _ => shown,
        };
        PlanError::Value {
            setting: format!("{}{}{value}", self.at, self.at.joint),
            problem: problem.into(),
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, bounds: RangeInclusive<u64>) -> Result<u64, PlanError> {
        let wanted = || {
            format!(
                "must be a whole number from {} to {}",
                crate::text::count(*bounds.start()),
                crate::text::count(*bounds.end())
            )
        };
        self.not_quoted(wanted)?;
        match self.text.parse::<u64>() {
            Ok(number) if bounds.contains(&number) => Ok(number),
            _ => Err(self.bad(wanted())),
        }
    }

    /// A number above 0 and at most `max`.
    pub(super) fn positive(&self, max: f64) -> Result<f64, PlanError> {
        let wanted = || {
            format!(
                "must be a number above 0 and at most {}",
                crate::text::count(max as u64)
            )
        };
        self.not_quoted(wanted)?;
        match self.text.parse::<f64>() {
            Ok(number) if number > 0.0 && number <= max => Ok(number),
            _ => Err(self.bad(wanted())),
        }
    }

    /// True or false.
    pub(super) fn truth(&self) -> Result<bool, PlanError> {
        self.not_quoted(|| "must be true or false".to_owned())?;
        match self.text.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.bad("must be true or false")),
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, PlanError> {
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == self.text) {
            return Ok(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(self.bad(format!("must be {}", either(&names))))
    }

    /// A time of at most `max`; `min` is what it must not be below.
    pub(super) fn duration(&self, min: Duration, max: Duration) -> Result<Duration, PlanError> {
        self.measured(units::duration)
            .and_then(|time| self.within(time, min, max))
    }

    /// A time, or a range of times.
    pub(super) fn durations(&self, max: Duration) -> Result<(Duration, Duration), PlanError> {
        let (low, high) = self.measured(units::range)?;
        self.within(high, Duration::ZERO, max)?;
        Ok((low, high))
    }

    fn measured<T>(&self, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, PlanError> {
        if self.kind == Kind::Number {
            return Err(self.bad(format!(
                "a time needs a unit, in quotes: \"{0}s\" or \"{0}ms\"",
                self.text
            )));
        }
        if self.kind == Kind::Truth {
            return Err(self.bad("must be a time in quotes, such as \"10s\" or \"500ms\""));
        }
        parse(&self.text).map_err(|problem| self.bad(problem))
    }

    fn within(&self, time: Duration, min: Duration, max: Duration) -> Result<Duration, PlanError> {
        if time < min {
            Err(self.bad("must be above 0s"))
        } else if time > max {
            Err(self.bad(format!("must be at most {}", crate::text::setting(max))))
        } else {
            Ok(time)
        }
    }

    fn not_quoted(&self, wanted: impl Fn() -> String) -> Result<(), PlanError> {
        if self.kind == Kind::Text {
            return Err(self.bad(format!("{}, without quotes", wanted())));
        }
        Ok(())
    }

    /// Text for people: not empty, one line, at most `max` characters.
    pub(super) fn line(&self, max: usize) -> Result<String, PlanError> {
        let text = self.text.trim();
        if text.is_empty() {
            Err(self.bad("must not be empty"))
        } else if text.chars().any(char::is_control) {
            Err(self.bad("must be one line without control characters"))
        } else if text.chars().count() > max {
            Err(self.bad(format!("must have at most {max} characters")))
        } else {
            Ok(text.to_owned())
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// What to say about an unknown key: the nearest right one, or all of them.
pub(super) fn did_you_mean(key: &str, right: &[&str]) -> String {
    let folded = key.to_lowercase().replace('-', "_");
    let nearest = right
        .iter()
        .map(|word| (strsim::jaro_winkler(&folded, word), word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, word)) => format!("did you mean \"{word}\"?"),
        None => format!("right here: {}", right.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(kind: Kind, text: &str) -> Given {
        let file = Arc::new(PlanFile {
            name: "plan.toml".to_owned(),
            folder: PathBuf::new(),
        });
        Given {
            text: text.to_owned(),
            kind,
            at: At::line(&file, 3, "users"),
        }
    }

    #[test]
    fn errors_say_where_what_and_what_would_be_right() {
        let said = |result: Result<u64, PlanError>| result.unwrap_err().to_string();
        let wanted = "must be a whole number from 1 to 100,000";
        for (given, expected) in [
            (
                Given::option("--users", "0"),
                format!("--users 0: {wanted}"),
            ),
            (
                Given::option("--users", "-5"),
                format!("--users -5: {wanted}"),
            ),
            (
                Given::option("--users", "1.5"),
                format!("--users 1.5: {wanted}"),
            ),
            (
                Given::option("--users", ""),
                format!("--users '': {wanted}"),
            ),
            (
                given(Kind::Number, "0"),
                format!("plan.toml:3: users = 0: {wanted}"),
            ),
            (
                given(Kind::Text, "7"),
                format!("plan.toml:3: users = \"7\": {wanted}, without quotes"),
            ),
        ] {
            assert_eq!(said(given.whole(1..=100_000)), expected);
        }
    }

    #[test]
    fn rates_are_finite_and_positive() {
        for bad in ["0", "-1", "nan", "inf", "1e9", "200/s", ""] {
            assert!(Given::option("--rate", bad).positive(1e6).is_err(), "{bad}");
        }
        let rate = Given::option("--rate", "0.5").positive(1e6).unwrap();
        assert!((rate - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn foreign_text_in_errors_is_harmless() {
        let error = Given::option("--users", "\u{1b}[2J\n").whole(1..=2);
        assert!(!error.unwrap_err().to_string().contains(char::is_control));
    }

    #[test]
    fn the_nearest_key_is_found() {
        let keys = ["users", "think", "max_in_flight"];
        assert_eq!(did_you_mean("user", &keys), "did you mean \"users\"?");
        assert_eq!(
            did_you_mean("max-in-flight", &keys),
            "did you mean \"max_in_flight\"?"
        );
        assert_eq!(
            did_you_mean("zzz", &keys),
            "right here: users, think, max_in_flight"
        );
    }
}
