//! What is written for the eye, in words for the ear: ASCII alone, units and signs spelt out.

use crate::glyphs::Glyphs;

/// The most characters of a line.
const LINE: usize = 180;

/// `text` in words: `12 ms` is `12 milliseconds`, `(−93.3 … −92.6 %)` is `(minus 93.3 to minus 92.6 percent)`.
pub fn spoken(text: &str) -> String {
    let text = text.replace(" · ", ", ").replace(" — ", ", ");
    let mut said: Vec<String> = Vec::new();
    let mut before_bare = "";
    for word in text.split_whitespace() {
        let core = word.trim_start_matches('(');
        let before = &word[..word.len() - core.len()];
        let bare = core.trim_end_matches([')', ',', ';', ':', '.', '…']);
        let after = Glyphs::Ascii.text(&core[bare.len()..]).replace('~', "...");
        said.push(match bare {
            // Dots between two figures.
            "" if core == "…" => "to".to_owned(),
            // What is short for one thing is several in words.
            "is" if before_bare == "RPS" => format!("{before}are{after}"),
            "s" | "ms" | "µs" | "min" | "h" if before_bare == "1" => {
                format!("{before}{}{after}", word_for(bare).trim_end_matches('s'))
            }
            _ => format!("{before}{}{after}", word_for(bare)),
        });
        before_bare = bare;
    }
    said.join(" ")
}

/// The word for a unit, a name, a sign or a figure; other words as they are.
fn word_for(bare: &str) -> String {
    let known = match bare {
        "µs" => "microseconds",
        "ms" => "milliseconds",
        "s" => "seconds",
        "min" => "minutes",
        "h" => "hours",
        "%" => "percent",
        "pp" => "percentage points",
        "p50" => "median",
        "p90" => "90th percentile",
        "p95" => "95th percentile",
        "p99" => "99th percentile",
        "p99.9" => "99.9th percentile",
        "RPS" | "req/s" => "requests per second",
        "×" => "times",
        "≥" => "at least",
        "≤" => "at most",
        ">" => "more than",
        "<" => "less than",
        "≈" => "about",
        "±" => "plus or minus",
        "—" => "no figure",
        "∞" => "beyond",
        "→" => "to",
        "=" => "is",
        "−" => "minus",
        _ => return sized(bare),
    };
    known.to_owned()
}

/// A word with a sign before it or a unit behind it, or one with nothing of the kind.
fn sized(bare: &str) -> String {
    let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    for (sign, said) in [
        ("−", "minus"),
        ("+", "plus"),
        ("≈", "about"),
        ("±", "plus or minus"),
        ("≥", "at least"),
        (">", "more than"),
    ] {
        if let Some(rest) = bare.strip_prefix(sign).filter(|rest| digit(rest)) {
            return format!("{said} {}", sized(rest));
        }
    }
    if let Some(number) = bare.strip_suffix('%').filter(|number| digit(number)) {
        return format!("{number} percent");
    }
    if let Some(status) = bare.strip_prefix("http_").filter(|status| digit(status)) {
        return format!("HTTP {status}");
    }
    // Underscores stay: they are in keys that somebody may want to type, and in addresses.
    let mut plain = Glyphs::Ascii.text(bare).into_owned();
    // What has no column, such as a control character, has no sound.
    plain.retain(|c| (' '..='~').contains(&c));
    plain
}

/// `line` in pieces that are not too long, cut between words; a word that is too long itself is cut off.
pub(super) fn lines(line: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let word = word.get(..LINE).unwrap_or(word);
        match lines.last_mut() {
            Some(last) if last.len() + 1 + word.len() <= LINE => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_units_are_words() {
        for (text, said) in [
            (
                "12 ms, 4.2 µs (30 s)",
                "12 milliseconds, 4.2 microseconds (30 seconds)",
            ),
            ("(−93.3 … −92.6 %)", "(minus 93.3 to minus 92.6 percent)"),
            ("B faster, 14 ×", "B faster, 14 times"),
            ("≥ 3.70 s", "at least 3.70 seconds"),
            (
                "collecting: 1 of at least 7 pairs (≈ 2 min)",
                "collecting: 1 of at least 7 pairs (about 2 minutes)",
            ),
            (
                "B's RPS is limited (267)",
                "B's requests per second are limited (267)",
            ),
            ("p99 · http_503 349", "99th percentile, HTTP 503 349"),
            ("RPS +347 %", "requests per second plus 347 percent"),
            ("has…", "has..."),
            (
                "a pool_idle, or max_connections 7",
                "a pool_idle, or max_connections 7",
            ),
            ("日本 café", "???? cafe"),
            ("a\u{1b}[2Jb", "a[2Jb"),
            ("—", "no figure"),
            ("1 s left, 1 ms", "1 second left, 1 millisecond"),
        ] {
            assert_eq!(spoken(text), said);
        }
    }

    #[test]
    fn long_lines_are_cut_between_words() {
        let long = "word ".repeat(100);
        let cut = lines(&long);
        assert!(
            cut.iter()
                .all(|line| line.len() <= LINE && line.ends_with("word"))
        );
        assert_eq!(cut.join(" "), long.trim_end());
        assert_eq!(lines(&"x".repeat(500)).concat().len(), LINE);
    }
}
