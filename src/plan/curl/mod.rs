//! A pasted curl command as the request.
//!
//! ```text
//! text ─► words (lexer) ─► options, one after another (command) ─► settings of the request, and of both transports (wishes)
//! ```
//!
//! The command takes the place of a plan file's whole `[request]`; options lie over it. Its URL is taken apart: scheme, host
//! and port are A's URL where none was given, path and query are the request's. What holds always: every option is honoured,
//! changes nothing that matters here, is told to the reader of the figures, or is an error that names it; no error and no note
//! repeats a value of the command.

mod command;
mod data;
mod headers;
mod lexer;
mod options;
mod wishes;

pub(super) use wishes::Wishes;

use super::PlanError;
use super::given::{At, Given};
use super::settings::{RequestSettings, Values};
use command::Command;
use std::io::{self, Read};

/// The longest command, in bytes.
const MAX_COMMAND: u64 = 1 << 20;
/// The option that takes a command.
const OPTION: &str = "--curl";
/// What stands for a command on stdin.
const STDIN: &str = "-";

/// What a command says.
#[derive(Debug)]
pub(super) struct Curl {
    /// The request, all of it.
    pub(super) request: RequestSettings,
    /// Scheme, host and port of its URL, as text that has not been checked.
    pub(super) base: Given,
    /// What it says about both transports.
    pub(super) wishes: Wishes,
    /// What a reader of the figures must know: options that are not honoured.
    pub(super) notes: Vec<String>,
}

/// Reads a command, from stdin if it is `-`.
pub(super) fn read(text: &str) -> Result<Curl, PlanError> {
    if text.trim() == STDIN {
        return parse(&from_stdin()?);
    }
    parse(text)
}

fn from_stdin() -> Result<String, PlanError> {
    let at = At::option(OPTION);
    let mut bytes = Vec::new();
    let read = io::stdin().take(MAX_COMMAND + 1).read_to_end(&mut bytes);
    read.map_err(|source| PlanError::Unreadable {
        setting: at.to_string(),
        path: "stdin".to_owned(),
        source,
    })?;
    String::from_utf8(bytes).map_err(|_| at.bad("what came from stdin is not UTF-8 text"))
}

fn parse(text: &str) -> Result<Curl, PlanError> {
    let at = At::option(OPTION);
    if text.len() as u64 > MAX_COMMAND {
        return Err(at.bad("the command must have at most 1 MiB"));
    }
    let words = lexer::words(text).map_err(|problem| at.bad(problem))?;
    Command::read(&words)?.finish()
}

/// Scheme, host and port, and what follows: path and query. Variables are not yet filled in.
fn take_apart(url: &str) -> (String, String) {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        // A variable may hold the scheme.
        None if url.starts_with("${") => (String::new(), url),
        None => ("http://".to_owned(), url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = path.split('#').next().unwrap_or_default();
    (scheme + host, path.to_owned())
}

/// The settings of a request, where some were given.
fn values<const N: usize>(given: [(&'static str, Option<Given>); N]) -> Values {
    let some = given
        .into_iter()
        .filter_map(|(key, given)| Some((key, given?)));
    some.collect()
}

#[cfg(test)]
mod tests;
