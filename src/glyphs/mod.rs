//! Which signs can be shown: braille dots, block elements, or ASCII alone; and what stands for the others.
//!
//! Everything is written with the richest signs. What a terminal or a file cannot have is replaced at the very end, sign by
//! sign and column by column, so that no view and no text can forget it and nothing moves.

mod ascii;
mod dots;

pub use ascii::ascii;
pub use dots::{Curve, block, shape, thinned};

use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// The signs that can be shown, from the fewest to all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// One ASCII character a column.
    Ascii,
    /// All but braille: curves are drawn with quarters of a cell.
    Block,
    /// All.
    #[default]
    Braille,
}

/// What the terminal can show: what was `wanted`, else what locale and terminal say. `env` looks up one environment variable.
///
/// The fonts of the Linux console have neither braille nor all blocks. A locale that is not set at all says nothing, and
/// UTF-8 is what nearly all terminals take.
pub fn detect(wanted: Option<Glyphs>, env: &dyn Fn(&str) -> Option<String>) -> Glyphs {
    let poor = matches!(env("TERM").as_deref(), Some("dumb" | "linux"));
    match for_text(wanted, env) {
        Glyphs::Braille if poor && wanted.is_none() => Glyphs::Ascii,
        glyphs => glyphs,
    }
}

/// What text in a pipe or a log may have: what was `wanted`, else what the locale says, whatever the terminal.
pub fn for_text(wanted: Option<Glyphs>, env: &dyn Fn(&str) -> Option<String>) -> Glyphs {
    let locale = || {
        ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(env)
            .find(|value| !value.is_empty())
    };
    wanted.unwrap_or_else(|| match locale() {
        Some(locale) if !cfg!(windows) && !is_utf8(&locale) => Glyphs::Ascii,
        _ => Glyphs::Braille,
    })
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Signs for which ASCII takes two columns: their own, and that of the space which always follows them. One character would
/// say something else.
pub const TWO_COLUMNS: [(char, &str); 2] = [('≥', ">="), ('≤', "<=")];

impl Glyphs {
    /// `text` with these signs, as many columns wide as before.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        if self == Glyphs::Braille || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        if self == Glyphs::Block {
            return Cow::Owned(text.chars().map(|c| block(c).unwrap_or(c)).collect());
        }
        let mut fitted = String::with_capacity(text.len());
        let mut text = text.replace(" · ", " | ");
        for (sign, two) in TWO_COLUMNS {
            text = text.replace(&format!("{sign} "), two);
        }
        for c in text.chars() {
            match ascii(c) {
                Some(sign) => fitted.push(sign),
                None => fitted.extend((0..c.width().unwrap_or(0)).map(|_| '?')),
            }
        }
        Cow::Owned(fitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(wanted: Option<Glyphs>, vars: &[(&str, &str)]) -> (Glyphs, Glyphs) {
        let env = |name: &str| {
            let found = vars.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        (detect(wanted, &env), for_text(wanted, &env))
    }

    #[test]
    fn the_locale_decides_and_the_first_that_is_set_counts() {
        use Glyphs::{Ascii, Braille};
        for (vars, glyphs) in [
            (&[("LANG", "en_US.UTF-8")][..], Braille),
            (&[("LANG", "C.utf8")], Braille),
            (&[("LANG", "de_DE.ISO-8859-1")], Ascii),
            (&[("LANG", "C")], Ascii),
            (&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")], Ascii),
            (&[("LC_CTYPE", "en_US.UTF-8"), ("LANG", "C")], Braille),
            (&[("LC_ALL", ""), ("LANG", "C")], Ascii),
            (&[], Braille),
        ] {
            assert_eq!(detected(None, vars), (glyphs, glyphs), "{vars:?}");
        }
    }

    #[test]
    fn a_poor_terminal_gets_ascii_and_a_pipe_does_not_care() {
        for term in ["linux", "dumb"] {
            let vars = [("TERM", term), ("LANG", "C.UTF-8")];
            assert_eq!(detected(None, &vars), (Glyphs::Ascii, Glyphs::Braille));
        }
    }

    #[test]
    fn what_was_asked_for_is_given() {
        for wanted in [Glyphs::Ascii, Glyphs::Block, Glyphs::Braille] {
            let vars = [("TERM", "dumb"), ("LANG", "C")];
            assert_eq!(detected(Some(wanted), &vars), (wanted, wanted));
        }
    }

    #[test]
    fn text_keeps_its_columns() {
        let text = "A · p99 ≥ 3.70 s  −97.7 %  12 µs  — (−93.3 … −92.6 %)  4.5 ×  日本";
        assert_eq!(
            Glyphs::Ascii.text(text),
            "A | p99 >=3.70 s  -97.7 %  12 us  - (-93.3 ~ -92.6 %)  4.5 x  ????"
        );
        assert_eq!(Glyphs::Braille.text(text), text);
        assert_eq!(Glyphs::Block.text("⠒⣀ µs"), "━▁ µs");
        assert_eq!(
            Glyphs::Ascii.text("of ≥ 6, > 30 s, ≤ 5"),
            "of >=6, > 30 s, <=5"
        );
        assert_eq!(Glyphs::Ascii.text("cafe\u{301} naïve"), "cafe naive");
    }
}
