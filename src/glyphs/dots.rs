//! What stands for the 2 × 4 dots of a braille cell: quarters of the cell, or one ASCII character.

/// The dots of the left half of a braille cell from the top down; those of the right half follow three bits later, but for
/// the lowest.
const LEFT: [u8; 4] = [0x01, 0x02, 0x04, 0x40];
const RIGHT: [u8; 4] = [0x08, 0x10, 0x20, 0x80];

/// Which quarters are filled: 1 upper left, 2 upper right, 4 lower left, 8 lower right.
const QUARTERS: [char; 16] = [
    ' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█',
];

/// The curves that must be told apart where there is neither colour nor a thin line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// p50, A and whatever stands alone: a line, as finely as characters allow.
    First,
    /// p95 and B: rings.
    Second,
    /// p99: dots.
    Third,
}

impl Curve {
    /// What the curve is drawn with where there is no colour, as a legend shows it.
    pub fn line(self) -> char {
        match self {
            Curve::First => '─',
            Curve::Second => '╌',
            Curve::Third => '┈',
        }
    }

    /// What the curve is drawn with in ASCII, as a legend shows it.
    pub fn sign(self) -> char {
        match self {
            Curve::First => '-',
            Curve::Second => 'o',
            Curve::Third => ':',
        }
    }
}

/// The dots of a braille character.
fn dots(c: char) -> Option<u8> {
    u32::from(c).checked_sub(0x2800)?.try_into().ok()
}

/// The cell in column `x` as it is where curves have no colours: whole for the first, with a gap after three dots for the
/// second, with one after each dot for the third. Nothing vanishes: dots in one half alone stay, and so does what is filled.
pub fn thinned(c: char, curve: Curve, x: usize) -> Option<char> {
    let all = dots(c)?;
    let left = all & 0x47;
    let gap = match curve {
        Curve::First => false,
        Curve::Second => x % 2 == 1,
        Curve::Third => true,
    };
    if gap && left != 0 && all.count_ones() <= 4 {
        char::from_u32(0x2800 + u32::from(left))
    } else {
        Some(c)
    }
}

/// Rows of dots across the whole cell, as bits from the top down, and what is as high as they are. Two lines stay two.
const LEVELS: [(u8, char); 11] = [
    (0b0001, '▔'),
    (0b0010, '━'),
    (0b0100, '━'),
    (0b1000, '▁'),
    (0b0110, '━'),
    (0b0101, '═'),
    (0b1001, '═'),
    (0b1010, '═'),
    (0b0011, '▀'),
    (0b1100, '▄'),
    (0b1110, '▆'),
];

/// The block element most like the dots of a braille character; `None` for what is no braille.
pub fn block(c: char) -> Option<char> {
    let dots = dots(c)?;
    let [left, right] = [LEFT, RIGHT].map(|half| {
        let rows = half.into_iter().enumerate();
        rows.fold(0, |all, (row, dot)| all | u8::from(dots & dot != 0) << row)
    });
    let level = LEVELS.iter().find(|(rows, _)| [left, right] == [*rows; 2]);
    if let Some((_, sign)) = level {
        return Some(*sign);
    }
    let has = |mask: u8| usize::from(dots & mask != 0);
    let quarters = has(0x03) | has(0x18) << 1 | has(0x44) << 2 | has(0xa0) << 3;
    QUARTERS.get(quarters).copied()
}

/// The ASCII character most like the dots of a braille character; `None` for what is no braille.
pub fn shape(c: char, curve: Curve) -> Option<char> {
    let dots = dots(c)?;
    let (left, right) = (rows(dots, LEFT), rows(dots, RIGHT));
    let many = dots.count_ones() >= 6;
    // The mean row, from 0 at the top to 3.
    let mean = |(n, sum): (u32, u32)| sum as f32 / n as f32;
    let both = (left.0 + right.0, left.1 + right.1);
    if both.0 == 0 {
        return Some(' ');
    }
    let height = mean(both);
    Some(match curve {
        Curve::Second if many => '@',
        Curve::Second => 'o',
        Curve::Third if height < 1.0 => '\'',
        Curve::Third if height > 2.0 => '.',
        Curve::Third => ':',
        Curve::First if many => '#',
        Curve::First if left.0 == 0 || right.0 == 0 => match both.0 {
            1 if height < 1.0 => '\'',
            1 if height > 2.0 => '.',
            1 => '-',
            _ => '|',
        },
        Curve::First if mean(left) - mean(right) >= 1.5 => '/',
        Curve::First if mean(right) - mean(left) >= 1.5 => '\\',
        Curve::First if both.0 >= 4 => '=',
        Curve::First if height < 0.75 => '"',
        Curve::First if height > 2.25 => '_',
        Curve::First => '-',
    })
}

/// How many dots a half of a cell has, and the sum of their rows.
fn rows(dots: u8, half: [u8; 4]) -> (u32, u32) {
    let mut found = (0, 0);
    for (row, dot) in (0..).zip(half) {
        if dots & dot != 0 {
            found = (found.0 + 1, found.1 + row);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(with: impl Fn(char) -> Option<char>, braille: &str) -> String {
        braille.chars().filter_map(with).collect()
    }

    #[test]
    fn quarters_are_where_the_dots_are() {
        assert_eq!(drawn(block, "⠁⠈⡀⢀⡇⢸⠑⢄⠊⡠⣿⠀"), "▘▝▖▗▌▐▀▄▀▄█ ");
        assert_eq!(drawn(block, "⢁⡈⣇⣸⠟"), "▚▞▙▟▛");
        assert_eq!(drawn(block, "⠉⠒⠤⣀⣒⣤⣶⠛"), "▔━━▁═▄▆▀");
        assert_eq!((block('x'), block('⟿'), block('⤀')), (None, None, None));
    }

    #[test]
    fn a_line_has_its_shape_and_curves_their_own() {
        let curve = |curve| move |c| shape(c, curve);
        let rising = "⣀⠤⠒⠉⡠⠊⢸⡇⠁⡀⣿⣤";
        assert_eq!(drawn(curve(Curve::First), rising), "_--\"_\"||'.#=");
        assert_eq!(drawn(curve(Curve::First), "⡈⢁⡜⢣"), "/\\/\\");
        assert_eq!(drawn(curve(Curve::Second), rising), "oooooooooo@o");
        assert_eq!(drawn(curve(Curve::Third), rising), ".::'.'::'.:.");
        assert_eq!(shape('─', Curve::First), None);
    }

    #[test]
    fn without_colour_a_curve_has_gaps_and_nothing_vanishes() {
        let line = |curve| {
            let cells = "⣀⣀⠤⠒⢸⣿".chars().enumerate();
            let cells = cells.filter_map(|(x, c)| thinned(c, curve, x));
            cells.collect::<String>()
        };
        assert_eq!(line(Curve::First), "⣀⣀⠤⠒⢸⣿");
        assert_eq!(line(Curve::Second), "⣀⡀⠤⠂⢸⣿");
        assert_eq!(line(Curve::Third), "⡀⡀⠄⠂⢸⣿");
    }

    #[test]
    fn whatever_the_dots_the_answer_is_one_sign() {
        for c in '\u{2800}'..='\u{28ff}' {
            for curve in [Curve::First, Curve::Second, Curve::Third] {
                let sign = shape(c, curve).unwrap();
                assert!(sign.is_ascii() && (sign == ' ') == (c == '\u{2800}'));
            }
            assert_eq!(block(c).unwrap() == ' ', c == '\u{2800}');
        }
    }
}
