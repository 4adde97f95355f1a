//! How far two figures are apart, in the shape of the published table: improvement and calculation.

use crate::text;

/// Which direction is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better: rates.
    Higher,
    /// Less is better: latencies.
    Lower,
}

/// The difference between two figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// (B − A) / A × 100.
    pub change_pct: f64,
    /// In words, e.g. `B is 93.0 % lower, 14 × faster`.
    pub text: String,
    /// The arithmetic, e.g. `(224 − 50.2) / 50.2 × 100`.
    pub calculation: String,
}

/// Compares `b` with the baseline `a` (both in the same unit, not negative). `show` writes a figure for the calculation.
/// `None` if there is no ratio: A is zero or either is not finite.
///
/// "× faster" and "× the RPS" stand only beyond a factor of two, where percentages become hard to read.
pub fn difference(
    a: f64,
    b: f64,
    direction: Direction,
    show: impl Fn(f64) -> String,
) -> Option<Difference> {
    if !(a.is_finite() && b.is_finite() && a > 0.0 && b >= 0.0) {
        return None;
    }
    let change_pct = (b - a) / a * 100.0;
    let way = if change_pct > 0.0 { "higher" } else { "lower" };
    let mut words = if change_pct == 0.0 {
        "B is equal to A".to_owned()
    } else {
        format!("B is {} % {way}", text::figure(change_pct.abs()))
    };
    let of_what = match direction {
        Direction::Lower if b < a => Some("faster"),
        Direction::Lower => Some("slower"),
        Direction::Higher if b > a => Some("A's"),
        Direction::Higher => None,
    };
    words.extend(
        times(a, b)
            .zip(of_what)
            .map(|(times, of_what)| format!(", {times} {of_what}")),
    );
    let calculation = format!("({} − {}) / {} × 100", show(b), show(a), show(a));
    Some(Difference {
        change_pct,
        text: words,
        calculation,
    })
}

/// How many times the larger of two figures is the smaller: `14 ×`. `None` below a factor of two, where a percentage says it
/// better, and where there is no ratio.
pub fn times(a: f64, b: f64) -> Option<String> {
    let (least, most) = (a.min(b), a.max(b));
    let ratio = most / least;
    (least > 0.0 && ratio.is_finite() && ratio >= 2.0).then(|| format!("{} ×", text::ratio(ratio)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_table_comes_out_as_published() {
        let rps = difference(50.2, 224.0, Direction::Higher, text::figure).expect("a ratio");
        assert_eq!(text::change(rps.change_pct), "+346 %");
        assert_eq!(rps.calculation, "(224 − 50.2) / 50.2 × 100");
        assert_eq!(rps.text, "B is 346 % higher, 4.5 × A's");
        let changes: Vec<i64> = [(2_500.0, 74.0), (5_600.0, 250.0), (6_200.0, 330.0)]
            .map(|(a, b)| {
                difference(a, b, Direction::Lower, text::figure)
                    .expect("a ratio")
                    .change_pct
                    .round() as i64
            })
            .into();
        assert_eq!(changes, [-97, -96, -95]);
    }

    #[test]
    fn words_follow_the_direction() {
        let say = |a, b| {
            difference(a, b, Direction::Lower, text::figure)
                .expect("a ratio")
                .text
        };
        assert_eq!(say(100.0, 90.0), "B is 10.0 % lower");
        assert_eq!(say(100.0, 100.0), "B is equal to A");
        assert_eq!(say(3_560.0, 250.0), "B is 93.0 % lower, 14 × faster");
        assert_eq!(say(100.0, 200.0), "B is 100 % higher, 2.0 × slower");
    }

    #[test]
    fn without_a_ratio_there_is_no_difference_to_state() {
        assert_eq!(difference(0.0, 5.0, Direction::Higher, text::figure), None);
        assert_eq!(
            difference(f64::NAN, 5.0, Direction::Higher, text::figure),
            None
        );
        assert_eq!(
            difference(5.0, f64::INFINITY, Direction::Lower, text::figure),
            None
        );
    }
}
