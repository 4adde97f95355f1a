//! A theme as its file defines it, before the roles look up their styles.

use super::Role;
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The definitions of a file and of all that it inherits, by key.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    pub(super) palette: BTreeMap<String, Color>,
    pub(super) styles: BTreeMap<String, Written>,
}

/// A style as written: its colours may be names in a palette that a heir replaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) fg: Option<String>,
    pub(super) bg: Option<String>,
    pub(super) modifiers: Modifier,
}

impl Definitions {
    /// The style of `role`: of the nearest of its keys that is defined.
    pub(super) fn style_of(&self, role: Role) -> Style {
        let Some(written) = role.keys().find_map(|key| self.styles.get(key)) else {
            return Style::new();
        };
        let colour = |text: &Option<String>| text.as_deref().and_then(|text| self.colour(text));
        Style {
            fg: colour(&written.fg),
            bg: colour(&written.bg),
            ..Style::new().add_modifier(written.modifiers)
        }
    }

    fn colour(&self, text: &str) -> Option<Color> {
        self.palette
            .get(text)
            .copied()
            .or_else(|| Color::from_str(text).ok())
    }
}
