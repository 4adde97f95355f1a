//! The views of the screen: what each is called, its key, and the order in which Tab goes through them.

/// A view of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Everything for a decision.
    Race,
    /// How the response times are distributed.
    Latency,
    /// How the response times are distributed over time.
    Heat,
    /// What failed, and what the connections did.
    Errors,
    /// The plan as it runs, and what the figures rest on.
    Details,
    /// What happened when.
    Log,
}

impl View {
    /// All views, in the order of their keys.
    pub const ALL: [View; 6] = [
        View::Race,
        View::Latency,
        View::Heat,
        View::Errors,
        View::Details,
        View::Log,
    ];

    /// The name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            View::Race => "Race",
            View::Latency => "Latency",
            View::Heat => "Heat",
            View::Errors => "Errors",
            View::Details => "Details",
            View::Log => "Log",
        }
    }

    /// The view after this one; after the last one comes the first.
    #[must_use]
    pub fn next(self) -> View {
        self.by(1)
    }

    /// The view before this one; before the first one comes the last.
    #[must_use]
    pub fn previous(self) -> View {
        self.by(View::ALL.len() - 1)
    }

    fn by(self, steps: usize) -> View {
        View::ALL[(self as usize + steps) % View::ALL.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_views_go_round_both_ways() {
        for (place, view) in View::ALL.into_iter().enumerate() {
            assert_eq!(view as usize, place);
            assert_eq!(view.next().previous(), view);
        }
        assert_eq!(View::Race.previous(), View::ALL[View::ALL.len() - 1]);
    }
}
