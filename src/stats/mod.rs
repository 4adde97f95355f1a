//! Statistics: pure functions from figures to statements about them. No input, no output, no clock.
//!
//! A comparison is looked at every second while it runs. Ordinary 95 % intervals give 38 to 50 % false alarms within minutes
//! if one does that; so everything here is *anytime-valid*: it holds at every look at once.
//!
//! ```text
//! one variant      Buckets ─► Likelihood ─► quantile_interval          (a)
//! two variants     Side, Side ─► ratio_interval, difference_interval   (b)   gated by Dependence (c): at most "leaning"
//! pairs of blocks  block_quantile ─► log_difference ─► Symmetry ─► Family    (d)   the verdict
//! ```
//!
//! Where the pairs come from: `slots` for variants that alternate, `windows` for variants that run together. What is said about
//! them: `standing` chooses the state of a metric, `words` says it.

#![cfg_attr(
    test,
    allow(
        clippy::float_cmp,
        reason = "edges of buckets and infinities are handed through unchanged, so tests compare them exactly"
    )
)]

mod block;
mod buckets;
mod dependence;
mod difference;
mod family;
mod gamma;
mod geyer;
mod halves;
mod likelihood;
mod outlook;
mod quantile;
mod ratio;
mod slots;
mod standing;
mod symmetry;
mod wealth;
mod windows;
mod words;

pub use block::{block_quantile, failed_share, log_difference, share_difference};
pub use buckets::Buckets;
pub use dependence::{Dependence, independent, may_be_shown};
pub use difference::{Difference, Direction, difference, times};
pub use family::{ALPHA, Decision, Family, closed_testing};
pub use geyer::integrated_autocorrelation;
pub use halves::drift;
pub use likelihood::{Likelihood, UNPLANNED};
pub use outlook::{Outlook, finite_from, growth_to_margin, least_needed, outer_edge, pairs_needed};
pub use quantile::{Interval, estimate, quantile_interval};
pub use ratio::{Side, difference_interval, ratio_interval};
pub use slots::{HIGHEST, Merging, a_first, block_may_end, block_s, requests_needed, settling_s};
pub use standing::{Metric, Question, Standing, USUAL_MARGIN, standing};
pub use symmetry::{Span, Symmetry};
pub use wealth::Scale;
pub use windows::{ClosedWindow, Pace, Windows};
pub use words::{NOT_JUDGED, SEQUENTIAL, interval, interval_of_size, noise_floor, percent};
