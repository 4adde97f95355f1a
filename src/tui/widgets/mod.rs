//! Small parts that know nothing of a run: they take numbers and styles and fill cells.

mod bars;
mod big;
mod gauge;
mod heat_map;
mod plot;
mod whisker;

pub(super) use bars::{Bars, Grow};
pub(super) use big::{Big, ROWS as BIG_ROWS};
pub(super) use gauge::{Gauge, Level, Shape};
pub(super) use heat_map::{HeatMap, Ink};
pub(super) use plot::{Curve, Plot};
pub(super) use whisker::Whisker;
