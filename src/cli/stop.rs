//! What a command line that starts nothing comes to: a help text, the version, or a short error.

use super::RunArgs;
use clap::Args;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::path::Path;

/// Why nothing is to be started, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The help text, or an error of at most two lines, without a final newline.
    pub text: String,
    /// Whether the text was asked for and belongs on stdout; else it is an error for stderr.
    pub to_stdout: bool,
    /// 0 for help and version, 2 for an error.
    pub exit_code: u8,
}

impl Stop {
    /// Shortens clap's errors: what is wrong, a tip where there is one, and where to read on.
    ///
    /// `first` is the first argument, which names the command if there is one.
    pub(super) fn from_clap(error: &clap::Error, first: Option<&str>) -> Stop {
        let whole = error.render().to_string();
        if matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ) {
            return Stop {
                text: whole.trim_end().to_owned(),
                to_stdout: true,
                exit_code: 0,
            };
        }
        Stop {
            text: shorten(error, &whole, first),
            to_stdout: false,
            exit_code: 2,
        }
    }
}

/// Clap's message without its usage part, with the tip, on one line; then the command whose help to read.
fn shorten(error: &clap::Error, whole: &str, first: Option<&str>) -> String {
    let message = whole.split("\nUsage:").next().unwrap_or(whole);
    let command = first.filter(|word| ["run", "endpoint", "gateway"].contains(word));
    let mut problem = Vec::new();
    let mut tip = better_tip(error, command);
    for line in message.lines().map(str::trim).filter(|l| !l.is_empty()) {
        match line.strip_prefix("tip: ") {
            Some(text) => tip = tip.or_else(|| question(text)),
            None if line.starts_with("For more information") => {}
            None => problem.push(line.strip_prefix("error: ").unwrap_or(line)),
        }
    }
    let mut text = problem.join(" ");
    if let Some(tip) = tip {
        text.push_str("; ");
        text.push_str(&tip);
    }
    text.push_str("\n  try: dragstrip ");
    if let Some(command) = command {
        text.push_str(command);
        text.push(' ');
    }
    text.push_str("--help");
    // What was typed is shown again: it must not steer the terminal.
    text.replace(|c: char| c.is_control() && c != '\n', "·")
}

/// Clap's tip as a question; `None` for advice on `--`, which nothing here needs.
fn question(tip: &str) -> Option<String> {
    if let Some((_, word)) = tip.split_once(" exists: ").or(tip.split_once(" exist: ")) {
        return Some(format!("did you mean {word}?"));
    }
    (!tip.starts_with("to pass ")).then(|| tip.to_owned())
}

/// A tip that clap cannot know: a plan file without `run`, an option of `run` without `run`.
fn better_tip(error: &clap::Error, command: Option<&str>) -> Option<String> {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    if let Some(word) = word(ContextKind::InvalidSubcommand) {
        let extension = Path::new(word).extension()?;
        return extension
            .eq_ignore_ascii_case("toml")
            .then(|| format!("a plan file is run by: dragstrip run {word}"));
    }
    let option = word(ContextKind::InvalidArg)?.strip_prefix("--")?;
    let run = RunArgs::augment_args(clap::Command::new("run"));
    let known = run.get_arguments().any(|a| a.get_long() == Some(option));
    (known && error.kind() == ErrorKind::UnknownArgument && command.is_none())
        .then(|| format!("--{option} is an option of: dragstrip run"))
}
