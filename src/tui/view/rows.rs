//! Rows and how they are shared out.

use ratatui::layout::Rect;

/// Hands out rows from top to bottom.
pub(super) struct Rows(pub(super) Rect);

impl Rows {
    /// The next `height` rows, or as many as there are.
    pub(super) fn take(&mut self, height: u16) -> Rect {
        let height = height.min(self.0.height);
        let taken = Rect { height, ..self.0 };
        self.0.y += height;
        self.0.height -= height;
        taken
    }
}

/// What is left of a number of rows while parts ask for theirs in the order of their importance.
pub(super) struct Budget(pub(super) u16);

impl Budget {
    /// `rows`, if there are so many; else 0.
    pub(super) fn grant(&mut self, rows: u16) -> u16 {
        let granted = if rows <= self.0 { rows } else { 0 };
        self.0 -= granted;
        granted
    }

    /// As many rows as there are, if not fewer than `least` nor more than `most`; else 0.
    pub(super) fn grant_between(&mut self, (least, most): (u16, u16)) -> u16 {
        self.grant(self.0.clamp(least, most))
    }
}
