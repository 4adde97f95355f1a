//! The program of a command: whether it is there, and how the command is shown.

use super::super::given::At;
use super::super::secrets::{REDACTED, is_key_like};
use super::super::{Context, PlanError};
use crate::text::printable;
use std::path::Path;

/// How LiteLLM is installed: the version whose transports were measured and published.
const LITELLM: &str = "pip install 'litellm[proxy]==1.71.1'";

/// Looks for the program of `command`, as the system will.
pub(super) fn find(
    command: &[String],
    variables: &[(String, String)],
    directory: &Path,
    at: &At,
    context: &Context<'_>,
) -> Result<(), PlanError> {
    let program = command.first().map_or("", String::as_str);
    if program.is_empty() {
        return Err(at.bad("the program has no name"));
    }
    let shown = printable(program, 200);
    let lacks = |what: &str| {
        let hint = match Path::new(program)
            .file_name()
            .and_then(|name| name.to_str())
        {
            Some("litellm") => {
                format!("; install it with: {LITELLM} — or give --litellm PATH")
            }
            _ => String::new(),
        };
        at.bad(format!("{shown} {what}{hint}"))
    };
    if program.contains(std::path::MAIN_SEPARATOR) {
        let path = directory.join(program);
        return match runs(&path) {
            Some(true) => Ok(()),
            Some(false) => Err(lacks("is no program that may be run")),
            None => Err(lacks("was not found")),
        };
    }
    let own = variables.iter().rev().find(|(name, _)| name == "PATH");
    let path = own.map(|(_, value)| value.clone());
    let path = path.or_else(|| (context.env)("PATH")).unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    if folders.any(|folder| runs(&directory.join(folder).join(program)) == Some(true)) {
        return Ok(());
    }
    Err(lacks("was not found on the PATH"))
}

/// Whether a file may be run; `None` where there is none.
fn runs(path: &Path) -> Option<bool> {
    let meta = path.metadata().ok()?;
    #[cfg(unix)]
    let may = std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may = true;
    Some(meta.is_file() && may)
}

/// The values of options that are called like keys.
pub(super) fn secrets(command: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut secret = false;
    for word in command {
        let option = word.starts_with('-');
        match word.split_once('=') {
            _ if secret && !option => found.push(word.clone()),
            Some((name, value)) if is_key_like(name) => found.push(value.to_owned()),
            _ => {}
        }
        secret = option && !word.contains('=') && is_key_like(word);
    }
    found
}

/// A command in one line, without the values of options that are called like keys.
pub(super) fn shown(command: &[String]) -> String {
    let mut words = Vec::new();
    let mut secret = false;
    for word in command {
        let option = word.starts_with('-');
        let text = match word.split_once('=') {
            _ if secret && !option => REDACTED.to_owned(),
            Some((name, _)) if is_key_like(name) => format!("{name}={REDACTED}"),
            _ => word.clone(),
        };
        secret = option && !word.contains('=') && is_key_like(word);
        words.push(if text.is_empty() || text.contains(char::is_whitespace) {
            format!("'{text}'")
        } else {
            text
        });
    }
    printable(&words.join(" "), 200)
}

#[cfg(test)]
mod tests {

    #[test]
    fn what_is_not_shown_is_known_as_a_secret() {
        let words = [
            "g",
            "--api-key",
            "sk-1",
            "-x",
            "y",
            "--token=sk-2",
            "KEY=sk-3",
            "--key",
            "-v",
        ];
        let words = words.map(str::to_owned);
        assert_eq!(super::secrets(&words), ["sk-1", "sk-2", "sk-3"]);
    }

    #[test]
    fn keys_are_not_shown() {
        let shown = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            super::shown(&words)
        };
        assert_eq!(
            shown(&["gateway", "--port", "4001", "--api-key", "sk-1", "-x"]),
            "gateway --port 4001 --api-key [redacted] -x"
        );
        assert_eq!(
            shown(&["g", "--master-key=sk-1", "TOKEN=sk-1", "a b", ""]),
            "g --master-key=[redacted] TOKEN=[redacted] 'a b' ''"
        );
    }
}
