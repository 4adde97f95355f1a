//! A run from its plan to its exit code: gateways started, load driven, everything ended.

use super::current::Current;
use super::exit::{Exit, Failure};
use super::faults::Faults;
use super::gateways::Gateways;
use super::lens::Lenses;
use super::preflight::{self, Verdict};
use super::round::{self, Ended, Round};
use super::{complain, look, panics};
use crate::glyphs;
use crate::plan::Plan;

/// Looks up a variable of the environment.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Runs `plan` to its end, once, or as often as the user asks for it. `stands`: what its gateways stand on, where that is not
/// started for it.
pub(super) fn run(plan: &Plan, stands: &Lenses, env: Env<'_>) -> Result<Exit, Failure> {
    // Everything that can be wrong is found before anything is started.
    let mut look = look::look(plan, env)?;
    panics::catch();
    let faults = Faults::asked(env);
    let current = Current::default();
    let ending = current.follow_signals(&faults)?;
    let signs = glyphs::for_text(plan.screen.glyphs, env);
    // The screen shows it as long as the run lasts, and plain lines tell every notice.
    if let Some(warning) = &plan.few_files
        && plan.output.headless
        && !plan.output.plain
    {
        complain(&format!("warning: {warning}"));
    }
    let cancelled = || ending.asked().map_or(Exit::CouldNot, Exit::Signal);
    loop {
        // Gateways begin anew, too: a second run is to be what the first one was.
        let Some(gateways) = Gateways::start(plan, current.cancel())? else {
            return Ok(cancelled());
        };
        let looked = match preflight::look(plan, &gateways.endpoints(), current.cancel(), signs)? {
            Verdict::Go(looked) => looked,
            Verdict::Told(report, good) => {
                super::print(&report)?;
                gateways.end(&current);
                return Ok(if good { Exit::Done } else { Exit::CouldNot });
            }
            Verdict::Refused => return Ok(Exit::CouldNot),
            Verdict::Cancelled => return Ok(cancelled()),
        };
        let lenses = stands.or(gateways.endpoints());
        let ended = round::run(Round {
            plan,
            signs,
            look: (!plan.output.headless).then_some(look),
            faults: &faults,
            current: &current,
            ending: &ending,
            gateways: &gateways,
            lenses: &lenses,
            looked: &looked,
        });
        gateways.end(&current);
        match ended? {
            Ended::With(exit) => return Ok(exit),
            Ended::Again => look = look::look(plan, env)?,
        }
    }
}
