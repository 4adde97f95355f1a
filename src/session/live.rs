//! One run, from its plan to its exit code, with the screen or without.

use super::exit::{Exit, Failure};
use super::faults::{Faults, Part};
use super::panics;
use super::saver::{SaveHandle, Saver};
use super::signals::{self, Ending};
use super::{complain, names, stdout};
use crate::config;
use crate::glyphs::{self, Glyphs};
use crate::headless;
use crate::load::{Control, Engine, EngineConfig, VariantLoad};
use crate::metrics::snapshot::{Notice, NoticeLevel, Snapshot};
use crate::plan::{Changeable, Colour, Format, Plan, VariantPlan};
use crate::report;
use crate::theme::{self, ColorDepth, ColorMode};
use crate::tui::{self, Controls, KeyMap, Screen, Toast, Wishes};
use signal_hook::consts::SIGABRT;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use url::Host;

/// Looks up a variable of the environment.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How often to look whether a headless run is over.
const LOOK: Duration = Duration::from_millis(50);

/// Looks that its last line of progress may take to be shown.
const LAST_LINE: u32 = 10;

/// Runs `plan` to its end.
pub(super) fn run(plan: &Plan, env: Env<'_>) -> Result<Exit, Failure> {
    // Everything that can be wrong is found before the first request.
    let look = Some(look(plan, env)?).filter(|_| !plan.output.headless);
    panics::catch();
    let faults = Faults::asked(env);
    let (tell, toasts) = mpsc::channel();
    let signs = glyphs::for_text(plan.screen.glyphs, env);
    // The screen shows it as long as the run lasts, and plain lines tell every notice.
    if let Some(warning) = &plan.few_files
        && plan.output.headless
        && !plan.output.plain
    {
        complain(&format!("warning: {warning}"));
    }
    let engine = faults.start(config(plan))?;
    let saver = start_saver(plan, &faults, engine.control(), tell)?;
    let ending = follow_signals(&engine, &saver, &faults)?;
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
                faults,
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
    // What is left behind is kept as by key.
    if let Ok(tui::Exit::Again) = shown {
        saver.handle().save(snapshot.clone());
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
        _ => Ok(exit),
    }
}

fn config(plan: &Plan) -> EngineConfig {
    let variants = plan
        .variants()
        .map(|variant| load_of(plan, variant))
        .collect();
    EngineConfig {
        load: plan.load.clone(),
        variants,
        plan: Arc::new(plan.record()),
        started_at: jiff::Zoned::now()
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string(),
        most_users: plan.changeable().most_users,
        notices: plan
            .variants()
            .enumerate()
            .filter_map(|(i, variant)| unchecked(i, plan.b.is_none(), variant))
            .chain(plan.few_files.clone().map(warning))
            .chain(plan.notes.iter().cloned().map(|text| Notice {
                level: NoticeLevel::Info,
                text,
            }))
            .collect(),
        together_notices: shared_machine(plan).into_iter().collect(),
    }
}

/// Certificates that nobody checks: whoever answers is believed, and the figures may be somebody else's.
fn unchecked(number: usize, solo: bool, variant: &VariantPlan) -> Option<Notice> {
    let name = match number {
        _ if solo => "the gateway",
        0 => "A",
        _ => "B",
    };
    (!variant.transport.tls.verify).then(|| {
        warning(format!(
            "{name}'s certificate is not checked (tls_verify=false): whoever answers is believed"
        ))
    })
}

fn warning(text: String) -> Notice {
    Notice {
        level: NoticeLevel::Warning,
        text,
    }
}

/// Variants that run together and share a machine take it from each other: that is said, but not of the demo, which is made so.
/// Other hosts of one name may be several machines, or one gateway.
fn shared_machine(plan: &Plan) -> Option<Notice> {
    let is_here = |host: &Option<Host<&str>>| match host {
        Some(Host::Domain(name)) => *name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let hosts: Vec<_> = plan.variants().map(|variant| variant.base.host()).collect();
    let is_demo = plan.title == "demo";
    match hosts.as_slice() {
        [a, b] if is_here(a) && is_here(b) && !is_demo => Some(Notice {
            level: NoticeLevel::Info,
            text: "A and B share this machine: --order alternate separates them".to_owned(),
        }),
        _ => None,
    }
}

fn load_of(plan: &Plan, variant: &VariantPlan) -> VariantLoad {
    VariantLoad {
        names: names::names(variant),
        request: plan.request_for(variant),
        transport: variant.transport.clone(),
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

fn follow_signals(engine: &Engine, saver: &Saver, faults: &Faults) -> Result<Ending, Failure> {
    let (control, snapshots, save) = (engine.control(), engine.snapshots(), saver.handle());
    let (faults, steered) = (faults.clone(), engine.control());
    signals::follow(
        move || control.cancel(),
        move || {
            faults.trigger(&steered);
            save.save(snapshots.borrow().clone());
        },
    )
    .map_err(|error| Failure::System(format!("cannot follow signals: {error}")))
}

/// What the screen needs from themes, terminal and configuration.
struct Look {
    themes: theme::Shelf,
    keys: KeyMap,
    mouse: bool,
    depth: theme::ColorDepth,
    glyphs: Glyphs,
    ask_background: bool,
}

fn look(plan: &Plan, env: Env<'_>) -> Result<Look, Failure> {
    let mode = match plan.screen.colour {
        Colour::Auto => ColorMode::Auto,
        Colour::Always => ColorMode::Always,
        Colour::Never => ColorMode::Never,
        Colour::Ansi16 => ColorMode::Sixteen,
        Colour::Ansi256 => ColorMode::TwoFiftySix,
        Colour::TrueColour => ColorMode::TrueColor,
    };
    // Without a screen, too: what is wrong with the file is said by whatever is started first.
    let config = config::read(env)?;
    let keys = KeyMap::with(&config.keys)
        .map_err(|error| config.wrong_keys(error.action(), &error.to_string()))?;
    let wanted = plan.screen.theme.as_deref().or(config.theme.as_deref());
    let usual = theme::automatic(env);
    let own_themes = config::folder(env).map(|folder| folder.join("themes"));
    let depth = theme::detect(mode, env);
    Ok(Look {
        keys,
        mouse: plan.screen.mouse || config.mouse == Some(true),
        themes: theme::Shelf::open(wanted, usual, own_themes)?,
        depth,
        glyphs: glyphs::detect(plan.screen.glyphs, env),
        ask_background: wanted.is_none() && depth > ColorDepth::None && can_answer(env),
    })
}

/// Whether there is a terminal that may tell its background. Some consoles would show the question instead.
fn can_answer(env: Env<'_>) -> bool {
    let term = env("TERM").unwrap_or_default();
    let mute = ["", "dumb", "linux", "cons25", "eterm", "eterm-color"].contains(&term.as_str());
    cfg!(unix) && !mute && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
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

/// What the keys act on.
struct Steering {
    control: Control,
    changeable: Changeable,
    save: SaveHandle,
    ending: Ending,
    faults: Faults,
}

impl Controls for Steering {
    fn step_load(&self, up: bool, steps: u32) {
        self.control.step_load(up, steps);
    }

    fn set_load(&self, text: &str) -> Result<(), String> {
        self.control.set_load(self.changeable.read(text)?);
        Ok(())
    }

    fn reset(&self) {
        self.control.reset();
    }

    fn cycle_window(&self) {
        self.control.cycle_window();
    }

    fn step_window(&self, longer: bool) {
        self.control.step_window(longer);
    }

    fn toggle_pause(&self) {
        self.control.toggle_pause();
    }

    fn save(&self, snapshot: Arc<Snapshot>) {
        self.save.save(snapshot);
    }

    fn cycle_order(&self) {
        self.control.cycle_order();
    }

    fn annotate(&self, text: String, at_s: Option<f64>) {
        self.control.annotate(text, at_s);
    }

    fn table(&self, snapshot: &Snapshot) -> String {
        report::markdown(snapshot)
    }

    fn export(&self, snapshot: Arc<Snapshot>) {
        self.save.export(snapshot);
    }

    fn interrupted(&self) -> Option<i32> {
        self.faults.strike(Part::Screen);
        self.ending.asked()
    }
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
