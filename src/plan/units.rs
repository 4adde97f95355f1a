//! Times as people write them: `500ms`, `1.5s`, `2m`, and ranges of them, `500ms..1s`.
//!
//! What holds always: no input panics; a number without a unit is never guessed at; what [`setting`] writes, [`duration`]
//! reads back exactly.

use crate::text::{printable, setting};
use std::time::Duration;

/// The units, with their length in nanoseconds.
const UNITS: [(&str, u128); 6] = [
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// A time: a decimal number and a unit. The error says what would be right.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    if number.is_empty() {
        return Err(if text.starts_with('-') {
            "a time cannot be below zero".to_owned()
        } else {
            "must be a time: a number and a unit, such as 500ms or 10s".to_owned()
        });
    }
    if unit.is_empty() {
        return Err(format!("a time needs a unit: {number}s or {number}ms"));
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!(
            "unknown unit \"{}\"; units are us, ms, s, m and h, as in {number}s",
            printable(unit, 20)
        ));
    };
    let nanos = nanoseconds(number, *scale)
        .ok_or_else(|| "must be one number and one unit, such as 1.5s or 90s".to_owned())?;
    let seconds = u64::try_from(nanos / 1_000_000_000).map_err(|_| "is too long".to_owned())?;
    Ok(Duration::new(seconds, (nanos % 1_000_000_000) as u32))
}

/// A decimal number times `scale`, cut off below one nanosecond; `None` when it is not a number or far too large.
fn nanoseconds(number: &str, scale: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let mut nanos = if whole.is_empty() {
        0
    } else {
        whole.parse::<u128>().ok()?.checked_mul(scale)?
    };
    let mut place = scale;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        place /= 10;
        nanos = nanos.checked_add(u128::from(digit) * place)?;
    }
    Some(nanos)
}

/// A range of times, `LO..HI`, or one time for both ends.
pub(super) fn range(text: &str) -> Result<(Duration, Duration), String> {
    let Some((low, high)) = text.split_once("..") else {
        let both = duration(text)?;
        return Ok((both, both));
    };
    let end = |which: &str, text: &str| {
        duration(text).map_err(|problem| format!("the {which} end of the range: {problem}"))
    };
    let (low, high) = (end("low", low)?, end("high", high)?);
    if low > high {
        return Err(format!(
            "the range is upside down; write {}..{}",
            setting(high),
            setting(low)
        ));
    }
    Ok((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_have_a_number_and_a_unit() {
        for (text, us) in [
            ("250us", 250),
            ("250µs", 250),
            ("500ms", 500_000),
            ("1.5s", 1_500_000),
            (".5s", 500_000),
            ("0s", 0),
            ("2m", 120_000_000),
            ("1h", 3_600_000_000),
            (" 10 s ", 10_000_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_micros(us)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_says_what_would_be() {
        for (text, part) in [
            ("", "a number and a unit"),
            ("fast", "a number and a unit"),
            ("500", "500s or 500ms"),
            ("0", "needs a unit"),
            ("-1s", "below zero"),
            ("5 sec", "unknown unit \"sec\""),
            ("5S", "unknown unit"),
            ("1m30s", "unknown unit"),
            ("1.2.3s", "one number and one unit"),
            (".s", "one number and one unit"),
            ("99999999999999999999999h", "too long"),
            ("9999999999999999999999999999999999999999h", "one number"),
        ] {
            let problem = duration(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn ranges_go_upwards() {
        let ms = Duration::from_millis;
        assert_eq!(range("500ms..1s"), Ok((ms(500), ms(1_000))));
        assert_eq!(range("1s..1s"), Ok((ms(1_000), ms(1_000))));
        assert_eq!(range("750ms"), Ok((ms(750), ms(750))));
        for (text, part) in [
            ("1s..500ms", "upside down; write 500ms..1s"),
            ("500..1s", "low end of the range: a time needs a unit"),
            ("1s..", "high end"),
            ("1s..2s..3s", "high end"),
        ] {
            let problem = range(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), number in "[0-9.]{0,50}", unit in "(us|ms|s|m|h|µs|)") {
            let _ = duration(&text);
            let _ = range(&text);
            let _ = range(&format!("{number}{unit}..{number}{unit}"));
        }

        #[test]
        fn what_is_shown_is_read_back(nanos in 0..=2_592_000_000_000_000_u64, shift in 0..40_u32) {
            let time = Duration::from_nanos(nanos >> shift);
            prop_assert_eq!(duration(&setting(time)), Ok(time));
            let hours = Duration::from_secs(u64::from(shift) * 3_600);
            prop_assert_eq!(duration(&setting(hours)), Ok(hours));
        }

        #[test]
        fn ranges_are_read_back(low in 0..10_000_000_u64, width in 0..10_000_000_u64) {
            let (low, high) = (Duration::from_micros(low), Duration::from_micros(low + width));
            prop_assert_eq!(range(&format!("{}..{}", setting(low), setting(high))), Ok((low, high)));
        }
    }
}
