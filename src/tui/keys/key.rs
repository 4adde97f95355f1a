//! A key: how the configuration file writes it, how a terminal reports it, how the screen calls it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with what is held down beside it.
///
/// Written `q`, `Q`, `?`, `space`, `f5`, `up`, `shift-up`, `ctrl-x`, `alt-enter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Keys that have a name, with what the screen calls them.
const NAMED: [(&str, KeyCode, &str); 15] = [
    ("space", KeyCode::Char(' '), "space"),
    ("tab", KeyCode::Tab, "Tab"),
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("pageup", KeyCode::PageUp, "PgUp"),
    ("pagedown", KeyCode::PageDown, "PgDn"),
    ("insert", KeyCode::Insert, "Ins"),
    ("delete", KeyCode::Delete, "Del"),
    ("backspace", KeyCode::Backspace, "Backspace"),
];

/// What can be held down, with what the screen calls it.
const HELD: [(&str, KeyModifiers, &str); 3] = [
    ("ctrl-", KeyModifiers::CONTROL, "Ctrl-"),
    ("alt-", KeyModifiers::ALT, "Alt-"),
    ("shift-", KeyModifiers::SHIFT, "Shift-"),
];

impl Key {
    /// The key that is written so; `None` for one that there is not.
    pub fn parse(written: &str) -> Option<Key> {
        let mut rest = written;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((prefix, held, _)) = HELD
            .into_iter()
            .find(|(prefix, held, _)| rest.starts_with(prefix) && !modifiers.contains(*held))
        {
            rest = &rest[prefix.len()..];
            modifiers |= held;
        }
        let named = NAMED.iter().find(|(name, ..)| *name == rest);
        let mut single = rest.chars();
        let code = match (named, single.next(), single.next()) {
            (Some((_, code, _)), ..) => *code,
            (None, Some(c), None) if !c.is_control() && !c.is_whitespace() => KeyCode::Char(c),
            _ => KeyCode::F(
                rest.strip_prefix('f')
                    .and_then(|number| number.parse().ok())
                    .filter(|number| (1..=12).contains(number))?,
            ),
        };
        // Shift is part of the character: `Q`, not `shift-q`.
        let shifted_letter = matches!(code, KeyCode::Char(c) if c != ' ');
        if shifted_letter && modifiers.contains(KeyModifiers::SHIFT) {
            return None;
        }
        // A terminal sends Tab, Enter, Esc, Backspace for these, and knows no capitals with Ctrl.
        let control = modifiers.contains(KeyModifiers::CONTROL);
        let same = matches!(code, KeyCode::Char(c) if "ijmh[".contains(c) || c.is_uppercase());
        if control && same {
            return None;
        }
        Some(Key { code, modifiers })
    }

    /// The key that a terminal reports.
    pub fn pressed(event: &KeyEvent) -> Key {
        let all = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let mut modifiers = event.modifiers & all;
        let code = match event.code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            code @ KeyCode::Char(_) => {
                modifiers -= KeyModifiers::SHIFT;
                code
            }
            code => code,
        };
        Key { code, modifiers }
    }

    /// What the screen calls it.
    pub fn label(self) -> String {
        let held: String = HELD
            .into_iter()
            .filter(|(_, held, _)| self.modifiers.contains(*held))
            .map(|(_, _, label)| label)
            .collect();
        let named = NAMED.iter().find(|(_, code, _)| *code == self.code);
        let name = match (named, self.code) {
            (Some((_, _, label)), _) => (*label).to_owned(),
            (None, KeyCode::Char(c)) => c.to_string(),
            (None, KeyCode::F(number)) => format!("F{number}"),
            (None, _) => String::new(),
        };
        held + &name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_pressed() {
        let event = |code, modifiers| Key::pressed(&KeyEvent::new(code, modifiers));
        for (written, code, modifiers, label) in [
            ("q", KeyCode::Char('q'), KeyModifiers::NONE, "q"),
            // Terminals report a capital with Shift, or without.
            ("Q", KeyCode::Char('Q'), KeyModifiers::SHIFT, "Q"),
            ("Q", KeyCode::Char('Q'), KeyModifiers::NONE, "Q"),
            ("?", KeyCode::Char('?'), KeyModifiers::SHIFT, "?"),
            ("-", KeyCode::Char('-'), KeyModifiers::NONE, "-"),
            (
                "ctrl--",
                KeyCode::Char('-'),
                KeyModifiers::CONTROL,
                "Ctrl--",
            ),
            ("f", KeyCode::Char('f'), KeyModifiers::NONE, "f"),
            ("f12", KeyCode::F(12), KeyModifiers::NONE, "F12"),
            ("space", KeyCode::Char(' '), KeyModifiers::NONE, "space"),
            (
                "shift-tab",
                KeyCode::BackTab,
                KeyModifiers::NONE,
                "Shift-Tab",
            ),
            (
                "shift-tab",
                KeyCode::BackTab,
                KeyModifiers::SHIFT,
                "Shift-Tab",
            ),
            ("shift-up", KeyCode::Up, KeyModifiers::SHIFT, "Shift-↑"),
            (
                "ctrl-alt-x",
                KeyCode::Char('x'),
                KeyModifiers::CONTROL.union(KeyModifiers::ALT),
                "Ctrl-Alt-x",
            ),
        ] {
            let key = Key::parse(written);
            assert_eq!(key, Some(event(code, modifiers)), "{written}");
            assert_eq!(key.map(Key::label).as_deref(), Some(label));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for written in [
            "",
            "qq",
            "shift-q",
            "ctrl-",
            "f0",
            "f13",
            "ctrl-ctrl-x",
            "ctrl-i",
            "ctrl-m",
            "ctrl-C",
            "Tab",
            " ",
            "\u{7}",
        ] {
            assert_eq!(Key::parse(written), None, "{written:?}");
        }
    }
}
