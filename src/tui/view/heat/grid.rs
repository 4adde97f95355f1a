//! From stretches of time to the columns and rows of a map: in each column the share of its answers that lies in each row.

use crate::tui::scales::LogScale;
use crate::tui::spectra::{BINS, Spectrum, ends};

/// Shares of answers and the level of a shade: more than nothing, then so much and more. In between it goes by the logarithm
/// of the share, so that one answer of a hundred is seen beside half of them.
const LEVELS: [(f64, f64); 5] = [
    (0.001, 0.02),
    (0.01, 0.25),
    (0.05, 0.5),
    (0.2, 0.75),
    (0.6, 1.0),
];

/// The shares that a legend shows: from each on a shade is of the next quarter.
pub(super) const QUARTERS: [f64; 3] = [LEVELS[1].0, LEVELS[2].0, LEVELS[3].0];

/// From this share on a shade is the strongest.
pub(super) const MOST: f64 = LEVELS[4].0;

/// The level of a share of answers.
pub(super) fn level(share: f64) -> f64 {
    if share <= 0.0 || share.is_nan() {
        return 0.0;
    }
    let [first, .., last] = LEVELS;
    if share <= first.0 {
        return first.1;
    }
    let pair = LEVELS.windows(2).find_map(|pair| match pair {
        &[from, until] if share < until.0 => Some((from, until)),
        _ => None,
    });
    pair.map_or(last.1, |(from, until)| {
        let far = (share / from.0).ln() / (until.0 / from.0).ln();
        from.1 + (until.1 - from.1) * far
    })
}

/// The answers of all columns.
pub(super) struct Grid {
    rows: usize,
    /// Column by column, each from the bottom up.
    counts: Vec<f64>,
    answers: Vec<f64>,
}

impl Grid {
    /// A map of so many columns and rows. `columns` gives a stretch's first column and the one after its last.
    pub(super) fn of(
        spectra: &[Spectrum],
        scale: &LogScale,
        (width, rows): (usize, usize),
        columns: impl Fn(&Spectrum) -> (usize, usize),
    ) -> Grid {
        let mut grid = Grid {
            rows,
            counts: vec![0.0; width * rows],
            answers: vec![0.0; width],
        };
        if rows == 0 {
            return grid;
        }
        let places = Places::of(scale, rows);
        let mut column = vec![0.0; rows];
        for spectrum in spectra.iter().filter(|spectrum| spectrum.answers > 0) {
            let (from, until) = columns(spectrum);
            let until = until.min(width);
            let cells = from * rows..(from + 1) * rows;
            if let (true, Some(counts)) = (until == from + 1, grid.counts.get_mut(cells)) {
                places.spread(spectrum, counts);
                grid.answers[from] += spectrum.answers as f64;
                continue;
            }
            column.fill(0.0);
            places.spread(spectrum, &mut column);
            for x in from..until {
                grid.answers[x] += spectrum.answers as f64;
                let counts = &mut grid.counts[x * rows..(x + 1) * rows];
                for (sum, more) in counts.iter_mut().zip(&column) {
                    *sum += more;
                }
            }
        }
        grid
    }

    /// The levels of all shares, column by column, each from the bottom up.
    pub(super) fn levels(&self) -> Vec<f64> {
        let columns = self.counts.chunks(self.rows.max(1)).zip(&self.answers);
        columns
            .flat_map(|(counts, &answers)| counts.iter().map(move |count| level(count / answers)))
            .collect()
    }
}

/// Where each step of a spectrum lies among the rows: 0 at the bottom.
struct Places {
    rows: usize,
    ends: Vec<f64>,
}

impl Places {
    fn of(scale: &LogScale, rows: usize) -> Places {
        let place = |us| scale.position(us) * rows as f64;
        let ends = (0..BINS).map(|bin| place(ends(bin).0));
        Places {
            rows,
            ends: ends.chain([rows as f64]).collect(),
        }
    }

    /// Adds the answers of `spectrum` to `rows`: what lies across several rows is shared out by the room it takes there.
    fn spread(&self, spectrum: &Spectrum, rows: &mut [f64]) {
        let last = self.rows - 1;
        for &(bin, count) in spectrum.bins() {
            let bin = usize::from(bin);
            let (Some(&low), Some(&high)) = (self.ends.get(bin), self.ends.get(bin + 1)) else {
                continue;
            };
            let count = count as f64;
            let (first, end) = ((low as usize).min(last), (high as usize).min(last));
            if first == end {
                rows[first] += count;
                continue;
            }
            for (row, sum) in rows.iter_mut().enumerate().take(end + 1).skip(first) {
                let inside = high.min(row as f64 + 1.0) - low.max(row as f64);
                *sum += count * inside.max(0.0) / (high - low);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_quarters_that_the_legend_says() {
        assert!(
            [0.0, f64::NAN, -1.0]
                .iter()
                .all(|&share| level(share) <= 0.0)
        );
        let quarter = |share: f64| (level(share) * 4.0) as usize;
        assert_eq!([1e-9, 0.009].map(quarter), [0, 0]);
        assert_eq!(QUARTERS.map(quarter), [1, 2, 3]);
        assert_eq!([0.049, 0.199].map(quarter), [1, 2]);
        assert_eq!((level(MOST), level(1.0)), (1.0, 1.0));
        assert!(level(MOST - 0.01) < 1.0);
        let levels: Vec<f64> = (1..1_000).map(|i| level(f64::from(i) / 1e3)).collect();
        assert!(levels.is_sorted() && levels[0] > 0.0);
    }
}
