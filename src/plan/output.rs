//! Output and screen: where snapshots and the result go, checked before the start by writing there.

use super::PlanError;
use super::secrets::Lookup;
use crate::cli::{Colour, Format, GlyphSet, OutputArgs, ScreenArgs};
use crate::glyphs::Glyphs;
use std::path::{Path, PathBuf};

/// What is written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputPlan {
    /// Lines instead of the screen.
    pub headless: bool,
    /// Sentences instead of lines and table.
    pub plain: bool,
    /// Leave the screen when the run is over.
    pub exit: bool,
    /// The form of the final result on stdout.
    pub format: Format,
    /// Where the final snapshot goes; a file could be made there before the start.
    pub out: Option<PathBuf>,
    /// Where snapshots by key go; made when it is needed. `None` when the system names no such folder.
    pub snapshot_dir: Option<PathBuf>,
    /// Where the output of launched gateways goes that names no file of its own; made when it is needed.
    pub logs_dir: Option<PathBuf>,
}

/// How the screen looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenPlan {
    /// Draw in the terminal's alternate screen.
    pub alt_screen: bool,
    /// Clicks and the wheel are obeyed.
    pub mouse: bool,
    /// A theme's name or file, not yet looked up; `None` for the usual one.
    pub theme: Option<String>,
    /// Whether to colour, and how finely.
    pub colour: Colour,
    /// The signs to use; `None` for what locale and terminal can show.
    pub glyphs: Option<Glyphs>,
}

impl ScreenPlan {
    pub(super) fn new(args: &ScreenArgs) -> ScreenPlan {
        ScreenPlan {
            alt_screen: !args.no_alt_screen,
            mouse: args.mouse,
            theme: args.theme.clone().filter(|name| name != "auto"),
            colour: args.color,
            glyphs: match args.glyphs {
                GlyphSet::Auto => None,
                GlyphSet::Braille => Some(Glyphs::Braille),
                GlyphSet::Block => Some(Glyphs::Block),
                GlyphSet::Ascii => Some(Glyphs::Ascii),
            },
        }
    }
}

/// The output, with its places tried.
pub(super) fn output(
    args: &OutputArgs,
    headless: bool,
    env: Lookup<'_>,
) -> Result<OutputPlan, PlanError> {
    if let Some(path) = &args.out {
        try_file("--out", path)?;
    }
    if let Some(folder) = &args.snapshot_dir {
        try_folder("--snapshot-dir", folder)?;
    }
    Ok(OutputPlan {
        headless,
        plain: args.plain,
        exit: args.exit,
        format: args.format,
        out: args.out.clone(),
        snapshot_dir: args
            .snapshot_dir
            .clone()
            .or_else(|| state_folder(env, "snapshots")),
        logs_dir: state_folder(env, "logs"),
    })
}

/// Whether a file could be put there: by making another one beside it, which goes again. What is there stays as it is.
fn try_file(setting: &str, path: &Path) -> Result<(), PlanError> {
    if path.file_name().is_none() || path.to_string_lossy().ends_with(std::path::MAIN_SEPARATOR) {
        return Err(unwritable(
            setting,
            path,
            "it must name a file, such as result.json",
        ));
    }
    if path.is_dir() {
        return Err(unwritable(
            setting,
            path,
            "it is a folder; name a file in it",
        ));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let problem = if folder.exists() {
            "what should be its folder is a file"
        } else {
            "its folder does not exist; make it first"
        };
        return Err(unwritable(setting, path, problem));
    }
    try_within(folder).map_err(|error| unwritable(setting, path, &error.to_string()))
}

/// Whether files could be put into the folder, which may not be there yet.
fn try_folder(setting: &str, path: &Path) -> Result<(), PlanError> {
    let mut folder = path;
    while !folder.exists() {
        folder = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
    }
    if !folder.is_dir() {
        return Err(unwritable(
            setting,
            path,
            "it must be a folder, and a file is in the way",
        ));
    }
    try_within(folder).map_err(|error| unwritable(setting, path, &error.to_string()))
}

fn try_within(folder: &Path) -> std::io::Result<()> {
    tempfile::Builder::new()
        .prefix(".dragstrip-")
        .tempfile_in(folder)?
        .close()
}

fn unwritable(setting: &str, path: &Path, problem: &str) -> PlanError {
    PlanError::Unwritable {
        setting: setting.to_owned(),
        path: crate::text::printable(&path.to_string_lossy(), 200),
        problem: crate::text::printable(problem, 300),
    }
}

/// A folder of ours in the state folder of the XDG rules, or in the local application data on Windows.
fn state_folder(env: Lookup<'_>, name: &str) -> Option<PathBuf> {
    let absolute = |name| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else {
        absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
    };
    state.map(|folder| folder.join("dragstrip").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(path: &Path) -> Result<OutputPlan, String> {
        let args = OutputArgs {
            out: Some(path.to_owned()),
            ..OutputArgs::default()
        };
        output(&args, true, &|_| None).map_err(|error| error.to_string())
    }

    #[test]
    fn trying_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("result.json");
        assert!(out(&file).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::write(&file, "old").unwrap();
        assert!(out(&file).is_ok());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn places_that_cannot_be_written_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for (path, part) in [
            (
                folder.path().join("no/such.json"),
                "its folder does not exist; make it first",
            ),
            (folder.path().to_owned(), "it is a folder"),
            (file.join("x.json"), "is a file"),
            (PathBuf::from("new/"), "must name a file"),
            (PathBuf::from(""), "must name a file"),
        ] {
            let error = out(&path).unwrap_err();
            assert!(error.starts_with("--out: cannot write to"), "{error}");
            assert!(error.contains(part), "{error}");
        }
        let folders = |path: &Path| try_folder("--snapshot-dir", path);
        assert!(folders(&folder.path().join("new/newer")).is_ok());
        assert!(!folder.path().join("new").exists());
        assert!(folders(&file).is_err() && folders(&file.join("x")).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_without_the_right_to_write_is_refused() {
        // Not even the superuser may make a file there.
        assert!(out(Path::new("/proc/dragstrip.json")).is_err());
    }

    #[test]
    fn snapshots_go_to_the_state_folder() {
        let folder = |name: &'static str, value: &'static str| {
            state_folder(
                &move |asked: &str| (asked == name).then(|| value.to_owned()),
                "snapshots",
            )
        };
        if cfg!(unix) {
            let state = Some(PathBuf::from("/s/dragstrip/snapshots"));
            assert_eq!(folder("XDG_STATE_HOME", "/s"), state);
            assert_eq!(folder("XDG_STATE_HOME", "relative"), None);
            let home = Some(PathBuf::from("/h/.local/state/dragstrip/snapshots"));
            assert_eq!(folder("HOME", "/h"), home);
        }
    }
}
