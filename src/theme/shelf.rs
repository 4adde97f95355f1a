//! The themes that a key press goes through: the chosen one, the built-in ones and those in the user's folder. Files are read
//! again when they change; one that is bad is left out, or keeps what it said before, and a complaint says why.

use super::folder::{Stamp, listing, read, stamp, trouble};
use super::{Theme, ThemeError, built_in, cycle, default, is_path, load, names};
use crate::text::printable;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The most complaints at a time.
const COMPLAINTS: usize = 3;

/// All themes, in the order in which a key press goes through them.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The theme to begin with: its name, or its file.
    first: First,
    /// Where the user's own themes are.
    folder: Option<PathBuf>,
    files: BTreeMap<PathBuf, Watched>,
    complaints: Vec<String>,
}

#[derive(Debug)]
enum First {
    Named(String),
    File(PathBuf),
}

impl Default for First {
    fn default() -> First {
        First::Named(default().name().to_owned())
    }
}

/// A file as it was when it was last looked at.
#[derive(Debug, Default)]
struct Watched {
    stamp: Option<Stamp>,
    /// What it said when it was last in order.
    theme: Option<Theme>,
}

/// What a look at the files has brought.
#[derive(Debug)]
pub struct News {
    /// All themes as they are now.
    pub themes: Vec<Theme>,
    /// What is wrong with files, with file and line.
    pub complaints: Vec<String>,
}

impl Shelf {
    /// The themes with `wanted` as the first: a name or a file's path, else the theme called `usual`.
    ///
    /// A name that nobody has is an error, and so is a bad file that was given by its path. A bad file in the folder is none:
    /// until it is in order the usual theme stands in for it.
    pub fn open(
        wanted: Option<&str>,
        usual: &str,
        folder: Option<PathBuf>,
    ) -> Result<Shelf, ThemeError> {
        let mut shelf = Shelf {
            first: First::Named(usual.to_owned()),
            complaints: folder.as_deref().and_then(trouble).into_iter().collect(),
            folder,
            ..Shelf::default()
        };
        if let Some(name) = wanted.filter(|wanted| is_path(wanted)) {
            let path = PathBuf::from(name);
            let watched = Watched {
                stamp: stamp(&path),
                theme: Some(load(name)?),
            };
            shelf.files.insert(path.clone(), watched);
            shelf.first = First::File(path);
        }
        shelf.scan();
        if let Some(name) = wanted.filter(|wanted| !is_path(wanted)) {
            shelf.first = First::Named(shelf.resolve(name)?);
            shelf.stand_in(name, usual);
        }
        Ok(shelf)
    }

    /// The theme called `name` is the one to begin with.
    pub fn begin_with(&mut self, name: &str) {
        self.first = First::Named(name.to_owned());
    }

    /// All themes, the one to begin with first.
    pub fn themes(&self) -> Vec<Theme> {
        let first = match &self.first {
            First::File(path) => self.files.get(path).and_then(|file| file.theme.clone()),
            First::Named(name) => self.named(name),
        };
        let mut all = cycle(first.unwrap_or_else(default));
        for theme in self.files.values().filter_map(|file| file.theme.as_ref()) {
            match all.iter().position(|other| other.name() == theme.name()) {
                None => all.push(theme.clone()),
                // What was chosen stays, whoever else has its name.
                Some(0) => {}
                Some(built_in) => all[built_in] = theme.clone(),
            }
        }
        all
    }

    /// Looks whether files have changed or come; `None` if there is nothing new.
    pub fn look(&mut self) -> Option<News> {
        let changed = self.scan();
        if !changed && self.complaints.is_empty() {
            return None;
        }
        let mut complaints = std::mem::take(&mut self.complaints);
        if complaints.len() > COMPLAINTS {
            let more = complaints.len() - COMPLAINTS;
            complaints.truncate(COMPLAINTS);
            complaints.push(format!("{more} more theme files are bad"));
        }
        Some(News {
            themes: self.themes(),
            complaints,
        })
    }

    /// Reads what is new; true if themes have changed by it. What is gone, perhaps only for the moment in which an editor
    /// replaces it, stays as it was.
    fn scan(&mut self) -> bool {
        let mut paths: Vec<PathBuf> = self.folder.as_deref().map(listing).unwrap_or_default();
        if let First::File(path) = &self.first
            && !paths.contains(path)
        {
            paths.push(path.clone());
        }
        let mut changed = false;
        for path in paths {
            let Some(stamp) = stamp(&path) else {
                continue;
            };
            let shown = self.shown_name(&path);
            let file = self.files.entry(path.clone()).or_default();
            if file.stamp == Some(stamp) {
                continue;
            }
            file.stamp = Some(stamp);
            match read(&path, &shown, stamp.1) {
                Ok(theme) => {
                    changed |= file.theme.as_ref() != Some(&theme);
                    file.theme = Some(theme);
                }
                Err(error) => {
                    let consequence = match file.theme {
                        Some(_) => "theme kept as it was",
                        None => "theme left out",
                    };
                    let complaint = format!("{consequence}: {error}");
                    self.complaints.push(printable(&complaint, 300));
                }
            }
        }
        changed
    }

    /// How complaints name a file: one in the folder by its name alone.
    fn shown_name(&self, path: &Path) -> String {
        match (&self.folder, path.file_name()) {
            (Some(folder), Some(name)) if path.parent() == Some(folder) => {
                name.to_string_lossy().into_owned()
            }
            _ => path.to_string_lossy().into_owned(),
        }
    }

    /// The name that `name` stands for, if there is such a theme or a file that should be it.
    fn resolve(&self, name: &str) -> Result<String, ThemeError> {
        if self.file_of(name).is_some() {
            return Ok(name.to_owned());
        }
        match built_in::built_in(name) {
            Some((own, _)) => Ok(own.to_owned()),
            None => Err(ThemeError::NoSuchTheme {
                name: name.to_owned(),
                known: self.known(),
            }),
        }
    }

    /// If the file that should be the theme `name` is bad and no built-in theme has the name, the usual one takes its place,
    /// under its name, so that the file is shown once it is in order.
    fn stand_in(&mut self, name: &str, usual: &str) {
        if self.named(name).is_some() {
            return;
        }
        let substitute = Theme {
            name: name.to_owned(),
            ..self.named(usual).unwrap_or_else(default)
        };
        if let Some(path) = self.file_of(name).cloned()
            && let Some(file) = self.files.get_mut(&path)
        {
            file.theme = Some(substitute);
        }
    }

    fn file_of(&self, name: &str) -> Option<&PathBuf> {
        self.files
            .keys()
            .find(|path| path.file_stem().is_some_and(|stem| stem == name))
    }

    /// The theme called `name`, the user's own rather than a built-in one.
    fn named(&self, name: &str) -> Option<Theme> {
        let mut own = self.files.values().filter_map(|file| file.theme.as_ref());
        own.find(|theme| theme.name() == name)
            .cloned()
            .or_else(|| load(name).ok())
    }

    fn known(&self) -> String {
        let mut known: Vec<String> = names().into_iter().map(str::to_owned).collect();
        for theme in self.files.values().filter_map(|file| file.theme.as_ref()) {
            if !known.iter().any(|name| name == theme.name()) {
                known.push(printable(theme.name(), 40));
            }
        }
        known.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Role;
    use ratatui::style::Color;
    use std::fs;

    const RED: &str = "text = \"#ff0000\"";
    const BLUE: &str = "text = \"#0000fe\"  ";
    const BAD: &str = "\ntext = \"rde\"";

    struct User(tempfile::TempDir);

    impl User {
        fn with(files: &[(&str, &str)]) -> User {
            let user = User(tempfile::tempdir().unwrap());
            for (name, source) in files {
                user.write(name, source);
            }
            user
        }

        fn write(&self, name: &str, source: &str) {
            fs::write(self.0.path().join(name), source).unwrap();
        }

        fn path(&self, name: &str) -> String {
            self.0.path().join(name).to_str().unwrap().to_owned()
        }

        fn shelf(&self, wanted: Option<&str>) -> Result<Shelf, ThemeError> {
            Shelf::open(wanted, "light", Some(self.0.path().to_owned()))
        }
    }

    fn all(shelf: &Shelf) -> Vec<String> {
        let themes = shelf.themes();
        themes.iter().map(|theme| theme.name().to_owned()).collect()
    }

    fn text(themes: &[Theme]) -> Option<Color> {
        themes[0].style(Role::Text).fg
    }

    #[test]
    fn the_users_themes_are_found_by_name_and_go_round_with_the_others() {
        let user = User::with(&[("mine.toml", RED), (".#mine.toml", BAD), ("notes.txt", BAD)]);
        let mut shelf = user.shelf(Some("mine")).unwrap();
        assert_eq!(
            (&all(&shelf)[0], all(&shelf).len()),
            (&"mine".to_owned(), names().len() + 1)
        );
        assert_eq!(text(&shelf.themes()), Some(Color::Rgb(255, 0, 0)));
        assert!(shelf.look().is_none());
        let usual = user.shelf(None).unwrap();
        assert_eq!(
            (
                all(&usual)[0].as_str(),
                all(&usual).last().unwrap().as_str()
            ),
            ("light", "mine")
        );
        assert_eq!(
            all(&user.shelf(Some("colorblind")).unwrap())[0],
            "colorblind-dark"
        );
    }

    #[test]
    fn a_theme_of_the_users_can_take_the_place_of_a_built_in_one() {
        let user = User::with(&[("light.toml", "inherits = \"light\"\ntext = \"#ff0000\"")]);
        let shelf = user.shelf(None).unwrap();
        assert_eq!(text(&shelf.themes()), Some(Color::Rgb(255, 0, 0)));
        assert_eq!(all(&shelf).len(), names().len());
    }

    #[test]
    fn bad_files_of_the_folder_are_left_out_and_said() {
        let user = User::with(&[("bad.toml", BAD), ("mine.toml", RED)]);
        let mut shelf = user.shelf(None).unwrap();
        assert!(!all(&shelf).contains(&"bad".to_owned()));
        let complaints = shelf.look().unwrap().complaints;
        assert!(
            complaints.len() == 1
                && complaints[0].starts_with("theme left out: bad.toml, line 2: text: \"rde\""),
            "{complaints:?}"
        );
        assert!(shelf.look().is_none(), "once is enough");
        // A run that asks for it by name goes on, and shows it as soon as it can.
        let mut shelf = user.shelf(Some("bad")).unwrap();
        let usual = load("light").unwrap();
        assert_eq!(
            shelf.themes()[0].style(Role::VariantA),
            usual.style(Role::VariantA)
        );
        user.write("bad.toml", BLUE);
        assert_eq!(
            text(&shelf.look().unwrap().themes),
            Some(Color::Rgb(0, 0, 254))
        );
        for i in 0..6 {
            user.write(&format!("bad{i}.toml"), BAD);
        }
        let complaints = shelf.look().unwrap().complaints;
        assert_eq!(
            (complaints.len(), complaints[3].as_str()),
            (4, "3 more theme files are bad")
        );
    }

    #[test]
    fn a_bad_file_given_by_its_path_is_an_error() {
        let user = User::with(&[("bad.toml", BAD)]);
        for (wanted, part) in [
            (user.path("bad.toml"), "line 2"),
            (user.path("none.toml"), "cannot read"),
            ("mine".to_owned(), "no theme is called \"mine\""),
        ] {
            let error = user.shelf(Some(&wanted)).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn files_are_read_again_when_they_change_and_a_bad_one_keeps_what_it_said() {
        let user = User::with(&[("mine.toml", RED)]);
        // By its path, from outside of the folder, and by its name.
        let path = user.path("mine.toml");
        for mut shelf in [
            Shelf::open(Some(&path), "dark", None).unwrap(),
            user.shelf(Some("mine")).unwrap(),
        ] {
            user.write("mine.toml", BLUE);
            let news = shelf.look().unwrap();
            assert_eq!(text(&news.themes), Some(Color::Rgb(0, 0, 254)));
            assert!(news.complaints.is_empty() && shelf.look().is_none());
            user.write("mine.toml", BAD);
            let news = shelf.look().unwrap();
            assert_eq!(text(&news.themes), Some(Color::Rgb(0, 0, 254)));
            let complaint = &news.complaints[0];
            assert!(
                complaint.starts_with("theme kept as it was: ")
                    && complaint.contains("mine.toml, line 2"),
                "{complaint}"
            );
            fs::remove_file(&path).unwrap();
            assert!(shelf.look().is_none());
            user.write("mine.toml", RED);
            assert_eq!(
                text(&shelf.look().unwrap().themes),
                Some(Color::Rgb(255, 0, 0))
            );
        }
    }

    #[test]
    fn a_folder_that_is_none_is_said_and_one_that_is_not_there_is_not() {
        let user = User::with(&[("file", "")]);
        let file = Some(PathBuf::from(user.path("file")));
        let complaints = Shelf::open(None, "dark", file)
            .unwrap()
            .look()
            .unwrap()
            .complaints;
        assert!(
            complaints[0].starts_with("themes left out: "),
            "{complaints:?}"
        );
        let nowhere = Some(PathBuf::from(user.path("nowhere")));
        assert!(Shelf::open(None, "dark", nowhere).unwrap().look().is_none());
        let built_in = cycle(default());
        let built_in: Vec<&str> = built_in.iter().map(Theme::name).collect();
        assert_eq!(all(&Shelf::default()), built_in);
    }
}
