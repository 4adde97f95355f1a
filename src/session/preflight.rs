//! The preflight of a run: before its load, with its plan's words and places.

use super::complain;
use super::exit::Failure;
use crate::gateway::ServerCounters;
use crate::glyphs::Glyphs;
use crate::headless;
use crate::load::Control;
use crate::metrics::snapshot::{Notice, NoticeLevel};
use crate::plan::{Plan, PreflightPlan};
use crate::preflight::{Findings, Preflight, Subject, Unfinished, Weight, check};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What the load goes on from.
#[derive(Debug, Default)]
pub(super) struct Looked(Option<Findings>);

/// How a preflight ends.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The load may begin.
    Go(Looked),
    /// All that was asked for has been found: this is to be printed, and was the gateway good?
    Told(String, bool),
    /// Somebody has refused, which has been said; nothing may begin.
    Refused,
    /// It was cancelled.
    Cancelled,
}

/// Asks the variants of `plan`, if the plan says so, and says on stderr what they have answered. `endpoints`: what the built-in
/// endpoint behind each variant alone sees.
pub(super) fn look(
    plan: &Plan,
    endpoints: &[Option<Arc<ServerCounters>>],
    cancel: &CancellationToken,
    signs: Glyphs,
) -> Result<Verdict, Failure> {
    if plan.preflight == PreflightPlan::Skipped {
        return Ok(Verdict::Go(Looked(None)));
    }
    let say = |text: &str| complain(&in_signs(text, plan.output.plain, signs));
    let preflight = of(plan, endpoints);
    let waiting = || say("preflight: waiting for an answer");
    let findings = match check(&preflight, cancel, waiting) {
        Ok(findings) => findings,
        Err(Unfinished::Cancelled) => return Ok(Verdict::Cancelled),
        Err(error @ Unfinished::System(_)) => return Err(Failure::System(error.to_string())),
    };
    let refusals = findings.refusals();
    if plan.preflight == PreflightPlan::Only {
        let report = in_signs(&findings.report(), false, signs);
        return Ok(Verdict::Told(report, refusals.is_empty()));
    }
    for (_, line) in findings.lines() {
        say(&format!("preflight: {line}"));
    }
    if refusals.is_empty() {
        return Ok(Verdict::Go(Looked(Some(findings))));
    }
    for refusal in refusals {
        say(&refusal);
    }
    say("no load was started; --no-preflight starts it all the same");
    Ok(Verdict::Refused)
}

impl Looked {
    /// What stands on the screen as long as the run lasts.
    pub(super) fn notices(&self) -> impl Iterator<Item = Notice> {
        let notices = self.0.iter().flat_map(Findings::notices);
        notices.map(|text| Notice {
            level: NoticeLevel::Warning,
            text,
        })
    }

    /// Writes all of it into the run's log.
    pub(super) fn log(&self, control: &Control) {
        for (weight, text) in self.0.iter().flat_map(Findings::lines) {
            let level = match weight {
                Weight::Info => NoticeLevel::Info,
                Weight::Warning => NoticeLevel::Warning,
            };
            control.log(level, "preflight", text);
        }
    }
}

fn of(plan: &Plan, endpoints: &[Option<Arc<ServerCounters>>]) -> Preflight {
    let names: &[&'static str] = if plan.b.is_some() {
        &["A", "B"]
    } else {
        &["the gateway"]
    };
    let subjects = plan.variants().zip(names).enumerate();
    let subjects = subjects.map(|(at, (variant, name))| Subject {
        secrets: plan.secrets.clone(),
        name,
        label: variant.label.clone(),
        shown_url: plan.shown_url_for(variant),
        request: plan.request_for(variant),
        transport: variant.transport.clone(),
        endpoint: endpoints.get(at).cloned().flatten(),
    });
    Preflight {
        subjects: subjects.collect(),
        timeout: plan.load.timeout,
        compare: plan.b.is_some() && !plan.aa,
    }
}

/// As a terminal or a screen reader takes it.
fn in_signs(text: &str, plain: bool, signs: Glyphs) -> String {
    if plain {
        headless::spoken(text)
    } else {
        signs.text(text).into_owned()
    }
}
