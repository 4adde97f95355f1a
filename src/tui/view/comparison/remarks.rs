//! What must be read with the verdicts: sentences under the table. Those that find no room there go among the notices.

use crate::metrics::snapshot::Snapshot;
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, fit_words, width_of, wrap};
use ratatui::layout::Rect;

/// Stands before each.
const MARK: &str = "› ";

/// The remarks that fit into a number of rows, and those that do not.
pub(in crate::tui::view) struct Remarks {
    lines: Vec<String>,
    left: Vec<String>,
}

impl Remarks {
    /// The rows that all remarks take in a frame of `width` columns.
    pub(in crate::tui::view) fn wanted(snapshot: &Snapshot, width: u16) -> u16 {
        let room = room(width);
        let lines = all(snapshot).map(|remark| wrap(&remark, room).len());
        lines.sum::<usize>().min(usize::from(u16::MAX)) as u16
    }

    /// The remarks in at most `rows` rows, the first ones first.
    pub(in crate::tui::view) fn of(snapshot: &Snapshot, width: u16, rows: u16) -> Remarks {
        let room = room(width);
        let whole = Remarks::wanted(snapshot, width) <= rows;
        let mut lines: Vec<String> = Vec::new();
        let mut left = Vec::new();
        for remark in all(snapshot) {
            if whole {
                for (i, line) in wrap(&remark, room).into_iter().enumerate() {
                    let begin = if i == 0 { MARK } else { "  " };
                    lines.push(format!("{begin}{line}"));
                }
            } else if lines.len() < usize::from(rows) {
                lines.push(format!("{MARK}{}", fit_words(&remark, room)));
            } else {
                left.push(remark);
            }
        }
        Remarks { lines, left }
    }

    /// The rows that are used.
    pub(in crate::tui::view) fn rows(&self) -> u16 {
        self.lines.len() as u16
    }

    /// Those that did not fit.
    pub(in crate::tui::view) fn left(&self) -> &[String] {
        &self.left
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        for (y, line) in (area.y..area.bottom()).zip(&self.lines) {
            canvas.text(area.x, y, area.width, line, Role::Text);
        }
    }
}

/// Columns of a line in a frame.
fn room(width: u16) -> u16 {
    width.saturating_sub(4 + width_of(MARK)).max(1)
}

fn all(snapshot: &Snapshot) -> impl Iterator<Item = String> {
    let comparison = snapshot.comparison.iter();
    let compared = comparison.filter(|_| snapshot.variants.b.is_some());
    let remarks = compared.flat_map(|comparison| &comparison.remarks);
    remarks.map(|remark| text::printable(remark, 300))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::{Basis, Comparison, Phase};
    use crate::tui::sample;

    fn snapshot(remarks: &[&str]) -> Snapshot {
        let mut snapshot = sample::snapshot(Phase::Measuring, 30.0);
        snapshot.comparison = Some(Comparison {
            costs: Vec::new(),
            order: "together".to_owned(),
            basis: Basis::Model,
            pairs: 3,
            needed_pairs: None,
            pair_s: None,
            remarks: remarks.iter().map(|&remark| remark.to_owned()).collect(),
            metrics: Vec::new(),
        });
        snapshot
    }

    #[test]
    fn each_is_whole_where_there_is_room_and_none_is_lost() {
        let snapshot = snapshot(&["one two three", "four"]);
        let of = |width, rows| {
            let remarks = Remarks::of(&snapshot, width, rows);
            (remarks.lines.clone(), remarks.left().to_vec())
        };
        assert_eq!(Remarks::wanted(&snapshot, 16), 3);
        let (lines, left) = of(16, 3);
        assert_eq!(lines, ["› one two", "  three", "› four"]);
        assert!(left.is_empty());
        let (lines, left) = of(16, 1);
        assert_eq!(
            (lines, left),
            (vec!["› one two…".to_owned()], vec!["four".to_owned()])
        );
        let (lines, left) = of(16, 0);
        assert_eq!((lines.len(), left.len()), (0, 2));
    }
}
