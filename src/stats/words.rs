//! The words of a verdict: the same on the screen, in headless output and in every file.

use super::outlook::outer_edge;
use super::standing::{Metric, Standing};
use super::symmetry::Span;
use crate::text;

/// What stands in the table of variants that ran one after the other.
pub const SEQUENTIAL: &str =
    "A and B ran one after the other: what changed meanwhile looks the same as a difference";

/// What stands in the place of a verdict where there is none to be had.
pub const NOT_JUDGED: &str = "not judged";

impl Standing {
    /// In words. `name` is the metric's name, such as `p99`; `times` is by what factor the figures differ, if that is worth a
    /// word, such as `14 ×`.
    pub fn words(&self, metric: Metric, name: &str, times: Option<&str>) -> String {
        match *self {
            Standing::SetByYou => format!("{name} is set by you"),
            Standing::TooFewRequests { needs, has } => format!(
                "not enough data yet: {name} needs {} requests a block, has {}",
                text::count(needs),
                text::count(has)
            ),
            Standing::Collecting {
                pairs,
                least,
                seconds,
                over: false,
            } => format!(
                "collecting: {pairs} of at least {least} pairs (≈ {})",
                wait(seconds)
            ),
            Standing::Collecting {
                pairs,
                least,
                seconds,
                ..
            } => format!(
                "not proven: {pairs} of at least {least} pairs ({} more were needed)",
                wait(seconds)
            ),
            Standing::Ahead {
                up,
                pairs,
                decided,
                over,
            } => {
                let ahead = format!("{} ahead in {pairs} of {pairs}", better(metric, up));
                match decided {
                    Some((from, seconds)) if over => format!(
                        "{ahead}, not proven (from {from}; {} more were needed)",
                        wait(seconds)
                    ),
                    None if over => format!("{ahead}, not proven"),
                    Some((from, seconds)) => {
                        format!("{ahead} (decided from {from}, ≈ {})", wait(seconds))
                    }
                    None => ahead,
                }
            }
            Standing::Decided {
                up,
                pairs,
                interval_from,
                within,
            } => {
                let mut words = verdict(metric, up).to_owned();
                if let Some(times) = times {
                    words += &format!(", {times}");
                }
                if let Some(margin) = within {
                    words += &format!(", but within ±{}", percent(margin));
                }
                if let Some(from) = interval_from {
                    words += &format!(" (decided at {pairs} pairs; interval from {from})");
                }
                words
            }
            Standing::Leaning { up } => format!("leaning {} (not proven)", better(metric, up)),
            Standing::NoDifference { within } => {
                format!("no detectable difference (within ±{})", percent(within))
            }
            Standing::Same { margin } => format!("same within ±{}", percent(margin)),
            Standing::TooNoisy {
                low,
                high,
                margin,
                seconds,
            } => {
                let noisy = format!("too noisy: {} to {}", signed(low), signed(high));
                match seconds {
                    Some(seconds) => format!(
                        "{noisy}; about {} for ±{}",
                        more_time(seconds),
                        percent(margin)
                    ),
                    None => noisy,
                }
            }
            Standing::NoFailures => "no failures".to_owned(),
            Standing::FailuresSeen { a, b } => {
                format!("failures seen: B {}, A {}", failed(b), failed(a))
            }
            Standing::NotComparable { a, b } => format!(
                "not comparable: B failed {} of requests, A {}",
                failed(b),
                failed(a)
            ),
        }
    }
}

/// An interval of changes with signs: `−93.3 to −92.6 %`, `−12.0 to +9.00 %`. An end among failures is `> timeout`.
pub fn interval(span: Span) -> String {
    let low = text::change(span.low.exp_m1() * 100.0);
    if span.high == f64::INFINITY {
        return format!("{low} to > timeout");
    }
    let low = low.trim_end_matches(" %");
    format!("{low} to {}", text::change(span.high.exp_m1() * 100.0))
}

/// An interval to stand behind "B is … % lower" or "higher": `92.6 to 93.3 %`. With signs if it allows both.
pub fn interval_of_size(span: Span) -> String {
    let (low, high) = (span.low.exp_m1() * 100.0, span.high.exp_m1() * 100.0);
    if !high.is_finite() || low < 0.0 && high > 0.0 {
        return interval(span);
    }
    let (least, most) = (low.abs().min(high.abs()), low.abs().max(high.abs()));
    format!("{} to {} %", text::figure(least), text::figure(most))
}

/// What a comparison of a variant with itself has found out; `None` while the interval is infinite.
pub fn noise_floor(span: Span) -> Option<String> {
    let edge = outer_edge(span);
    edge.is_finite().then(|| {
        format!(
            "this set-up cannot tell differences below {}",
            percent(edge)
        )
    })
}

fn verdict(metric: Metric, up: bool) -> &'static str {
    match (metric, up) {
        (Metric::Rps, true) => "B higher RPS",
        (Metric::Rps, false) => "B lower RPS",
        (Metric::Latency, true) => "B slower",
        (Metric::Latency, false) => "B faster",
        (Metric::Errors, true) => "B fails more",
        (Metric::Errors, false) => "B fails less",
    }
}

/// The variant that is better.
fn better(metric: Metric, up: bool) -> char {
    if metric.b_is_better(up) { 'B' } else { 'A' }
}

/// A share in per cent with two digits: `4.2 %`, `5 %`, `12 %`.
pub fn percent(share: f64) -> String {
    let size = share.abs() * 100.0;
    if size < 9.95 {
        format!("{size:.1}").trim_end_matches(".0").to_owned() + " %"
    } else {
        format!("{} %", text::count(size.round() as u64))
    }
}

/// The same with its sign; what nothing limits is beyond the timeout.
fn signed(share: f64) -> String {
    if share == f64::INFINITY {
        return "> timeout".to_owned();
    }
    let sign = if share < 0.0 { "−" } else { "+" };
    format!("{sign}{}", percent(share))
}

/// A share of failures: `3.1 %`, `0.0 %`; a few among many are not none.
fn failed(share: f64) -> String {
    let size = share * 100.0;
    if size > 0.0 && size < 0.05 {
        "< 0.1 %".to_owned()
    } else {
        format!("{size:.1} %")
    }
}

/// `45 s`, `3 min`, `2 h`.
fn wait(seconds: f64) -> String {
    let (amount, unit) = rounded(seconds);
    let unit = ["s", "min", "h"][unit];
    format!("{amount} {unit}")
}

/// `40 more seconds`, `6 more minutes`, `1 more hour`.
fn more_time(seconds: f64) -> String {
    let (amount, unit) = rounded(seconds);
    let unit = ["second", "minute", "hour"][unit];
    let plural = if amount == 1 { "" } else { "s" };
    format!("{} more {unit}{plural}", text::count(amount))
}

/// A waiting time, rounded up to where it is honest: an amount and its unit (seconds, minutes, hours).
fn rounded(seconds: f64) -> (u64, usize) {
    let seconds = seconds.max(1.0);
    if seconds <= 90.0 {
        (seconds.ceil() as u64, 0)
    } else if seconds <= 90.0 * 60.0 {
        ((seconds / 60.0).ceil() as u64, 1)
    } else {
        ((seconds / 3_600.0).ceil() as u64, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(standing: &Standing) -> String {
        standing.words(Metric::Latency, "p99", None)
    }

    #[test]
    fn the_published_words() {
        let words = [
            Standing::TooFewRequests {
                needs: 500,
                has: 120,
            },
            Standing::Collecting {
                pairs: 3,
                least: 6,
                seconds: 45.0,
                over: false,
            },
            Standing::Ahead {
                up: false,
                pairs: 5,
                decided: Some((6, 20.0)),
                over: false,
            },
            Standing::Leaning { up: false },
            Standing::NoDifference { within: 0.042 },
            Standing::Same { margin: 0.05 },
            Standing::TooNoisy {
                low: -0.12,
                high: 0.09,
                margin: 0.05,
                seconds: Some(350.0),
            },
            Standing::FailuresSeen { a: 0.0, b: 0.031 },
            Standing::NotComparable { a: 0.0, b: 0.031 },
        ]
        .map(|standing| of(&standing));
        assert_eq!(
            words,
            [
                "not enough data yet: p99 needs 500 requests a block, has 120",
                "collecting: 3 of at least 6 pairs (≈ 45 s)",
                "B ahead in 5 of 5 (decided from 6, ≈ 20 s)",
                "leaning B (not proven)",
                "no detectable difference (within ±4.2 %)",
                "same within ±5 %",
                "too noisy: −12 % to +9 %; about 6 more minutes for ±5 %",
                "failures seen: B 3.1 %, A 0.0 %",
                "not comparable: B failed 3.1 % of requests, A 0.0 %",
            ]
        );
        assert_eq!(
            Standing::SetByYou.words(Metric::Rps, "RPS", None),
            "RPS is set by you"
        );
    }

    #[test]
    fn verdicts_name_the_direction_that_matters() {
        let decided = |up| Standing::Decided {
            up,
            pairs: 6,
            interval_from: None,
            within: None,
        };
        assert_eq!(of(&decided(false)), "B faster");
        assert_eq!(of(&decided(true)), "B slower");
        assert_eq!(
            decided(true).words(Metric::Rps, "RPS", None),
            "B higher RPS"
        );
        let ahead = Standing::Ahead {
            up: false,
            pairs: 4,
            decided: None,
            over: false,
        };
        assert_eq!(ahead.words(Metric::Rps, "RPS", None), "A ahead in 4 of 4");
        let ended = Standing::Ahead {
            up: false,
            pairs: 5,
            decided: Some((6, 20.0)),
            over: true,
        };
        assert_eq!(
            of(&ended),
            "B ahead in 5 of 5, not proven (from 6; 20 s more were needed)"
        );
        let ended = Standing::Collecting {
            pairs: 3,
            least: 6,
            seconds: 45.0,
            over: true,
        };
        assert_eq!(
            of(&ended),
            "not proven: 3 of at least 6 pairs (45 s more were needed)"
        );
        let early = Standing::Decided {
            up: false,
            pairs: 6,
            interval_from: Some(8),
            within: None,
        };
        assert_eq!(of(&early), "B faster (decided at 6 pairs; interval from 8)");
        let slight = Standing::Decided {
            up: false,
            pairs: 30,
            interval_from: None,
            within: Some(0.05),
        };
        assert_eq!(of(&slight), "B faster, but within ±5 %");
    }

    #[test]
    fn intervals_say_where_they_end() {
        let span = |low: f64, high: f64| Span {
            low: low.ln_1p(),
            high: high.ln_1p(),
            ..Span::ALL
        };
        assert_eq!(interval(span(-0.933, -0.926)), "−93.3 to −92.6 %");
        assert_eq!(interval_of_size(span(-0.933, -0.926)), "92.6 to 93.3 %");
        assert_eq!(interval_of_size(span(-0.12, 0.09)), "−12.0 to +9.00 %");
        assert_eq!(interval(span(0.5, f64::INFINITY)), "+50.0 % to > timeout");
        assert_eq!(
            noise_floor(span(-0.03, 0.042)).expect("finite"),
            "this set-up cannot tell differences below 4.2 %"
        );
        assert_eq!(noise_floor(Span::ALL), None);
    }

    #[test]
    fn waiting_times_are_rounded_up() {
        assert_eq!(
            [0.0, 44.2, 100.0, 6_000.0].map(wait),
            ["1 s", "45 s", "2 min", "2 h"]
        );
        assert_eq!(more_time(1.0), "1 more second");
        assert_eq!(failed(0.0001), "< 0.1 %");
        assert_eq!(signed(f64::INFINITY), "> timeout");
    }
}
