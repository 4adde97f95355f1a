//! Figures and foreign text as people read them: the same words on the screen, in headless output and in every report.
//!
//! Figures have three significant digits and a space before the unit; `—` stands where there is no value.

use std::time::Duration;

/// What stands where there is no value.
pub const NONE: &str = "—";
/// What follows from a red self-check where two variants are compared.
pub const WITHHELD: &str = "verdict withheld";
/// What follows from a red self-check where nothing is compared.
pub const UNTRUSTED: &str = "the figures cannot be trusted";

/// What holds for the verdicts and intervals of a comparison.
pub const FAMILY: &str =
    "Verdicts: at most 5 % false for the whole family. Intervals: together 95 %.";

/// A latency figure as it can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percentile<'a> {
    /// No data.
    Unknown,
    /// So many microseconds.
    Exactly(u64),
    /// At least so many microseconds: requests still open are in it.
    AtLeast(u64),
    /// Among failures, the commonest of which is named.
    Beyond(&'a str),
}

/// A number with three significant digits and thousands separators: `0.12`, `9.95`, `50.2`, `224`, `12,345`.
pub fn figure(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            NONE.to_owned()
        } else if value > 0.0 {
            "∞".to_owned()
        } else {
            "−∞".to_owned()
        };
    }
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    // The limits are where rounding would add a digit.
    let digits = if size < 9.995 {
        format!("{size:.2}")
    } else if size < 99.95 {
        format!("{size:.1}")
    } else {
        count(size.round() as u64)
    };
    format!("{sign}{digits}")
}

/// A rate: as [`figure`], but one of which nothing has come is just `0`.
pub fn rate(per_s: f64) -> String {
    if per_s == 0.0 {
        "0".to_owned()
    } else {
        figure(per_s)
    }
}

/// A count with thousands separators: `29,925`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A latency given in microseconds: `843 µs`, `74.1 ms`, `3.24 s`.
pub fn latency(us: f64) -> String {
    if !us.is_finite() {
        figure(us)
    } else if us == 0.0 {
        "0 µs".to_owned()
    } else if us < 999.5 {
        format!(
            "{} µs",
            if us < 9.995 {
                format!("{us:.1}")
            } else {
                format!("{us:.0}")
            }
        )
    } else if us < 999_500.0 {
        format!("{} ms", figure(us / 1e3))
    } else {
        format!("{} s", figure(us / 1e6))
    }
}

/// A size in bytes, by powers of 1,000: `412 MB`, `1.21 GB`.
pub fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = 0;
    // A figure has three digits.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{} {}", figure(value), UNITS[unit])
}

/// A percentile, with `≥` for a lower bound; one that lies among failures is `> 30 s` (the timeout) or `∞ http_503`.
pub fn percentile(percentile: Percentile<'_>, timeout_s: f64) -> String {
    match percentile {
        Percentile::Unknown => NONE.to_owned(),
        Percentile::Exactly(us) => latency(us as f64),
        Percentile::AtLeast(us) => format!("≥ {}", latency(us as f64)),
        Percentile::Beyond("timeout") => format!("> {}", seconds(timeout_s)),
        Percentile::Beyond(outcome) => format!("∞ {}", printable(outcome, 40)),
    }
}

/// A change in per cent with its sign: `+347 %`, `−97.7 %`.
pub fn change(pct: f64) -> String {
    // What is written as zero has no sign.
    let pct = if pct.abs() < 0.005 { 0.0 } else { pct };
    let plus = if pct > 0.0 { "+" } else { "" };
    format!("{plus}{} %", figure(pct))
}

/// An interval of a change in `unit` (`%`, or points of it): `(−93.3 … −92.6 %)`. An end that is not finite yet is as far as a
/// change can go: nothing is left, or there is no bound. `None` while that is so of both ends.
pub fn interval(low: Option<f64>, high: Option<f64>, unit: &str) -> Option<String> {
    let finite = |end: Option<f64>| end.filter(|end| end.is_finite());
    let (low, high) = (finite(low), finite(high));
    if low.is_none() && high.is_none() {
        return None;
    }
    let signed = |end: f64| {
        let digits = figure(end);
        if digits.chars().any(|c| ('1'..='9').contains(&c)) {
            format!("{}{digits}", if end > 0.0 { "+" } else { "" })
        } else {
            "0".to_owned()
        }
    };
    let from = signed(low.unwrap_or(-100.0));
    Some(match high {
        Some(high) => format!("({from} … {} {unit})", signed(high)),
        // Shares cannot differ by more than all.
        None if unit != "%" => format!("({from} … +100 {unit})"),
        None => format!("({from} % … > timeout)"),
    })
}

/// A factor: `4.5`, `14`, `2,300`.
pub fn ratio(factor: f64) -> String {
    if factor < 9.95 {
        format!("{factor:.1}")
    } else {
        count(factor.round() as u64)
    }
}

/// A share from 0 to 1 in per cent: `1.40 %`.
pub fn share(share: f64) -> String {
    format!("{} %", figure(share * 100.0))
}

/// A span of seconds as a setting: `30 s`, `0.5 s`, `500 ms` stays `0.5 s`.
pub fn seconds(seconds: f64) -> String {
    let rounded = (seconds * 1e3).round() / 1e3;
    format!("{rounded} s")
}

/// A think time, from its shortest to its longest: `think 0.5–1 s`, `think 1 s`, `no think time`.
pub fn think(low_s: f64, high_s: f64) -> String {
    if high_s == 0.0 {
        "no think time".to_owned()
    } else if low_s < high_s {
        format!("think {low_s}–{}", seconds(high_s))
    } else {
        format!("think {}", seconds(high_s))
    }
}

/// What a self-check says: its name and its detail, or the detail alone where that says in its own words what is wrong.
pub fn reason(name: &str, detail: &str) -> String {
    let own_words = detail.split(' ').next().unwrap_or_default();
    if own_words.len() > 2 && own_words.chars().all(char::is_uppercase) {
        detail.to_owned()
    } else if detail.is_empty() {
        name.to_owned()
    } else {
        format!("{name}: {detail}")
    }
}

/// A running time: `02:31`, `1:02:31`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// A duration in the form that plans and options take: `500ms`, `1.5s`, `10s`.
pub fn setting(time: Duration) -> String {
    let nanos = time.as_nanos();
    let hour = 3_600_000_000_000;
    if nanos > 0 && nanos.is_multiple_of(hour) {
        return format!("{}h", nanos / hour);
    }
    let (unit, scale): (_, u128) = if nanos >= 1_000_000_000 || nanos == 0 {
        ("s", 1_000_000_000)
    } else if nanos >= 1_000_000 {
        ("ms", 1_000_000)
    } else {
        ("us", 1_000)
    };
    let digits = scale.ilog10() as usize;
    let number = format!("{}.{:0digits$}", nanos / scale, nanos % scale);
    format!(
        "{}{unit}",
        number.trim_end_matches('0').trim_end_matches('.')
    )
}

/// Foreign text made harmless for a terminal: control and bidirectional characters become `·`, and at most `max` characters
/// are kept.
pub fn printable(text: &str, max: usize) -> String {
    let mut kept = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == max {
            kept.push('…');
            break;
        }
        let unsafe_here = c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        kept.push(if unsafe_here { '·' } else { c });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_significant_digits() {
        let shown: Vec<String> = [0.1234, 9.994, 9.996, 50.24, 99.96, 224.4, 12_345.0, -97.04]
            .map(figure)
            .into();
        assert_eq!(
            shown,
            [
                "0.12", "9.99", "10.0", "50.2", "100", "224", "12,345", "−97.0"
            ]
        );
        assert_eq!(figure(f64::INFINITY), "∞");
        assert_eq!(figure(f64::NAN), "—");
    }

    #[test]
    fn latencies_choose_their_unit() {
        let shown: Vec<String> = [4.2, 843.0, 74_100.0, 999_400.0, 999_600.0, 3_240_000.0]
            .map(latency)
            .into();
        assert_eq!(
            shown,
            ["4.2 µs", "843 µs", "74.1 ms", "999 ms", "1.00 s", "3.24 s"]
        );
    }

    #[test]
    fn think_times_have_one_unit() {
        assert_eq!(think(0.0, 0.0), "no think time");
        assert_eq!(think(0.5, 1.0), "think 0.5–1 s");
        assert_eq!(think(0.25, 0.25), "think 0.25 s");
    }

    #[test]
    fn percentiles_say_what_they_are() {
        assert_eq!(percentile(Percentile::Unknown, 30.0), "—");
        assert_eq!(percentile(Percentile::AtLeast(2_000_000), 30.0), "≥ 2.00 s");
        assert_eq!(percentile(Percentile::Beyond("timeout"), 30.0), "> 30 s");
        assert_eq!(
            percentile(Percentile::Beyond("http_503"), 30.0),
            "∞ http_503"
        );
    }

    #[test]
    fn nothing_is_no_number_and_no_rate_is_zero() {
        assert_eq!(latency(f64::NAN), "—");
        assert_eq!(latency(f64::INFINITY), "∞");
        assert_eq!((rate(0.0), rate(0.004)), ("0".into(), "0.00".into()));
        assert_eq!(rate(f64::NAN), "—");
    }

    #[test]
    fn an_interval_is_written_with_both_ends() {
        let said = |low, high| interval(low, high, "%");
        let shown = |low, high| said(low, high).unwrap_or_default();
        assert_eq!(shown(Some(-93.31), Some(-92.6)), "(−93.3 … −92.6 %)");
        assert_eq!(shown(Some(339.0), Some(356.2)), "(+339 … +356 %)");
        assert_eq!(shown(Some(-0.001), Some(1.25)), "(0 … +1.25 %)");
        assert_eq!(shown(None, Some(-12.0)), "(−100 … −12.0 %)");
        assert_eq!(
            shown(Some(12.0), Some(f64::INFINITY)),
            "(+12.0 % … > timeout)"
        );
        assert_eq!(said(None, None), None);
        assert_eq!(said(Some(f64::NAN), Some(f64::INFINITY)), None);
        let points = interval(Some(1.2), None, "pp");
        assert_eq!(points.as_deref(), Some("(+1.20 … +100 pp)"));
    }

    #[test]
    fn a_check_that_shouts_needs_no_name() {
        let shout = "CLIENT IS THE BOTTLENECK: 1 % of sends are 5 ms late or more";
        assert_eq!(reason("client lag", shout), shout);
        assert_eq!(
            reason("conservation", "3 are lost"),
            "conservation: 3 are lost"
        );
        assert_eq!(reason("own CPU", ""), "own CPU");
    }

    #[test]
    fn running_time_and_settings() {
        assert_eq!(clock(151.9), "02:31");
        assert_eq!(clock(3_751.0), "1:02:31");
        assert_eq!(setting(Duration::from_millis(500)), "500ms");
        assert_eq!(setting(Duration::from_millis(1_500)), "1.5s");
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n", 20), "a·[2Jb·c·");
        assert_eq!(printable("abcdef", 3), "abc…");
    }
}
