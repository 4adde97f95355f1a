//! The semantic roles: everything on the screen that can have a style of its own.

/// What a thing on the screen means. The name in theme files is [`Role::name`]; a theme that does not define `a.b` gives it
/// the style of `a`, and without that the terminal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Labels, units, what stands back.
    TextMuted,
    /// The figures that matter most.
    TextStrong,
    /// Frames.
    Border,
    /// Titles in frames.
    BorderTitle,
    /// The baseline.
    VariantA,
    /// The candidate.
    VariantB,
    /// A change for the better.
    DeltaBetter,
    /// A change for the worse.
    DeltaWorse,
    /// The median's curve.
    LatencyP50,
    /// The 95th percentile's.
    LatencyP95,
    /// The 99th percentile's.
    LatencyP99,
    /// All is well.
    StatusOk,
    /// Worth knowing.
    StatusWarn,
    /// Something failed.
    StatusError,
    /// The empty part of a gauge.
    GaugeTrack,
    /// Where the other variant stands.
    GaugeMarker,
    /// A key that can be pressed.
    Key,
    /// The phase: measuring.
    PhaseActive,
    /// The phase: ramp, warm-up, draining.
    PhaseWait,
    /// The phase or the display is held: PAUSED, FROZEN.
    PhaseHeld,
    /// The phase: over.
    PhaseDone,
    /// Time that has passed.
    Progress,
    /// Time to come.
    ProgressRest,
    /// Axes and their labels.
    ChartAxis,
    /// Marks on the time axis: changes of the load.
    ChartMark,
}

impl Role {
    /// How many there are.
    pub const COUNT: usize = Role::ALL.len();

    /// All of them, in the order of their numbers.
    pub const ALL: [Role; 26] = [
        Role::Text,
        Role::TextMuted,
        Role::TextStrong,
        Role::Border,
        Role::BorderTitle,
        Role::VariantA,
        Role::VariantB,
        Role::DeltaBetter,
        Role::DeltaWorse,
        Role::LatencyP50,
        Role::LatencyP95,
        Role::LatencyP99,
        Role::StatusOk,
        Role::StatusWarn,
        Role::StatusError,
        Role::GaugeTrack,
        Role::GaugeMarker,
        Role::Key,
        Role::PhaseActive,
        Role::PhaseWait,
        Role::PhaseHeld,
        Role::PhaseDone,
        Role::Progress,
        Role::ProgressRest,
        Role::ChartAxis,
        Role::ChartMark,
    ];

    /// The name in theme files.
    pub fn name(self) -> &'static str {
        match self {
            Role::Text => "text",
            Role::TextMuted => "text.muted",
            Role::TextStrong => "text.strong",
            Role::Border => "border",
            Role::BorderTitle => "border.title",
            Role::VariantA => "variant.a",
            Role::VariantB => "variant.b",
            Role::DeltaBetter => "delta.better",
            Role::DeltaWorse => "delta.worse",
            Role::LatencyP50 => "latency.p50",
            Role::LatencyP95 => "latency.p95",
            Role::LatencyP99 => "latency.p99",
            Role::StatusOk => "status.ok",
            Role::StatusWarn => "status.warn",
            Role::StatusError => "status.error",
            Role::GaugeTrack => "gauge.track",
            Role::GaugeMarker => "gauge.marker",
            Role::Key => "key",
            Role::PhaseActive => "phase.active",
            Role::PhaseWait => "phase.wait",
            Role::PhaseHeld => "phase.held",
            Role::PhaseDone => "phase.done",
            Role::Progress => "progress",
            Role::ProgressRest => "progress.rest",
            Role::ChartAxis => "chart.axis",
            Role::ChartMark => "chart.mark",
        }
    }

    /// The keys that give this role its style, nearest first: `a.b`, then `a`.
    pub fn keys(self) -> impl Iterator<Item = &'static str> {
        std::iter::successors(Some(self.name()), |name| {
            name.rsplit_once('.').map(|(parent, _)| parent)
        })
    }

    /// True for a key that some role listens to.
    pub fn is_key(key: &str) -> bool {
        Role::ALL.iter().any(|role| role.keys().any(|k| k == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_roles_are_their_places_in_the_list() {
        for (place, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, place);
        }
    }

    #[test]
    fn a_role_falls_back_to_its_parents() {
        let keys: Vec<&str> = Role::TextMuted.keys().collect();
        assert_eq!(keys, ["text.muted", "text"]);
        assert!(Role::is_key("latency") && Role::is_key("latency.p50"));
        assert!(!Role::is_key("latency.p42") && !Role::is_key(""));
    }
}
