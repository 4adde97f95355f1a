//! Delay profiles as they are written: a name, and after a colon its values, separated by commas.

use super::super::words::{shown, time};
use super::{DelayProfile, LONGEST, ProfileError};
use crate::text::printable;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The longest text that an error repeats, in characters.
const SHOWN: usize = 40;

/// The profiles, and what to write for them.
const FORMS: [(&str, &str); 8] = [
    ("instant", "instant alone"),
    ("seed", "seed alone"),
    ("fixed", "fixed:TIME, as in fixed:60ms"),
    ("exp", "exp:MEAN, as in exp:100ms"),
    (
        "lognormal",
        "lognormal:MEDIAN,SIGMA, as in lognormal:80ms,0.5",
    ),
    (
        "bimodal",
        "bimodal:FAST,SLOW,SHARE, as in bimodal:20ms,200ms,10%",
    ),
    (
        "tail",
        "tail:P50,P90,P95,P99, as in tail:60ms,120ms,180ms,400ms",
    ),
    (
        "quantiles",
        "quantiles:SHARE=TIME,…, as in quantiles:0=10ms,0.9=50ms,1=80ms",
    ),
];

impl FromStr for DelayProfile {
    type Err = ProfileError;

    /// Reads `instant`, `fixed:60ms`, `exp:100ms`, `lognormal:80ms,0.5`, `bimodal:20ms,200ms,10%`,
    /// `tail:60ms,120ms,180ms,400ms`, `quantiles:0=10ms,0.9=50ms,1=80ms` and `seed`.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let (name, values) = match text.split_once(':') {
            Some((name, values)) => (name, values.split(',').collect()),
            None => (text, Vec::new()),
        };
        match (name, values.as_slice()) {
            ("instant", []) => Ok(DelayProfile::Instant),
            ("seed", []) => Ok(DelayProfile::seed()),
            ("fixed", [constant]) => delay(constant).map(DelayProfile::Fixed),
            ("exp", [mean]) => DelayProfile::exponential(delay(mean)?),
            ("lognormal", [median, sigma]) => {
                let wrong = || ProfileError::Sigma(printable(sigma, SHOWN));
                let sigma = sigma.parse().map_err(|_| wrong())?;
                DelayProfile::log_normal(delay(median)?, sigma)
            }
            ("bimodal", [fast, slow, share]) => {
                DelayProfile::bimodal(delay(fast)?, delay(slow)?, share.parse()?)
            }
            ("tail", [p50, p90, p95, p99]) => {
                DelayProfile::tail([delay(p50)?, delay(p90)?, delay(p95)?, delay(p99)?])
            }
            ("quantiles", points @ [_, _, ..]) => {
                let points: Result<_, _> = points.iter().map(|point| self::point(point)).collect();
                DelayProfile::quantiles(points?)
            }
            _ => Err(match FORMS.iter().find(|(known, _)| *known == name) {
                Some((_, form)) => ProfileError::Form(form),
                None => ProfileError::Unknown(printable(text, SHOWN)),
            }),
        }
    }
}

fn delay(text: &str) -> Result<Duration, ProfileError> {
    match time(text) {
        Some(delay) if delay <= LONGEST => Ok(delay),
        _ => Err(ProfileError::Delay(printable(text, SHOWN))),
    }
}

/// `0.9=50ms`
fn point(text: &str) -> Result<(f64, Duration), ProfileError> {
    let (share, after) = text.split_once('=').ok_or(ProfileError::Points)?;
    Ok((
        share.parse().map_err(|_| ProfileError::Points)?,
        delay(after)?,
    ))
}

impl fmt::Display for DelayProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DelayProfile::Instant => f.write_str("instant"),
            DelayProfile::Fixed(delay) => write!(f, "fixed:{}", shown(*delay)),
            DelayProfile::Exponential(mean) => write!(f, "exp:{}", shown(*mean)),
            DelayProfile::LogNormal(shape) => {
                write!(f, "lognormal:{},{}", shown(shape.median()), shape.sigma())
            }
            DelayProfile::Bimodal(shape) => write!(
                f,
                "bimodal:{},{},{}",
                shown(shape.fast()),
                shown(shape.slow()),
                shape.share()
            ),
            DelayProfile::Tail(shape) => {
                let [p50, p90, p95, p99] = shape.percentiles().map(shown);
                write!(f, "tail:{p50},{p90},{p95},{p99}")
            }
            profile if *profile == DelayProfile::seed() => f.write_str("seed"),
            DelayProfile::Quantiles(shape) => {
                let points: Vec<_> = shape
                    .points()
                    .iter()
                    .map(|(share, delay)| format!("{share}={}", shown(*delay)))
                    .collect();
                write!(f, "quantiles:{}", points.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::words::Portion;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for name in [
            "instant",
            "seed",
            "fixed:60ms",
            "fixed:1.5s",
            "fixed:0s",
            "fixed:3600s",
            "exp:100ms",
            "lognormal:80ms,0.5",
            "lognormal:80us,4",
            "bimodal:20ms,200ms,10%",
            "bimodal:20ms,20ms,0%",
            "tail:60ms,120ms,180ms,400ms",
            "quantiles:0=10ms,0.9=50ms,1=80ms",
        ] {
            let profile = name.parse::<DelayProfile>();
            assert_eq!(
                profile.map(|profile| profile.to_string()),
                Ok(name.to_owned())
            );
        }
        assert_eq!("fixed:1h".parse(), Ok(DelayProfile::Fixed(LONGEST)));
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (text, part) in [
            ("", "use instant, fixed:60ms, exp:100ms"),
            ("fast", "unknown delay profile `fast`"),
            ("fixed\u{1b}[2J:1s", "unknown delay profile `fixed·[2J:1s`"),
            ("instant:5ms", "must be instant alone"),
            ("fixed", "must be fixed:TIME, as in fixed:60ms"),
            ("fixed:1s,2s", "must be fixed:TIME"),
            ("fixed:", "`` is not a delay: write a number and a unit"),
            ("fixed:60", "`60` is not a delay"),
            ("fixed:-1s", "`-1s` is not a delay"),
            ("fixed:60 ms", "is not a delay"),
            ("fixed:NaNs", "is not a delay"),
            (
                "fixed:2h",
                "`2h` is not a delay: write a number and a unit (us, ms, s, m or h), at most 1h",
            ),
            ("exp:3601s", "at most 1h"),
            ("lognormal:80ms", "must be lognormal:MEDIAN,SIGMA"),
            (
                "lognormal:80ms,wide",
                "`wide` is not a sigma: write a number from 0 to 4",
            ),
            ("lognormal:80ms,-1", "`-1` is not a sigma"),
            ("lognormal:80ms,NaN", "is not a sigma"),
            ("lognormal:80ms,4.1", "is not a sigma"),
            ("bimodal:20ms,200ms", "must be bimodal:FAST,SLOW,SHARE"),
            (
                "bimodal:20ms,200ms,11",
                "`11` is not a share: write 10% or 0.1",
            ),
            ("bimodal:20ms,200ms,101%", "is not a share"),
            (
                "bimodal:200ms,20ms,10%",
                "delays must not fall: 200ms comes before 20ms",
            ),
            ("tail:60ms,120ms,180ms", "must be tail:P50,P90,P95,P99"),
            (
                "tail:60ms,120ms,110ms,400ms",
                "delays must not fall: 120ms comes before 110ms",
            ),
            ("quantiles:0=1s", "must be quantiles:SHARE=TIME"),
            (
                "quantiles:0=1s,0.5=2s",
                "the shares must ascend from 0 to 1",
            ),
            ("quantiles:1s,2s", "the shares must ascend from 0 to 1"),
        ] {
            let error = text.parse::<DelayProfile>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), name in "(fixed|exp|lognormal|bimodal|tail|quantiles)", values in "[0-9.,=%ms-]{0,40}") {
            let _ = text.parse::<DelayProfile>();
            let _ = format!("{name}:{values}").parse::<DelayProfile>();
        }

        #[test]
        fn every_profile_is_read_back(mut us in prop::array::uniform4(0..3_600_000_000_u64), sigma in 0.0..=4.0, share in 0.0..=1.0) {
            us.sort_unstable();
            let [a, b, c, d] = us.map(Duration::from_micros);
            for profile in [
                DelayProfile::Fixed(a),
                DelayProfile::exponential(b).unwrap(),
                DelayProfile::log_normal(c, sigma).unwrap(),
                DelayProfile::bimodal(a, d, Portion::new(share).unwrap()).unwrap(),
                DelayProfile::tail([a, b, c, d]).unwrap(),
                DelayProfile::quantiles(vec![(0.0, a), (share.clamp(1e-9, 0.999), b), (1.0, c)]).unwrap(),
            ] {
                prop_assert_eq!(profile.to_string().parse(), Ok(profile));
            }
        }
    }
}
