//! The themes that the screen can have, fitted to the terminal, and the one that it has.

use crate::theme::{self, ColorDepth, Theme};

#[derive(Debug)]
pub(super) struct Themes {
    all: Vec<Theme>,
    current: usize,
    depth: ColorDepth,
}

impl Themes {
    /// The first of `themes` is used; the built-in default if there is none.
    pub(super) fn new(mut themes: Vec<Theme>, depth: ColorDepth) -> Themes {
        if themes.is_empty() {
            themes.push(theme::default());
        }
        if depth == ColorDepth::None {
            // Without colour they all look alike.
            themes.truncate(1);
        }
        Themes {
            all: themes.iter().map(|theme| theme.fitted(depth)).collect(),
            current: 0,
            depth,
        }
    }

    pub(super) fn current(&self) -> &Theme {
        &self.all[self.current]
    }

    /// True when another theme would look different.
    pub(super) fn are_many(&self) -> bool {
        self.all.len() > 1
    }

    pub(super) fn next(&mut self) {
        self.current = (self.current + 1) % self.all.len();
    }

    /// Other themes in place of these; the one stays that has the name of the present one.
    pub(super) fn replace(&mut self, themes: Vec<Theme>) {
        let present = self.current().name().to_owned();
        let new = Themes::new(themes, self.depth);
        let same = new.all.iter().position(|theme| theme.name() == present);
        *self = Themes {
            current: same.unwrap_or_default(),
            ..new
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_theme_is_shown_and_the_choice_stays() {
        let mut themes = Themes::new(theme::cycle(theme::default()), ColorDepth::TrueColor);
        while themes.current().name() != "light" {
            themes.next();
        }
        let changed = theme::parse("light.toml", "text = \"red\"").unwrap();
        let other = theme::parse("another.toml", "").unwrap();
        themes.replace(vec![other.clone(), changed.clone()]);
        assert_eq!(themes.current(), &changed);
        themes.replace(vec![other.clone()]);
        assert_eq!((themes.current(), themes.are_many()), (&other, false));
    }
}
