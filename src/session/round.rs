//! One run of a plan: the engine with the screen or without, and what is saved and said at its end.

use super::current::Current;
use super::exit::{Exit, Failure};
use super::faults::{Faults, Part};
use super::gateways::Gateways;
use super::lens::Lenses;
use super::look::Look;
use super::panics;
use super::preflight::Looked;
use super::saver::Saver;
use super::signals::Ending;
use super::steering::Steering;
use super::{complain, setup, stdout};
use crate::glyphs::Glyphs;
use crate::headless;
use crate::load::{Control, Engine};
use crate::metrics::snapshot::{Notice, NoticeLevel, Snapshot};
use crate::plan::{Format, Plan};
use crate::report;
use crate::tui::{self, Screen, Toast, Wishes};
use signal_hook::consts::SIGABRT;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// How often to look whether a headless run is over.
const LOOK: Duration = Duration::from_millis(50);

/// Looks that its last line of progress may take to be shown.
const LAST_LINE: u32 = 10;

/// What a run needs from outside.
pub(super) struct Round<'a> {
    pub(super) plan: &'a Plan,
    pub(super) signs: Glyphs,
    /// How the screen looks; `None`: there is none.
    pub(super) look: Option<Look>,
    pub(super) faults: &'a Faults,
    pub(super) current: &'a Current,
    pub(super) ending: &'a Ending,
    pub(super) gateways: &'a Gateways,
    /// Who sees the gateways from behind.
    pub(super) lenses: &'a Lenses,
    /// What was found before the load.
    pub(super) looked: &'a Looked,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// With this exit code.
    With(Exit),
    /// The user wants the plan to run once more, from the start.
    Again,
}

/// Runs the plan to its end.
pub(super) fn run(round: Round<'_>) -> Result<Ended, Failure> {
    let Round {
        plan,
        signs,
        look,
        faults,
        current,
        ending,
        gateways,
        lenses,
        looked,
    } = round;
    let (tell, toasts) = mpsc::channel();
    let engine = faults.start(setup::engine(plan, lenses, looked.notices().collect()))?;
    let saver = start_saver(plan, faults, engine.control(), tell)?;
    let _under_way = current.set(&engine, saver.handle());
    looked.log(&engine.control());
    gateways.report_to(engine.control());
    let (control, asked) = (engine.control(), ending.clone());
    panics::watch(move || {
        asked.ask(SIGABRT);
        control.cancel();
    });

    let shown = match look {
        None => {
            progress(&engine, plan, signs).map_err(|error| Failure::System(error.to_string()))?;
            Ok(tui::Exit::Finished)
        }
        Some(look) => {
            let steering = Steering {
                control: engine.control(),
                changeable: plan.changeable(),
                save: saver.handle(),
                ending: ending.clone(),
                faults: faults.clone(),
            };
            let screen = AssertUnwindSafe(|| screen(plan, look, &engine, steering, toasts));
            // A panic has been noted: it is no error of the terminal.
            catch_unwind(screen).unwrap_or(Ok(tui::Exit::Finished))
        }
    };
    panics::tell();
    engine.control().cancel();
    let mut snapshot = engine.join();
    let fatal = panics::fatal();
    if let Some(reason) = &fatal {
        let level = NoticeLevel::Error;
        let text = format!("the run was ended by an {reason}");
        Arc::make_mut(&mut snapshot)
            .notices
            .insert(0, Notice { level, text });
    }

    // The terminal is back to normal: whatever the screen met, what was asked for is saved first.
    let mut exit = match (ending.asked(), &shown) {
        _ if fatal.is_some() => Exit::Panicked,
        (Some(signal), _) => Exit::Signal(signal),
        (None, Ok(tui::Exit::Interrupted(signal))) => Exit::Signal(*signal),
        (None, Ok(tui::Exit::Quit | tui::Exit::Finished | tui::Exit::Again)) => Exit::Done,
        (None, Err(_)) => Exit::CouldNot,
    };
    if matches!(shown, Ok(tui::Exit::Again)) && exit == Exit::Done {
        // What is left behind is kept as by key, and where it was asked for: the next run may not even begin.
        if let Some(path) = &plan.output.out
            && let Err(error) = report::save(&snapshot, path)
        {
            complain(&error.to_string());
        }
        saver.handle().save(snapshot);
        if !saver.finish() {
            complain("a snapshot could not be saved");
        }
        return Ok(Ended::Again);
    }
    let mut fail = |reason: &str| {
        complain(reason);
        if exit == Exit::Done {
            exit = Exit::CouldNot;
        }
    };
    if let Some(path) = &plan.output.out
        && let Err(error) = report::save(&snapshot, path)
    {
        fail(&error.to_string());
    }
    if let Err(error) = print(&snapshot, plan, signs) {
        fail(&error);
    }
    if !saver.finish() {
        fail("a snapshot could not be saved");
    }
    if let Some(reason) = unreachable(&snapshot) {
        fail(&reason);
    }
    panics::tell();
    match (shown, exit) {
        // A terminal that went away with a signal is no error of its own.
        (Err(error), Exit::CouldNot) => Err(Failure::Terminal(error)),
        _ => Ok(Ended::With(exit)),
    }
}

fn start_saver(
    plan: &Plan,
    faults: &Faults,
    control: Control,
    tell: mpsc::Sender<Toast>,
) -> Result<Saver, Failure> {
    let (headless, faults) = (plan.output.headless, faults.clone());
    Saver::start(
        plan.output.snapshot_dir.clone(),
        move || faults.strike(Part::Saver),
        move |result| {
            let toast = saved(result);
            control.log(toast.level, "file", toast.text.clone());
            tell_saved(headless, &tell, toast);
        },
    )
    .map_err(|error| Failure::System(error.to_string()))
}

/// Shows the progress until the run is over. On a thread of its own: a terminal that takes nothing must not keep the end from
/// coming.
fn progress(engine: &Engine, plan: &Plan, signs: Glyphs) -> std::io::Result<()> {
    let mut snapshots = engine.snapshots();
    let in_sentences = plan.output.plain;
    let (showing, shown) = mpsc::channel::<()>();
    std::thread::Builder::new()
        .name("progress".to_owned())
        .spawn(move || {
            if in_sentences {
                headless::tell(&mut snapshots);
            } else {
                headless::follow(&mut snapshots, signs);
            }
            drop(showing);
        })?;
    let mut looks_left = LAST_LINE;
    while let Err(RecvTimeoutError::Timeout) = shown.recv_timeout(LOOK) {
        if engine.is_finished() {
            looks_left -= 1;
        }
        if looks_left == 0 {
            break;
        }
    }
    Ok(())
}

fn screen(
    plan: &Plan,
    look: Look,
    engine: &Engine,
    steering: Steering,
    toasts: mpsc::Receiver<Toast>,
) -> std::io::Result<tui::Exit> {
    Screen {
        snapshots: engine.snapshots(),
        controls: Box::new(steering),
        toasts,
        themes: look.themes,
        keys: look.keys,
        depth: look.depth,
        glyphs: look.glyphs,
        cpu: engine.cpu().clone(),
        terminal: Wishes {
            alternate_screen: plan.screen.alt_screen,
            mouse: look.mouse,
            background: look.ask_background,
        },
        exit_when_done: plan.output.exit,
    }
    .run()
}

fn saved(result: Result<String, String>) -> Toast {
    match result {
        Ok(said) => Toast {
            level: NoticeLevel::Info,
            text: said,
        },
        Err(reason) => Toast {
            level: NoticeLevel::Error,
            text: format!("not saved: {reason}"),
        },
    }
}

fn tell_saved(headless: bool, toasts: &mpsc::Sender<Toast>, toast: Toast) {
    if headless {
        complain(&toast.text);
    } else {
        let _ = toasts.send(toast);
    }
}

fn print(snapshot: &Snapshot, plan: &Plan, signs: Glyphs) -> Result<(), String> {
    let text = match plan.output.format {
        Format::Table if plan.output.plain => headless::result(snapshot),
        Format::Table => signs.text(&report::table(snapshot)).into_owned(),
        Format::Markdown => report::markdown(snapshot),
        Format::Json => report::json(snapshot).map_err(|error| error.to_string())?,
        Format::Csv => report::csv(snapshot)?,
        Format::Hlog => report::hlog(snapshot)?,
    };
    stdout::write(&text).map_err(|error| format!("cannot write the result: {error}"))
}

/// Why nothing was reachable at all; `None` if a connection was ever made, or nothing was tried.
fn unreachable(snapshot: &Snapshot) -> Option<String> {
    let none = snapshot
        .variants
        .iter()
        .all(|v| v.connections.opened == 0 && !v.errors.is_empty());
    let reason = snapshot
        .variants
        .iter()
        .find_map(|v| v.errors.first().map(|error| (v, error)));
    match reason {
        Some((variant, error)) if none => Some(format!(
            "nothing could be reached: {} ({})",
            error.text,
            crate::text::printable(&variant.url, 120)
        )),
        _ => None,
    }
}
