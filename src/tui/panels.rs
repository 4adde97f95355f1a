//! The panels that a view is made of: each can fill the screen.

use super::View;
use ratatui::layout::{Position, Rect};

/// A part of a view with a frame of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The baseline.
    A,
    /// The candidate.
    B,
    /// B against A; in a solo run A's percentiles.
    Table,
    /// The self-checks.
    Checks,
    /// Latency by percentile.
    Curve,
    /// Run figures.
    Figures,
    /// Answers by response time.
    Histogram,
    /// The plan as it runs.
    Plan,
    /// What has happened to the load.
    Course,
    /// The last pairs.
    Pairs,
    /// What happened when.
    Log,
}

impl View {
    /// The panels of the view, in the order in which they fill the screen.
    pub fn panels(self, compares: bool) -> &'static [Panel] {
        use Panel::{A, B, Checks, Course, Curve, Figures, Histogram, Log, Pairs, Plan, Table};
        match (self, compares) {
            (View::Race, true) => &[A, B, Table, Checks],
            (View::Race, false) => &[A, Table, Checks],
            (View::Latency, _) => &[Curve, Histogram, Figures],
            (View::Heat | View::Errors, true) => &[A, B],
            (View::Heat | View::Errors, false) => &[A],
            (View::Details, true) => &[Plan, Checks, Course, Pairs],
            (View::Details, false) => &[Plan, Checks, Course],
            (View::Log, _) => &[Log],
        }
    }
}

/// Where the panels were drawn, and how many pages the help has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    panels: Vec<(Panel, Rect)>,
    pages: usize,
}

impl Places {
    pub(super) fn add(&mut self, panel: Panel, area: Rect) {
        if !area.is_empty() {
            self.panels.push((panel, area));
        }
    }

    /// The pages of what lies over the screen, where there is more than one.
    pub(super) fn pages(&self) -> usize {
        self.pages
    }

    pub(super) fn set_pages(&mut self, pages: usize) {
        self.pages = pages;
    }

    /// The panel at a column and a row.
    pub fn at(&self, column: u16, row: u16) -> Option<Panel> {
        let here = Position::new(column, row);
        let found = self.panels.iter().find(|(_, area)| area.contains(here));
        found.map(|&(panel, _)| panel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_found_where_it_was_drawn() {
        let mut places = Places::default();
        places.add(Panel::A, Rect::new(0, 1, 10, 5));
        places.add(Panel::B, Rect::new(10, 1, 10, 5));
        places.add(Panel::Table, Rect::new(0, 6, 20, 0));
        assert_eq!(places.at(9, 5), Some(Panel::A));
        assert_eq!(places.at(10, 1), Some(Panel::B));
        assert_eq!(places.at(10, 6), None);
    }

    #[test]
    fn no_panel_stands_twice_in_a_view() {
        for view in View::ALL {
            for compares in [false, true] {
                let panels = view.panels(compares);
                assert!(!panels.is_empty());
                for (i, panel) in panels.iter().enumerate() {
                    assert!(!panels[..i].contains(panel), "{view:?} {panel:?}");
                }
            }
        }
    }
}
