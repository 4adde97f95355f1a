//! What can be wrong with a delay profile, and what would be right.

use super::super::words::{PortionError, TIME};

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProfileError {
    /// A name that is not known.
    #[error(
        "unknown delay profile `{0}`: use instant, fixed:60ms, exp:100ms, lognormal:80ms,0.5, bimodal:20ms,200ms,10%, tail:60ms,120ms,180ms,400ms or seed"
    )]
    Unknown(String),
    /// Too few values after the name, or too many.
    #[error("must be {0}")]
    Form(&'static str),
    /// A time that cannot be read, or a longer one than can be meant.
    #[error("`{0}` is not a delay: write {TIME}, at most 1h, as in 60ms")]
    Delay(String),
    /// A spread that cannot be used.
    #[error("`{0}` is not a sigma: write a number from 0 to 4, as in 0.5")]
    Sigma(String),
    /// A share that cannot be used.
    #[error(transparent)]
    Share(#[from] PortionError),
    /// Delays in the wrong order.
    #[error("delays must not fall: {0} comes before {1}")]
    Falls(String, String),
    /// Points that are not a distribution.
    #[error("the shares must ascend from 0 to 1, as in quantiles:0=10ms,0.9=50ms,1=80ms")]
    Points,
}
