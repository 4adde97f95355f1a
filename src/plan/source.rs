//! Where settings come from that options lie over: a plan file, a preset, or nothing.

use super::PlanError;
use super::file;
use super::given::{At, PlanFile};
use super::preset::{self, Preset};
use super::settings::Settings;
use crate::cli::RunArgs;
use std::path::{Path, PathBuf};

/// Where settings come from that options lie over.
#[derive(Debug)]
pub(super) enum Source {
    /// A plan file's text.
    File(String, PlanFile),
    /// A plan that comes with the program.
    Preset(&'static Preset),
    /// Options alone.
    Nothing,
}

impl Source {
    pub(super) fn of(args: &RunArgs) -> Result<Source, PlanError> {
        match (&args.plan, &args.start.preset) {
            (Some(path), None) => {
                let (text, file) = file::read(path)?;
                Ok(Source::File(text, file))
            }
            (None, Some(name)) => Ok(Source::Preset(preset::find(name)?)),
            (None, None) => Ok(Source::Nothing),
            (Some(_), Some(_)) => Err(At::option("--preset").bad(
                "there is a plan file as well; give one of the two (--preset NAME --print-plan prints a plan file to be changed)",
            )),
        }
    }

    pub(super) fn settings(&self) -> Result<Settings, PlanError> {
        match self {
            Source::File(text, file) => file::parse(text, file.clone()),
            Source::Preset(preset) => file::parse(
                preset.text,
                PlanFile {
                    name: format!("preset {}", preset.name),
                    folder: PathBuf::new(),
                },
            ),
            Source::Nothing => Ok(Settings::default()),
        }
    }

    /// The folder of a plan file that is not in the present one.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Source::File(_, file) if !file.folder.as_os_str().is_empty() => Some(&file.folder),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Source::File(text, _) => text,
            Source::Preset(preset) => preset.text,
            Source::Nothing => "",
        }
    }
}
