//! The user's configuration file: how the screen is wherever it is used. What a run does is in plans, never here.
//!
//! ```toml
//! theme = "nord"          # as --theme
//! mouse = true            # as --mouse
//!
//! [keys]
//! pause = "x"             # an action and its key,
//! quit = ["q", "ctrl-q"]  # or keys; an empty list takes its key away
//! ```
//!
//! What holds always: no file is no error; a file that cannot be read as a whole is one, with the line, before anything starts.

use crate::text::printable;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The largest file that is read: a configuration has a page.
const LARGEST: u64 = 256 * 1024;

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file, for messages.
    path: String,
    /// The theme's name or file.
    pub theme: Option<String>,
    /// Whether the mouse is used.
    pub mouse: Option<bool>,
    /// Actions with their keys, as they are written.
    pub keys: BTreeMap<String, Vec<String>>,
    lines: BTreeMap<String, usize>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there, but cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The reason.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}, line {line}: {problem}")]
    Wrong {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    theme: Option<String>,
    mouse: Option<bool>,
    #[serde(default)]
    keys: BTreeMap<String, Spanned<Keys>>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a key, \"x\", or a list of keys, [\"x\", \"y\"]"
)]
enum Keys {
    One(String),
    Several(Vec<String>),
}

/// Reads `dragstrip/config.toml` in the user's configuration folder; without one, nothing is said.
pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
    match folder(env).map(|folder| folder.join("config.toml")) {
        Some(path) => read_file(&path),
        None => Ok(Config::default()),
    }
}

/// `dragstrip` in the configuration folder of the XDG rules, or in the application data on Windows.
pub fn folder(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let absolute = |name| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let config = if cfg!(windows) {
        absolute("APPDATA")
    } else {
        absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))
    };
    config.map(|folder| folder.join("dragstrip"))
}

fn read_file(path: &Path) -> Result<Config, ConfigError> {
    let shown = printable(&path.to_string_lossy(), 200);
    let text = match limited(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(source) => {
            return Err(ConfigError::Unreadable {
                path: shown,
                source,
            });
        }
    };
    parse(&text, shown)
}

/// Only a file is read: to open a pipe could take for ever.
fn limited(path: &Path) -> io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    File::open(path)?
        .take(LARGEST + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it has more than 256 KiB"));
    }
    Ok(text)
}

fn parse(text: &str, path: String) -> Result<Config, ConfigError> {
    let line_of = |offset: usize| {
        let before = &text.as_bytes()[..offset.min(text.len())];
        before.split(|byte| *byte == b'\n').count()
    };
    let written: Written = toml::from_str(text).map_err(|error| ConfigError::Wrong {
        path: path.clone(),
        line: line_of(error.span().map_or(0, |span| span.start)),
        problem: printable(&error.message().lines().collect::<Vec<_>>().join(", "), 300),
    })?;
    let mut config = Config {
        path,
        theme: written.theme,
        mouse: written.mouse,
        ..Config::default()
    };
    for (action, keys) in written.keys {
        config
            .lines
            .insert(action.clone(), line_of(keys.span().start));
        let keys = match keys.into_inner() {
            Keys::One(key) => vec![key],
            Keys::Several(keys) => keys,
        };
        config.keys.insert(action, keys);
    }
    Ok(config)
}

impl Config {
    /// What is wrong with the keys of `action`, as an error that names the line.
    pub fn wrong_keys(&self, action: &str, problem: &str) -> ConfigError {
        ConfigError::Wrong {
            path: self.path.clone(),
            line: self.lines.get(action).copied().unwrap_or(1),
            problem: printable(problem, 600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match parse(text, "config.toml".to_owned()) {
            Ok(config) => format!("{:?} {:?} {:?}", config.theme, config.mouse, config.keys),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn it_is_where_the_system_has_configurations() {
        let found = |name: &'static str, value: &'static str| {
            folder(&move |asked: &str| (asked == name).then(|| value.to_owned()))
        };
        if cfg!(unix) {
            let config = Some(PathBuf::from("/c/dragstrip"));
            assert_eq!(found("XDG_CONFIG_HOME", "/c"), config);
            assert_eq!(found("XDG_CONFIG_HOME", "relative"), None);
            let home = Some(PathBuf::from("/h/.config/dragstrip"));
            assert_eq!(found("HOME", "/h"), home);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(said(""), "None None {}");
        let text =
            "theme = 'nord'\nmouse = true\n[keys]\npause = 'x'\nquit = ['q', 'f10']\nhelp = []";
        assert_eq!(
            said(text),
            "Some(\"nord\") Some(true) {\"help\": [], \"pause\": [\"x\"], \"quit\": [\"q\", \"f10\"]}"
        );
        let config = parse(text, "config.toml".to_owned()).expect("reads");
        let error = config.wrong_keys("quit", "no").to_string();
        assert_eq!(error, "config.toml, line 5: no");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, begin) in [
            ("theme = ", "config.toml, line 1: "),
            (
                "\nteme = 'x'",
                "config.toml, line 2: unknown field `teme`, expected one of ",
            ),
            (
                "mouse = 3",
                "config.toml, line 1: invalid type: integer `3`, expected a boolean",
            ),
            (
                "[keys]\n\npause = 3",
                "config.toml, line 3: a key, \"x\", or a list",
            ),
        ] {
            let said = said(text);
            assert!(said.starts_with(begin), "{said}");
        }
    }

    #[test]
    fn no_file_is_no_error_and_a_folder_in_its_place_is_one() {
        let home = tempfile::tempdir().expect("a folder");
        let env = |name: &str| {
            (name == "XDG_CONFIG_HOME").then(|| home.path().to_string_lossy().into_owned())
        };
        assert!(read(&env).expect("nothing").theme.is_none());
        let own = home.path().join("dragstrip");
        std::fs::create_dir_all(own.join("config.toml")).expect("makes");
        assert!(matches!(read(&env), Err(ConfigError::Unreadable { .. })));
        assert!(read(&|_| None).expect("nothing").theme.is_none());
    }
}
