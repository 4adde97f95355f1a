//! Colours: a theme maps *roles* (what a thing means) to styles (how it looks).
//!
//! Views know roles and never a colour. A theme is read from TOML, checked completely, and resolved once into an
//! array with one style for each [`Role`]; drawing is an array look-up. What the terminal cannot show is translated once,
//! when the theme is fitted to a [`ColorDepth`] ([`Theme::fitted`]).

mod built_in;
mod colour;
mod definitions;
mod depth;
mod error;
mod file;
mod folder;
#[cfg(test)]
mod legible;
mod oklab;
mod ramp;
mod role;
mod shelf;

pub use built_in::names;
pub use depth::{ColorDepth, ColorMode, detect};
pub use error::ThemeError;
pub use ramp::ramp;
pub use role::Role;
pub use shelf::{News, Shelf};

use ratatui::style::{Color, Modifier, Style};

/// A resolved theme: one style for each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    name: String,
    styles: [Style; Role::COUNT],
}

impl Theme {
    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// Whether it is made for a light ground; `None` where its colours are the terminal's own.
    fn is_for_light(&self) -> Option<bool> {
        match self.style(Role::VariantA).fg? {
            Color::Rgb(r, g, b) => Some(ramp::is_for_light([r, g, b])),
            _ => None,
        }
    }

    /// The same theme for a terminal that shows no more than `depth`.
    ///
    /// With [`ColorDepth::None`] only bold, dim, reverse and underline are left, and every role that must be told from plain
    /// text has one of them.
    #[must_use]
    pub fn fitted(&self, depth: ColorDepth) -> Theme {
        let mut fitted = self.clone();
        for role in Role::ALL {
            let style = &mut fitted.styles[role as usize];
            *style = match depth {
                ColorDepth::TrueColor => *style,
                ColorDepth::None => exact(Style::new().add_modifier(role.without_colour())),
                _ => colour::fit(*style, depth),
            };
        }
        if depth < ColorDepth::TrueColor {
            fitted.keep_percentiles_apart();
        }
        fitted
    }

    /// Percentiles that have come to the same colour differ in brightness.
    fn keep_percentiles_apart(&mut self) {
        let roles = [Role::LatencyP50, Role::LatencyP95, Role::LatencyP99];
        let [p50, p95, p99] = roles.map(|role| self.style(role));
        if p50 == p95 {
            self.styles[Role::LatencyP50 as usize] = exact(p50.add_modifier(Modifier::BOLD));
        }
        if p99 == p95 {
            self.styles[Role::LatencyP99 as usize] = exact(p99.add_modifier(Modifier::DIM));
        }
    }
}

/// The theme called `name`: a built-in one, or a path to a theme file (anything with a `/`, or ending in `.toml`).
pub fn load(name: &str) -> Result<Theme, ThemeError> {
    if is_path(name) {
        let source = std::fs::read_to_string(name).map_err(|source| ThemeError::Read {
            path: name.to_owned(),
            source,
        })?;
        return parse(name, &source);
    }
    built_in::built_in(name).map_or_else(
        || {
            Err(ThemeError::NoSuchTheme {
                name: name.to_owned(),
                known: names().join(", "),
            })
        },
        |(own, source)| parse(own, source),
    )
}

/// True for what is a file's path rather than a theme's name.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.to_ascii_lowercase().ends_with(".toml")
}

/// Reads a theme from TOML; `file` stands in error messages.
pub fn parse(file: &str, source: &str) -> Result<Theme, ThemeError> {
    let definitions = file::read(file, source, &built_in::source)?;
    let styles = Role::ALL.map(|role| exact(definitions.style_of(role)));
    let name = file
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(file)
        .trim_end_matches(".toml");
    Ok(Theme {
        name: name.to_owned(),
        styles,
    })
}

/// The style with these modifiers and no others, whatever it is written over.
fn exact(style: Style) -> Style {
    Style {
        sub_modifier: Modifier::all().difference(style.add_modifier),
        ..style
    }
}

/// The theme for a dark terminal.
pub fn default() -> Theme {
    // A built-in theme is valid: a test reads them all. Without one the terminal's own colours would do.
    load("dark").unwrap_or_else(|_| Theme {
        name: "dark".to_owned(),
        styles: [Style::new(); Role::COUNT],
    })
}

/// `chosen`, then the built-in themes with other names: what a key press goes through. Those for another ground come last: on
/// this one they can hardly be read.
pub fn cycle(chosen: Theme) -> Vec<Theme> {
    let mut others: Vec<Theme> = names()
        .into_iter()
        .filter(|&name| name != chosen.name)
        .filter_map(|name| load(name).ok())
        .collect();
    let ground = chosen.is_for_light();
    others.sort_by_key(|other| {
        let grounds = ground.zip(other.is_for_light());
        grounds.is_some_and(|(this, other)| this != other)
    });
    std::iter::once(chosen).chain(others).collect()
}

/// The built-in theme that suits the terminal's background, as far as `COLORFGBG` tells it: `dark` or `light`.
pub fn automatic(env: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let background = env("COLORFGBG").and_then(|v| v.rsplit(';').next().map(str::to_owned));
    match background.as_deref() {
        Some("7" | "15") => "light",
        _ => "dark",
    }
}

impl Role {
    /// What sets the role apart where there is no colour.
    fn without_colour(self) -> Modifier {
        match self {
            Role::TextMuted
            | Role::Border
            | Role::ChartAxis
            | Role::LatencyP99
            | Role::ProgressRest => Modifier::DIM,
            Role::TextStrong
            | Role::VariantA
            | Role::Key
            | Role::DeltaBetter
            | Role::LatencyP50
            | Role::StatusWarn
            | Role::BorderTitle => Modifier::BOLD,
            Role::VariantB => Modifier::BOLD.union(Modifier::ITALIC),
            Role::DeltaWorse => Modifier::BOLD.union(Modifier::UNDERLINED),
            Role::StatusError | Role::PhaseHeld => Modifier::BOLD.union(Modifier::REVERSED),
            _ => Modifier::empty(),
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use ratatui::style::Color;

    #[test]
    fn every_built_in_theme_is_valid_and_gives_the_variants_different_colours() {
        for name in names() {
            let theme = load(name).unwrap();
            assert_eq!(theme.name(), name);
            let pairs = [
                (Role::VariantA, Role::VariantB),
                (Role::DeltaBetter, Role::DeltaWorse),
                (Role::LatencyP50, Role::LatencyP95),
                (Role::LatencyP50, Role::LatencyP99),
                (Role::Text, Role::StatusError),
            ];
            for depth in [
                ColorDepth::TrueColor,
                ColorDepth::Indexed256,
                ColorDepth::Ansi16,
            ] {
                let fitted = theme.fitted(depth);
                for (one, other) in pairs {
                    assert_ne!(
                        fitted.style(one),
                        fitted.style(other),
                        "{name} {depth:?} {one:?} {other:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn without_colour_nothing_is_coloured_and_errors_still_stand_out() {
        let bare = load("dark").unwrap().fitted(ColorDepth::None);
        for role in Role::ALL {
            let style = bare.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert_ne!(bare.style(Role::StatusError), bare.style(Role::Text));
        assert_ne!(bare.style(Role::DeltaWorse), bare.style(Role::DeltaBetter));
    }

    #[test]
    fn the_colour_blind_theme_has_the_okabe_ito_pair() {
        let theme = load("colorblind").unwrap();
        assert_eq!(theme.name(), "colorblind-dark");
        assert_eq!(
            theme.style(Role::VariantA).fg,
            Some(Color::Rgb(0x56, 0xb4, 0xe9))
        );
        assert_eq!(
            theme.style(Role::VariantB).fg,
            Some(Color::Rgb(0xe6, 0x9f, 0x00))
        );
    }

    #[test]
    fn the_cycle_begins_with_the_chosen_theme_and_has_no_theme_twice() {
        let cycle = cycle(load("light").unwrap());
        let cycled: Vec<&str> = cycle.iter().map(Theme::name).collect();
        assert_eq!(cycled[..2], ["light", "colorblind-light"]);
        assert_eq!(cycled.len(), names().len());
    }

    #[test]
    fn themes_for_another_ground_come_last() {
        for name in names() {
            let chosen = load(name).unwrap();
            let (ground, cycle) = (chosen.is_for_light(), cycle(chosen));
            let others = cycle.iter().map(Theme::is_for_light);
            let foreign: Vec<bool> = others
                .map(|other| ground.zip(other).is_some_and(|(this, other)| this != other))
                .collect();
            assert!(foreign.is_sorted(), "{name} {foreign:?}");
            let named = |light: &str| name.ends_with(light);
            let known = ground.map(|light| light == (named("light") || name == "light"));
            assert_ne!(known, Some(false), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let message = load("darkk").unwrap_err().to_string();
        assert!(
            message.contains("darkk") && message.contains("dark, light, high-contrast"),
            "{message}"
        );
        assert!(
            load("/no/such/theme.toml")
                .unwrap_err()
                .to_string()
                .contains("/no/such/theme.toml")
        );
    }

    #[test]
    fn the_background_decides_between_dark_and_light() {
        let with = |value: &'static str| {
            automatic(&move |name| (name == "COLORFGBG").then(|| value.to_owned()))
        };
        assert_eq!(
            (with("15;0"), with("0;15"), with("0;default;7")),
            ("dark", "light", "light")
        );
        assert_eq!(automatic(&|_| None), "dark");
    }
}
