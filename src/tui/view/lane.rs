//! One variant as the views see it: its figures, its colour, and the other one to compare with.

use crate::metrics::snapshot::{
    Figures, MetricName, Percentile, Phase, Side, Snapshot, VariantSnapshot,
};
use crate::text;
use crate::theme::Role;
use crate::tui::Panel;
use crate::tui::scales::Scales;
use crate::tui::view::canvas::{Canvas, Part, part};
use crate::tui::view::turns;
use crate::tui::widgets::{Gauge, Level, Shape};
use ratatui::layout::Rect;

/// The four headline figures, in the order of their gauges.
pub(super) const HEADLINES: [MetricName; 4] = [
    MetricName::Rps,
    MetricName::P50,
    MetricName::P95,
    MetricName::P99,
];

/// One variant, and the other.
#[derive(Clone, Copy)]
pub(super) struct Lane<'a> {
    pub(super) letter: &'static str,
    pub(super) role: Role,
    pub(super) variant: &'a VariantSnapshot,
    pub(super) side: Side,
    other: Option<&'a VariantSnapshot>,
    pub(super) timeout_s: f64,
    done: bool,
    window_s: u32,
    /// It is the other one's turn.
    pub(super) idle: bool,
    other_idle: bool,
}

/// A, then B where there is one.
pub(super) fn lanes(snapshot: &Snapshot) -> Vec<Lane<'_>> {
    let timeout_s = snapshot.plan.load.timeout_s;
    let done = snapshot.meta.phase == Phase::Done;
    let (a, b) = (&snapshot.variants.a, snapshot.variants.b.as_ref());
    let lane = |side: Side, role, variant, other| Lane {
        letter: side.name(),
        role,
        variant,
        side,
        other,
        timeout_s,
        done,
        window_s: snapshot.meta.window_s,
        idle: turns::is_idle(snapshot, side),
        other_idle: turns::is_idle(snapshot, side.other()),
    };
    let mut lanes = vec![lane(Side::A, Role::VariantA, a, b)];
    lanes.extend(b.map(|b| lane(Side::B, Role::VariantB, b, Some(a))));
    lanes
}

impl Lane<'_> {
    /// The panel that shows it.
    pub(super) fn panel(&self) -> Panel {
        match self.side {
            Side::A => Panel::A,
            Side::B => Panel::B,
        }
    }

    /// A headline figure of the live window.
    pub(super) fn window(&self, metric: MetricName) -> String {
        value(metric, &self.variant.window, self.timeout_s)
    }

    /// A headline figure of the run.
    pub(super) fn run(&self, metric: MetricName) -> String {
        value(metric, &self.variant.run, self.timeout_s)
    }

    /// True when the run's figures are the ones that count: when it is over, or the variant waits for its turn, the last
    /// window shows only how it ended.
    pub(super) fn shows_run(&self) -> bool {
        run_counts(self.variant, self.done || self.idle)
    }

    /// The figures that count now: of the live window, or of the run.
    pub(super) fn counting(&self) -> &Figures {
        if self.shows_run() {
            &self.variant.run
        } else {
            &self.variant.window
        }
    }

    /// How a figure is written that would be written in `role` if it were the variant's turn.
    pub(super) fn dimmed(&self, role: Role) -> Role {
        if self.idle { Role::TextMuted } else { role }
    }

    /// The gauge of the figure that counts, with marks where the other variant and where the run is, and for RPS one at
    /// the most the load asks for.
    pub(super) fn gauge(
        &self,
        canvas: &mut Canvas<'_>,
        metric: MetricName,
        scales: &Scales,
        shape: Shape,
        area: Rect,
    ) {
        let marker = self.other.and_then(|other| {
            let figures = if run_counts(other, self.done || self.other_idle) {
                &other.run
            } else {
                &other.window
            };
            match level(metric, figures, scales) {
                Level::Unknown => None,
                Level::At(place) => Some(place),
                Level::Beyond => Some(1.0),
            }
        });
        let limit = scales
            .rps_limit
            .filter(|most| metric == MetricName::Rps && *most <= scales.rps)
            .map(|most| most / scales.rps);
        let run = match level(metric, &self.variant.run, scales) {
            Level::At(place) if !self.shows_run() => Some(place),
            _ => None,
        };
        let gauge = Gauge {
            level: level(metric, self.counting(), scales),
            shape,
            marker,
            run,
            limit,
            bar: canvas.style(self.dimmed(self.role)),
            track: canvas.style(Role::GaugeTrack),
            mark: canvas.style(Role::GaugeMarker),
        };
        canvas.widget(&gauge, area);
    }

    /// The window's length in whole seconds as the title of its column, `5 s`, or how much of it there is so far,
    /// `14 of 30 s`; the second under way is not counted.
    pub(super) fn window_title(&self) -> String {
        // Measured seconds are a little shorter or longer.
        let seconds = (self.variant.window.seconds + 0.1).floor();
        let full = f64::from(self.window_s);
        if seconds < full {
            format!("{} of {full} s", seconds.max(0.0))
        } else if full > 0.0 {
            text::seconds(full)
        } else {
            "live".to_owned()
        }
    }

    /// Failures of the run, or while it has none those of the live window, which also sees the warm-up.
    pub(super) fn failures(&self) -> (&Figures, u64) {
        let variant = self.variant;
        let figures = if variant.run.failed == 0 {
            &variant.window
        } else {
            &variant.run
        };
        (figures, figures.failed)
    }

    /// The commonest failures by name and count, commonest first: `http_503 10 · timeout 2`.
    pub(super) fn outcomes(&self) -> String {
        let mut failures: Vec<(&str, u64)> = self
            .failures()
            .0
            .outcomes
            .iter()
            .map(|(name, &count)| (name.as_str(), count))
            .filter(|&(name, count)| count > 0 && !matches!(name, "ok" | "cancelled"))
            .collect();
        failures.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
        let named: Vec<String> = failures
            .iter()
            .take(4)
            .map(|(name, count)| format!("{} {}", text::printable(name, 40), text::count(*count)))
            .collect();
        named.join(" · ")
    }

    /// `host:port · HTTP/1.1`, with TLS its version behind; without the place where the label is just that.
    pub(super) fn address(&self) -> String {
        let url = text::printable(&self.variant.url, 120);
        let url = url
            .strip_prefix("http://")
            .unwrap_or(&url)
            .trim_end_matches('/');
        let place = (url != self.variant.label).then(|| url.to_owned());
        let known: Vec<String> = place.into_iter().chain(self.agreed()).collect();
        known.join(" · ")
    }

    /// Whom the pane is about and what was agreed on, from the longest form to the shortest: what was agreed on must not be
    /// hidden for want of room for the place.
    pub(super) fn addresses(&self) -> Vec<Vec<Part>> {
        let agreed: Vec<String> = self.agreed().collect();
        [self.address(), agreed.join(" · ")]
            .into_iter()
            .filter(|form| !form.is_empty())
            .map(|form| vec![part(form, Role::TextMuted)])
            .collect()
    }

    /// `HTTP/1.1`, and `TLS 1.3` where there is TLS.
    pub(super) fn agreed(&self) -> impl Iterator<Item = String> {
        let agreed = &self.variant.connections.agreed;
        let most = agreed.iter().max_by_key(|agreed| agreed.connections);
        let tls = most.and_then(|agreed| agreed.tls.as_deref());
        [self.variant.protocol.as_deref(), tls]
            .into_iter()
            .flatten()
            .map(|known| text::printable(known, 20))
    }
}

/// True if nobody checks the certificate of whoever answers.
pub(super) fn is_unverified(variant: &VariantSnapshot) -> bool {
    let mut settings = variant.transport.split(", ");
    settings.any(|setting| setting == "tls_verify false")
}

/// True if `variant` has figures of its run and nothing live counts.
fn run_counts(variant: &VariantSnapshot, stands: bool) -> bool {
    stands && variant.run.rps.is_some()
}

/// The name of a percentile in a latency summary.
pub(super) fn percentile_name(metric: MetricName) -> Option<&'static str> {
    match metric {
        MetricName::P50 => Some("p50"),
        MetricName::P95 => Some("p95"),
        MetricName::P99 => Some("p99"),
        MetricName::Rps | MetricName::Errors => None,
    }
}

/// A headline figure as it is written.
fn value(metric: MetricName, figures: &Figures, timeout_s: f64) -> String {
    match percentile_name(metric) {
        Some(name) => text::percentile(figures.response_us.get(name), timeout_s),
        None => figures
            .rps
            .map_or_else(|| text::NONE.to_owned(), text::rate),
    }
}

/// A headline figure on its scale.
fn level(metric: MetricName, figures: &Figures, scales: &Scales) -> Level {
    let Some(name) = percentile_name(metric) else {
        return figures.rps.map_or(Level::Unknown, |rps| {
            Level::At((rps / scales.rps).clamp(0.0, 1.0))
        });
    };
    match figures.response_us.get(name) {
        Percentile::Unknown => Level::Unknown,
        Percentile::Exactly(us) | Percentile::AtLeast(us) => {
            Level::At(scales.latency.position(us as f64))
        }
        Percentile::Beyond(_) => Level::Beyond,
    }
}
