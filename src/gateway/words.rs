//! Times and shares inside the endpoint's settings, as they are read and written.
//!
//! What holds always: no text panics, and what is written is read back exactly.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The units of times, with their length in seconds.
const UNITS: [(&str, f64); 6] = [
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
];

/// What to write for a time, for errors.
pub(super) const TIME: &str = "a number and a unit (us, ms, s, m or h)";

/// A decimal number and a unit.
pub(super) fn time(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// A time in the form that [`time`] reads, to the nanosecond.
pub(super) fn shown(time: Duration) -> String {
    let nanos = time.as_nanos();
    let (unit, scale): (_, u128) = if nanos >= 1_000_000_000 || nanos == 0 {
        ("s", 1_000_000_000)
    } else if nanos >= 1_000_000 {
        ("ms", 1_000_000)
    } else {
        ("us", 1_000)
    };
    let digits = scale.ilog10() as usize;
    let number = format!("{}.{:0digits$}", nanos / scale, nanos % scale);
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number}{unit}")
}

/// A share of the requests, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Portion(f64);

/// A share that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a share: write 10% or 0.1, at least 0 and at most 1")]
pub struct PortionError(String);

impl Portion {
    /// A share; an error unless it is from 0 to 1.
    pub fn new(share: f64) -> Result<Portion, PortionError> {
        if (0.0..=1.0).contains(&share) {
            Ok(Portion(share))
        } else {
            Err(PortionError(share.to_string()))
        }
    }

    /// As a number from 0 to 1.
    pub fn share(self) -> f64 {
        self.0
    }
}

impl FromStr for Portion {
    type Err = PortionError;

    /// Reads `10%` and `0.1`.
    fn from_str(text: &str) -> Result<Portion, PortionError> {
        let (number, per) = match text.strip_suffix('%') {
            Some(number) => (number, 100.0),
            None => (text, 1.0),
        };
        number
            .parse()
            .ok()
            .and_then(|number: f64| Portion::new(number / per).ok())
            .ok_or_else(|| PortionError(crate::text::printable(text, 40)))
    }
}

impl fmt::Display for Portion {
    /// In per cent, unless only the plain number is read back exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.0 * 1e8).round() / 1e6;
        if (percent / 100.0).total_cmp(&self.0).is_eq() {
            write!(f, "{percent}%")
        } else {
            write!(f, "{}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_have_a_number_and_a_unit() {
        for (text, us) in [
            ("250us", 250),
            ("1.5µs", 1),
            ("60ms", 60_000),
            (".5s", 500_000),
            ("2m", 120_000_000),
            ("1h", 3_600_000_000),
            ("0s", 0),
        ] {
            assert_eq!(time(text).map(|time| time.as_micros()), Some(us), "{text}");
        }
        for wrong in ["", "5", "s", "-1s", "1 s", "1e3ms", "1.2.3s", "NaNs", "5S"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        assert_eq!(time(&format!("{}h", "9".repeat(400))), None);
    }

    #[test]
    fn shares_are_in_per_cent_or_plain() {
        for (text, share, shown) in [
            ("10%", 0.1, "10%"),
            ("0.1", 0.1, "10%"),
            ("0.5%", 0.005, "0.5%"),
            ("0", 0.0, "0%"),
            ("1", 1.0, "100%"),
            ("0.333333333333", 0.333_333_333_333, "0.333333333333"),
        ] {
            let portion: Portion = text.parse().unwrap();
            assert!((portion.share() - share).abs() < 1e-15, "{text}");
            assert_eq!(portion.to_string(), shown);
        }
        for wrong in ["", "%", "ten", "-1%", "101%", "1.5", "NaN", "inf", "10%%"] {
            let error = wrong.parse::<Portion>().unwrap_err().to_string();
            assert!(error.contains("write 10% or 0.1"), "{wrong}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = time(&text);
            let _ = text.parse::<Portion>();
        }

        #[test]
        fn what_is_written_is_read_back(nanos in 0..=86_400_000_000_000_u64, shift in 0..40_u32, share in 0.0..=1.0) {
            let span = Duration::from_nanos(nanos >> shift);
            prop_assert_eq!(time(&shown(span)), Some(span));
            let portion = Portion::new(share).unwrap();
            prop_assert_eq!(portion.to_string().parse(), Ok(portion));
        }
    }
}
