//! The state of the screen, and the one function that changes it.

use super::scales::Scales;
use super::themes::Themes;
use super::{Exit, Toast, View};
use crate::glyphs::Glyphs;
use crate::metrics::snapshot::{NoticeLevel, Phase, Snapshot};
use crate::theme::{ColorDepth, Theme};
use std::sync::Arc;
use std::time::Duration;

/// How long a toast stays.
const TOAST: Duration = Duration::from_secs(6);
/// The most toasts that are kept at a time.
const TOASTS: usize = 4;
/// How the toast begins that names a theme.
const THEME: &str = "theme ";

/// Everything that can happen to the screen.
#[derive(Clone, Debug)]
pub enum Action {
    /// A new picture of the run.
    Snapshot(Arc<Snapshot>),
    /// A message to show for a while.
    Toast(Toast),
    /// It is now so long after the start.
    Time(Duration),
    /// The terminal has another size.
    Resize,
    /// Quit.
    Quit,
    /// Ctrl-C.
    Interrupt,
    /// Go to a view.
    Show(View),
    /// Go to the next view.
    NextView,
    /// Go to the view before.
    PreviousView,
    /// Open or close the help.
    Help,
    /// Open or close the list of the self-checks.
    Checks,
    /// Show the arithmetic in place of the verdicts, or the verdicts again.
    Calculation,
    /// Close whatever lies over the screen.
    Close,
    /// Freeze the display, or let it follow the run again.
    Freeze,
    /// Hold the load, or let it go on.
    Pause,
    /// One step more load.
    LoadUp,
    /// One step less load.
    LoadDown,
    /// Ten steps more load.
    LoadMuchUp,
    /// Ten steps less load.
    LoadMuchDown,
    /// Begin run figures and comparison anew.
    Reset,
    /// The next length of the live window.
    CycleWindow,
    /// Save what is on the screen.
    Save,
    /// The next theme.
    NextTheme,
    /// The themes are these now: a file of one has changed.
    Themes(Vec<Theme>),
}

/// What can lie over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// Keys and signs.
    Help,
    /// All self-checks with all they say.
    Checks,
}

/// What is to be done outside of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End.
    Exit(Exit),
    /// More or less load.
    StepLoad {
        /// More.
        up: bool,
        /// How many steps of about a tenth.
        steps: u32,
    },
    /// Run figures and comparison begin anew.
    Reset,
    /// The live window takes the next of its lengths.
    CycleWindow,
    /// Hold the load, or let it go on.
    TogglePause,
    /// Save this picture.
    Save(Arc<Snapshot>),
}

/// Steps of the load with Shift.
const MUCH: u32 = 10;

fn step(up: bool, steps: u32) -> Effect {
    Effect::StepLoad { up, steps }
}

/// The state of the screen.
#[derive(Debug)]
pub struct App {
    latest: Arc<Snapshot>,
    shown: Arc<Snapshot>,
    frozen: bool,
    view: View,
    overlay: Option<Overlay>,
    calculation: bool,
    themes: Themes,
    glyphs: Glyphs,
    toasts: Vec<(Toast, Duration)>,
    now: Duration,
    scales: Scales,
    dirty: bool,
}

impl App {
    /// A screen that shows `snapshot`. `themes` are fitted to `depth`; the first is used.
    pub fn new(snapshot: Arc<Snapshot>, themes: Vec<Theme>, depth: ColorDepth) -> App {
        App {
            scales: Scales::default().following(&snapshot),
            shown: Arc::clone(&snapshot),
            latest: snapshot,
            frozen: false,
            view: View::Race,
            overlay: None,
            calculation: false,
            themes: Themes::new(themes, depth),
            glyphs: Glyphs::default(),
            toasts: Vec::new(),
            now: Duration::ZERO,
            dirty: true,
        }
    }

    /// The same on a terminal that shows only such signs.
    #[must_use]
    pub fn with_glyphs(self, glyphs: Glyphs) -> App {
        App { glyphs, ..self }
    }

    /// Changes the state, and says what is to be done outside.
    pub fn update(&mut self, action: Action) -> Option<Effect> {
        if let Action::Time(now) = action {
            self.now = now;
            let before = self.toasts.len();
            self.toasts.retain(|(_, until)| *until > now);
            self.dirty |= self.toasts.len() != before;
            return None;
        }
        // A frozen display does not change with the run, except that keys may begin or cease to work.
        self.dirty |= match &action {
            Action::Snapshot(snapshot) if self.frozen => {
                snapshot.meta.phase != self.latest.meta.phase
            }
            _ => true,
        };
        match action {
            Action::Snapshot(snapshot) => {
                self.latest = snapshot;
                self.follow();
            }
            Action::Toast(toast) => self.tell(toast),
            Action::Time(_) | Action::Resize => {}
            Action::Quit => return Some(Effect::Exit(Exit::Quit)),
            Action::Interrupt => return Some(Effect::Exit(Exit::Interrupted(2))),
            Action::Show(view) => self.show(view),
            Action::NextView => self.show(self.view.next()),
            Action::PreviousView => self.show(self.view.previous()),
            Action::Help => self.toggle(Overlay::Help),
            Action::Checks => self.toggle(Overlay::Checks),
            Action::Calculation => self.calculation = !self.calculation,
            Action::Close => self.overlay = None,
            Action::Freeze => {
                self.frozen = !self.frozen;
                self.follow();
            }
            Action::Pause => return Some(Effect::TogglePause),
            Action::LoadUp => return Some(step(true, 1)),
            Action::LoadDown => return Some(step(false, 1)),
            Action::LoadMuchUp => return Some(step(true, MUCH)),
            Action::LoadMuchDown => return Some(step(false, MUCH)),
            Action::Reset => return Some(Effect::Reset),
            Action::CycleWindow => return Some(Effect::CycleWindow),
            Action::Save => return Some(Effect::Save(Arc::clone(&self.shown))),
            Action::NextTheme => self.next_theme(),
            Action::Themes(themes) => self.themes.replace(themes),
        }
        None
    }

    fn tell(&mut self, toast: Toast) {
        if self.toasts.len() == TOASTS {
            self.toasts.remove(0);
        }
        self.toasts.push((toast, self.now + TOAST));
    }

    /// The next theme, and its name, in place of the name of the one before.
    fn next_theme(&mut self) {
        self.themes.next();
        self.toasts
            .retain(|(toast, _)| !toast.text.starts_with(THEME));
        self.tell(Toast {
            level: NoticeLevel::Info,
            text: format!("{THEME}{}", self.theme().name()),
        });
    }

    /// Goes to `view`. Who asks for it wants to see it: nothing lies over it.
    fn show(&mut self, view: View) {
        self.view = view;
        self.overlay = None;
    }

    /// Opens `overlay` in place of another, or closes it.
    fn toggle(&mut self, overlay: Overlay) {
        self.overlay = (self.overlay != Some(overlay)).then_some(overlay);
    }

    fn follow(&mut self) {
        if !self.frozen {
            self.shown = Arc::clone(&self.latest);
            self.scales = self.scales.following(&self.shown);
        }
    }

    /// The picture on the screen.
    pub fn snapshot(&self) -> &Snapshot {
        &self.shown
    }

    /// The scales of gauges and charts.
    pub fn scales(&self) -> &Scales {
        &self.scales
    }

    /// The theme in use, fitted to the terminal.
    pub fn theme(&self) -> &Theme {
        self.themes.current()
    }

    /// Which signs the terminal shows.
    pub fn glyphs(&self) -> Glyphs {
        self.glyphs
    }

    /// True while the display stands still.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// The view that is shown.
    pub fn view(&self) -> View {
        self.view
    }

    /// What lies over the screen.
    pub fn overlay(&self) -> Option<Overlay> {
        self.overlay
    }

    /// True while the arithmetic stands in place of the verdicts.
    pub fn shows_calculation(&self) -> bool {
        self.calculation
    }

    /// True where two variants are compared.
    pub fn compares(&self) -> bool {
        self.shown.variants.b.is_some()
    }

    /// True when another theme would look different.
    pub fn can_change_theme(&self) -> bool {
        self.themes.are_many()
    }

    /// True while the load can be changed.
    pub fn can_change_load(&self) -> bool {
        !matches!(self.latest.meta.phase, Phase::Draining | Phase::Done)
    }

    /// True while the user holds the load.
    pub fn is_paused(&self) -> bool {
        self.latest.meta.phase == Phase::Paused
    }

    /// True when the run is over.
    pub fn is_done(&self) -> bool {
        self.latest.meta.phase == Phase::Done
    }

    /// Messages that have not faded, newest first.
    pub fn toasts(&self) -> impl Iterator<Item = &Toast> {
        self.toasts.iter().rev().map(|(toast, _)| toast)
    }

    /// True if `snapshot` is the one that came last.
    pub fn is_latest(&self, snapshot: &Arc<Snapshot>) -> bool {
        Arc::ptr_eq(&self.latest, snapshot)
    }

    /// True when something changed since the last frame.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// To be called after a frame.
    pub fn drawn(&mut self) {
        self.dirty = false;
    }
}

#[cfg(test)]
pub(in crate::tui) mod tests {
    use super::*;
    use crate::theme;
    use crate::tui::sample;

    pub(in crate::tui) fn app_in(phase: Phase) -> App {
        let snapshot = Arc::new(sample::snapshot(phase, 1.0));
        App::new(
            snapshot,
            theme::cycle(theme::default()),
            ColorDepth::TrueColor,
        )
    }

    pub(in crate::tui) fn app() -> App {
        app_in(Phase::Measuring)
    }

    fn toast(text: &str) -> Action {
        Action::Toast(Toast {
            level: NoticeLevel::Info,
            text: text.to_owned(),
        })
    }

    #[test]
    fn keys_that_act_outside_are_effects() {
        let mut app = app();
        assert_eq!(app.update(Action::Quit), Some(Effect::Exit(Exit::Quit)));
        assert_eq!(
            app.update(Action::Interrupt),
            Some(Effect::Exit(Exit::Interrupted(2)))
        );
        assert_eq!(app.update(Action::LoadUp), Some(step(true, 1)));
        assert_eq!(app.update(Action::LoadDown), Some(step(false, 1)));
        assert_eq!(app.update(Action::Pause), Some(Effect::TogglePause));
    }

    #[test]
    fn a_frozen_display_stands_still_and_is_what_is_saved() {
        let mut app = app();
        let newer = Arc::new(sample::snapshot(Phase::Measuring, 2.0));
        app.update(Action::Freeze);
        app.drawn();
        app.update(Action::Snapshot(Arc::clone(&newer)));
        assert!(!app.is_dirty() && app.is_latest(&newer));
        assert!((app.snapshot().meta.elapsed_s - 1.0).abs() < 1e-9);
        let Some(Effect::Save(saved)) = app.update(Action::Save) else {
            panic!("nothing is saved");
        };
        assert!((saved.meta.elapsed_s - 1.0).abs() < 1e-9);
        app.update(Action::Freeze);
        assert!((app.snapshot().meta.elapsed_s - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_view_that_is_asked_for_is_seen() {
        let mut app = app();
        assert_eq!(app.view(), View::Race);
        app.update(Action::Help);
        app.update(Action::Show(View::Latency));
        assert_eq!((app.view(), app.overlay()), (View::Latency, None));
        app.update(Action::PreviousView);
        assert_eq!(app.view(), View::Race);
        for view in View::ALL {
            assert_eq!(app.view(), view);
            app.update(Action::NextView);
        }
        assert_eq!(app.view(), View::Race);
    }

    #[test]
    fn keys_follow_the_run_even_while_the_display_is_frozen() {
        let mut app = app();
        app.update(Action::Freeze);
        app.drawn();
        app.update(Action::Snapshot(Arc::new(sample::snapshot(
            Phase::Done,
            2.0,
        ))));
        assert!(app.is_dirty() && !app.can_change_load());
    }

    #[test]
    fn toasts_fade_and_do_not_pile_up() {
        let mut app = app();
        for text in ["one", "two", "three", "four", "five"] {
            app.update(toast(text));
        }
        let texts: Vec<&str> = app.toasts().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["five", "four", "three", "two"]);
        app.drawn();
        app.update(Action::Time(TOAST.mul_f64(0.99)));
        assert!(!app.is_dirty());
        app.update(Action::Time(TOAST));
        assert!(app.is_dirty() && app.toasts().next().is_none());
    }

    #[test]
    fn the_themes_go_round() {
        let mut app = app();
        let mut seen = vec![app.theme().name().to_owned()];
        for _ in theme::names() {
            app.update(Action::NextTheme);
            seen.push(app.theme().name().to_owned());
        }
        assert_eq!(seen[..2], ["dark", "light"]);
        assert_eq!(seen.pop(), Some("dark".to_owned()));
        assert_eq!(seen, theme::names());
        let named: Vec<&str> = app.toasts().map(|toast| toast.text.as_str()).collect();
        assert_eq!(named, ["theme dark"], "the last one alone");
        let bare = App::new(
            Arc::clone(&app.latest),
            theme::cycle(theme::default()),
            ColorDepth::None,
        );
        assert!(!bare.can_change_theme());
    }
}
