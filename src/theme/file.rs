//! The theme file: TOML with an optional `[palette]`, an optional `inherits`, and a style for each role or group of roles.
//!
//! ```toml
//! inherits = "dark"
//! variant = { modifiers = ["bold"] }       # a group: variant.a and variant.b, unless they are given
//! "variant.a" = "sky"                      # a colour of the palette
//! "status.error" = { fg = "#ff5555", bg = "reset", modifiers = ["bold"] }
//!
//! [palette]
//! sky = "#56b4e9"
//! ```
//!
//! Everything in the file is checked, also what no role uses. An error names the file, the line, the key and what is allowed.

use super::definitions::{Definitions, Written};
use super::{Role, ThemeError};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads `source`; `library` gives the source of a theme that can be inherited.
pub(super) fn read(
    file: &str,
    source: &str,
    library: &dyn Fn(&str) -> Option<&'static str>,
) -> Result<Definitions, ThemeError> {
    Reader {
        file,
        source,
        library,
    }
    .read(0)
}

struct Reader<'a> {
    file: &'a str,
    source: &'a str,
    library: &'a dyn Fn(&str) -> Option<&'static str>,
}

type Entry<'t, 's> = (
    &'t Spanned<std::borrow::Cow<'s, str>>,
    &'t Spanned<DeValue<'s>>,
);

impl Reader<'_> {
    /// `generation` counts the heirs, so that themes that inherit each other end in an error.
    fn read(&self, generation: usize) -> Result<Definitions, ThemeError> {
        let parsed = DeTable::parse(self.source).map_err(|e| {
            self.error(
                e.span().map_or(0, |span| span.start),
                e.message().to_owned(),
            )
        })?;
        let table = parsed.get_ref();
        let mut definitions = match find(table, "inherits") {
            Some((_, value)) => self.parent(value, generation)?,
            None => Definitions::default(),
        };
        if let Some((_, value)) = find(table, "palette") {
            self.palette(value, &mut definitions.palette)?;
        }
        let roles = table
            .iter()
            .filter(|(key, _)| !matches!(key.get_ref().as_ref(), "inherits" | "palette"));
        for entry in roles {
            self.role("", entry, &mut definitions)?;
        }
        Ok(definitions)
    }

    fn parent(
        &self,
        value: &Spanned<DeValue<'_>>,
        generation: usize,
    ) -> Result<Definitions, ThemeError> {
        let at = value.span().start;
        let name = self.string("inherits", value)?;
        let source = (self.library)(name).ok_or_else(|| {
            let known = super::names().join(", ");
            self.error(
                at,
                format!("inherits: there is no theme \"{name}\"; known are {known}"),
            )
        })?;
        if generation > 4 {
            return Err(self.error(at, "inherits: these themes inherit each other".to_owned()));
        }
        Reader {
            file: name,
            source,
            library: self.library,
        }
        .read(generation + 1)
    }

    fn palette(
        &self,
        value: &Spanned<DeValue<'_>>,
        palette: &mut BTreeMap<String, Color>,
    ) -> Result<(), ThemeError> {
        let table = value.get_ref().as_table().ok_or_else(|| {
            self.error(
                value.span().start,
                "palette: must be a table of colours".to_owned(),
            )
        })?;
        for (key, value) in table {
            let key = key.get_ref().as_ref();
            let text = self.string(&format!("palette.{key}"), value)?;
            let colour = Color::from_str(text).map_err(|_| {
                self.error(
                    value.span().start,
                    format!("palette.{key}: \"{text}\" is no colour; {COLOURS}"),
                )
            })?;
            palette.insert(key.to_owned(), colour);
        }
        Ok(())
    }

    /// One entry: a role's style, or a table of roles.
    fn role(
        &self,
        prefix: &str,
        (key, value): Entry<'_, '_>,
        into: &mut Definitions,
    ) -> Result<(), ThemeError> {
        let name = format!("{prefix}{}", key.get_ref());
        if let Some(table) = value.get_ref().as_table()
            && !table
                .keys()
                .any(|k| matches!(k.get_ref().as_ref(), "fg" | "bg" | "modifiers"))
        {
            if table.is_empty()
                || !Role::ALL
                    .iter()
                    .any(|r| r.name().starts_with(&format!("{name}.")))
            {
                return Err(self.unknown_role(key.span().start, &name));
            }
            return table
                .iter()
                .try_for_each(|entry| self.role(&format!("{name}."), entry, into));
        }
        if !Role::is_key(&name) {
            return Err(self.unknown_role(key.span().start, &name));
        }
        let written = self.style(&name, value, &into.palette)?;
        into.styles.insert(name, written);
        Ok(())
    }

    fn unknown_role(&self, at: usize, name: &str) -> ThemeError {
        let nearest = Role::ALL
            .iter()
            .map(|role| (strsim::jaro_winkler(role.name(), name), role.name()))
            .max_by(|one, other| one.0.total_cmp(&other.0))
            .filter(|(likeness, _)| *likeness > 0.75)
            .map(|(_, nearest)| format!("did you mean \"{nearest}\"? "))
            .unwrap_or_default();
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        self.error(
            at,
            format!(
                "\"{name}\" is no role; {nearest}Roles are {}",
                all.join(", ")
            ),
        )
    }

    fn style(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        palette: &BTreeMap<String, Color>,
    ) -> Result<Written, ThemeError> {
        let mut written = Written::default();
        let Some(table) = value.get_ref().as_table() else {
            written.fg = Some(self.colour(name, value, palette)?);
            return Ok(written);
        };
        for (key, value) in table {
            let full = format!("{name}.{}", key.get_ref());
            match key.get_ref().as_ref() {
                "fg" => written.fg = Some(self.colour(&full, value, palette)?),
                "bg" => written.bg = Some(self.colour(&full, value, palette)?),
                "modifiers" => written.modifiers = self.modifiers(&full, value)?,
                _ => {
                    let what = format!("{full}: a style has fg, bg and modifiers, nothing else");
                    return Err(self.error(key.span().start, what));
                }
            }
        }
        Ok(written)
    }

    fn colour(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        palette: &BTreeMap<String, Color>,
    ) -> Result<String, ThemeError> {
        let text = self.string(name, value)?;
        if palette.contains_key(text) || Color::from_str(text).is_ok() {
            return Ok(text.to_owned());
        }
        let own: Vec<&str> = palette.keys().map(String::as_str).collect();
        let own = if own.is_empty() {
            String::new()
        } else {
            format!(", or a name of the palette ({})", own.join(", "))
        };
        Err(self.error(
            value.span().start,
            format!("{name}: \"{text}\" is no colour; {COLOURS}{own}"),
        ))
    }

    fn modifiers(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<Modifier, ThemeError> {
        let list = value.get_ref().as_array().ok_or_else(|| {
            self.error(
                value.span().start,
                format!("{name}: must be a list such as [\"bold\"]"),
            )
        })?;
        let mut modifiers = Modifier::empty();
        for item in list {
            let text = self.string(name, item)?;
            modifiers |= match text {
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "italic" => Modifier::ITALIC,
                "underlined" => Modifier::UNDERLINED,
                "reversed" => Modifier::REVERSED,
                _ => {
                    let what = format!(
                        "{name}: \"{text}\" is no modifier; there are bold, dim, italic, underlined, reversed"
                    );
                    return Err(self.error(item.span().start, what));
                }
            };
        }
        Ok(modifiers)
    }

    fn string<'v>(
        &self,
        name: &str,
        value: &'v Spanned<DeValue<'_>>,
    ) -> Result<&'v str, ThemeError> {
        value.get_ref().as_str().ok_or_else(|| {
            let found = value.get_ref().type_str();
            self.error(
                value.span().start,
                format!("{name}: must be a string in quotes, not {found}"),
            )
        })
    }

    fn error(&self, at: usize, what: String) -> ThemeError {
        let before = self.source.get(..at).unwrap_or(self.source);
        ThemeError::Line {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            what,
        }
    }
}

/// The colours that can be written.
const COLOURS: &str = "write \"#rrggbb\", a terminal colour such as \"blue\" or \"lightred\", a number from \"0\" to \"255\", or \"reset\"";

fn find<'t, 's>(table: &'t DeTable<'s>, name: &str) -> Option<Entry<'t, 's>> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

#[cfg(test)]
mod tests {

    use super::super::{Role, parse};
    use ratatui::style::{Color, Modifier};

    /// The message of the error in `source`.
    fn complaint(source: &str) -> String {
        parse("my.toml", source).unwrap_err().to_string()
    }

    #[test]
    fn roles_take_their_own_style_then_that_of_their_group_then_none() {
        let theme = parse(
            "themes/my.toml",
            "variant = { modifiers = [\"bold\", \"dim\"] }\n\"variant.a\" = \"sky\"\nlatency = { p50 = \"red\", p99 = { bg = \"4\" } }\n[palette]\nsky = \"#010203\"",
        )
        .unwrap();
        assert_eq!(theme.name(), "my");
        assert_eq!(theme.style(Role::VariantA).fg, Some(Color::Rgb(1, 2, 3)));
        let b = theme.style(Role::VariantB);
        assert_eq!(
            (b.fg, b.add_modifier),
            (None, Modifier::BOLD | Modifier::DIM)
        );
        assert_eq!(theme.style(Role::LatencyP50).fg, Some(Color::Red));
        assert_eq!(theme.style(Role::LatencyP99).bg, Some(Color::Indexed(4)));
        let ok = theme.style(Role::StatusOk);
        assert_eq!(
            (ok.fg, ok.bg, ok.add_modifier),
            (None, None, Modifier::empty())
        );
    }

    #[test]
    fn an_heir_changes_roles_and_the_palette_they_use() {
        let heir = parse(
            "h.toml",
            "inherits = \"dark\"\nkey = \"lightred\"\n[palette]\nblue = \"#000001\"",
        )
        .unwrap();
        let dark = super::super::load("dark").unwrap();
        assert_eq!(heir.style(Role::Key).fg, Some(Color::LightRed));
        assert_eq!(heir.style(Role::VariantA).fg, Some(Color::Rgb(0, 0, 1)));
        assert_eq!(heir.style(Role::VariantB), dark.style(Role::VariantB));
    }

    #[test]
    fn errors_name_file_line_key_and_what_is_allowed() {
        let cases = [
            (
                "\n\"latency.p98\" = \"red\"",
                [
                    "line 2",
                    "\"latency.p98\" is no role",
                    "did you mean \"latency.p9",
                ],
            ),
            (
                "latency = { p98 = \"red\" }",
                ["line 1", "\"latency.p98\" is no role", "text.muted"],
            ),
            (
                "nonsense = {}",
                ["line 1", "\"nonsense\" is no role", "Roles are text"],
            ),
            (
                "text = \"blu\"\n[palette]\nnavy = \"blue\"",
                ["line 1", "text: \"blu\" is no colour", "(navy)"],
            ),
            (
                "[palette]\nx = \"#12\"",
                ["line 2", "palette.x: \"#12\"", "#rrggbb"],
            ),
            ("palette = 3", ["line 1", "palette: must be a table", ""]),
            (
                "text = 3",
                ["line 1", "text: must be a string in quotes", "integer"],
            ),
            (
                "text = { fg = \"red\", under = 1 }",
                ["line 1", "text.under", "fg, bg and modifiers"],
            ),
            (
                "text = { modifiers = \"bold\" }",
                ["line 1", "text.modifiers", "a list"],
            ),
            (
                "text = { modifiers = [\"blink\"] }",
                ["line 1", "\"blink\" is no modifier", "reversed"],
            ),
            (
                "inherits = \"solar\"",
                ["line 1", "no theme \"solar\"", "dark, light, high-contrast"],
            ),
            ("text = \n", ["line 1", "my.toml", ""]),
        ];
        for (source, parts) in cases {
            let message = complaint(source);
            for part in parts.into_iter().chain(["my.toml"]) {
                assert!(
                    message.contains(part),
                    "{source:?} gave {message:?}, without {part:?}"
                );
            }
        }
    }

    #[test]
    fn themes_that_inherit_each_other_end_in_an_error() {
        let library = |_: &str| Some("inherits = \"again\"");
        let error = super::read("my.toml", "inherits = \"again\"", &library).unwrap_err();
        assert!(error.to_string().contains("inherit each other"), "{error}");
    }
}
