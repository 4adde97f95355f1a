//! What stands for a sign where only ASCII can be shown: one character for one column.

/// The ASCII character for `c`, where one says the same; `None` for other scripts and for what has no width.
///
/// What means different things stays different: `+` ok, `!` worth knowing, `X` withheld; `x` failures; `:` the other variant.
pub fn ascii(c: char) -> Option<char> {
    match c {
        '\0'..='\u{7f}' => Some(c),
        '\u{2500}'..='\u{257f}' => Some(line(c)),
        '\u{2580}'..='\u{259f}' => Some(block(c)),
        _ => sign(c).or_else(|| word(c)).or_else(|| letter(c)),
    }
}

/// Signs that have a meaning of their own.
fn sign(c: char) -> Option<char> {
    Some(match c {
        '∞' | '▲' | '△' | '⚠' => '!',
        '✓' | '✔' => '+',
        '✗' | '✘' => 'X',
        '×' | '✕' => 'x',
        '↑' => '^',
        '↓' | '▼' | '▽' => 'v',
        '≥' | '→' | '›' | '»' | '►' | '▶' | '▸' => '>',
        '≤' | '←' | '‹' | '«' | '◄' | '◀' | '◂' => '<',
        '●' | '○' | '°' => 'o',
        '◆' | '◇' | '★' => '*',
        '■' | '□' | '▪' => '#',
        _ => return None,
    })
}

/// What stands in figures and between words.
fn word(c: char) -> Option<char> {
    Some(match c {
        '−' | '–' | '—' | '‐' | '‑' | '\u{ad}' => '-',
        'µ' | 'μ' => 'u',
        '…' | '≈' | '±' => '~',
        '·' | '•' => '.',
        '÷' => '/',
        '\u{a0}' | '\u{2009}' | '\u{202f}' | '⠀' => ' ',
        '‘' | '’' => '\'',
        '“' | '”' | '„' => '"',
        '²' => '2',
        '³' => '3',
        _ => return None,
    })
}

/// Frames, axes and marks: corners and crossings are `+`.
fn line(c: char) -> char {
    match c {
        '╎' | '╏' => ':',
        '╌' | '┄' | '┈' => '.',
        '╍' | '┅' | '┉' => '%',
        '━' | '╸' | '╺' | '═' => '=',
        '─' | '╴' | '╶' | '╼' | '╾' => '-',
        '│' | '┃' | '┆' | '┇' | '┊' | '┋' | '║' | '╵' | '╷' | '╹' | '╻' | '╽' | '╿' => {
            '|'
        }
        '╱' => '/',
        '╲' => '\\',
        _ => '+',
    }
}

/// Bars from below and from the left, and shades.
fn block(c: char) -> char {
    match c {
        '▁' => '_',
        '▂' | '▖' | '▗' => '.',
        '▃' | '▍' | '▎' => '-',
        '▄' | '▌' | '▋' | '▊' => '=',
        '▅' => '+',
        '▆' => '*',
        '▏' | '▐' | '▕' => '|',
        '▀' | '▔' => '"',
        '▘' | '▝' => '\'',
        '░' => ',',
        '▒' | '▓' => '%',
        _ => '#',
    }
}

/// A Latin letter without its accent.
fn letter(c: char) -> Option<char> {
    Some(match c {
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' | 'Ø' => 'O',
        'Ù'..='Ü' => 'U',
        'Ý' => 'Y',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ß' => 's',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_comes_the_answer_is_ascii() {
        let all = ('\0'..=char::MAX).filter_map(ascii);
        assert!(all.into_iter().all(|sign| sign.is_ascii()));
        assert_eq!((ascii('x'), ascii('日')), (Some('x'), None));
    }

    #[test]
    fn signs_that_mean_different_things_stay_different() {
        for group in ["✓▲✗×", "╎┊░▒█", "A─│╎·", "↑↓←→", "╌━", "░╎┊×"]
        {
            let mut signs: Vec<char> = group.chars().filter_map(ascii).collect();
            signs.sort_unstable();
            signs.dedup();
            assert_eq!(signs.len(), group.chars().count(), "{group}");
        }
    }
}
