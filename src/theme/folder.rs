//! The folder of a user's own themes, and how files are read and watched.

use super::{Theme, ThemeError, parse};
use crate::text::printable;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The largest file that is read: a theme has a page or two.
const LARGEST: u64 = 256 * 1024;
/// The most files of a folder that are looked at.
const MOST: usize = 100;

/// What changes when a file is written: the time and the length.
pub(super) type Stamp = (Option<SystemTime>, u64);

/// Why nothing can be found in `folder`, if that is no matter of course.
pub(super) fn trouble(folder: &Path) -> Option<String> {
    let error = std::fs::read_dir(folder).err()?;
    let expected = error.kind() == std::io::ErrorKind::NotFound;
    let complaint = format!("themes left out: {}: {error}", folder.display());
    (!expected).then(|| printable(&complaint, 300))
}

/// The theme files in `folder`, in the order of their names.
pub(super) fn listing(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let hidden = path
                .file_name()
                .is_none_or(|name| name.to_string_lossy().starts_with('.'));
            path.extension().is_some_and(|e| e == "toml") && !hidden
        })
        .collect();
    paths.sort();
    paths.truncate(MOST);
    paths
}

/// `None` for what is not a file, or not there: to open a pipe could take for ever.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    Some((about.modified().ok(), about.len()))
}

pub(super) fn read(path: &Path, shown: &str, length: u64) -> Result<Theme, ThemeError> {
    let failed = |source| ThemeError::Read {
        path: shown.to_owned(),
        source,
    };
    if length > LARGEST {
        let what = format!("it is larger than {} KiB", LARGEST / 1024);
        return Err(failed(std::io::Error::other(what)));
    }
    parse(shown, &std::fs::read_to_string(path).map_err(failed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_opened_and_what_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(stamp(folder.path()), None);
        let large = folder.path().join("large.toml");
        std::fs::write(&large, "#".repeat(LARGEST as usize + 1)).unwrap();
        let (_, length) = stamp(&large).unwrap();
        let error = read(&large, "large.toml", length).unwrap_err().to_string();
        assert!(error.contains("larger than 256 KiB"), "{error}");
    }
}
