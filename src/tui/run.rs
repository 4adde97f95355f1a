//! The main loop: input first, then news, then a frame if anything changed; as many as
//! [`Pace`] allows, and none while the last one is still on its way. Nothing here waits for the terminal, so that keys, signals and the end of the run
//! count whether or not it takes what is drawn.
//!
//! It is generic over the [`Console`] and gets the time from outside, so that tests drive it without a terminal.

use super::app::{Action, App, Effect};
use super::pace::Pace;
use super::{Controls, Exit, Places, Screen, Toast, keys};
use crate::cpu::Work;
use crate::metrics::snapshot::NoticeLevel;
use crossterm::event::Event;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for input before looking for news.
const PATIENCE: Duration = Duration::from_millis(40);
/// How long the last frame of a run may take to be drawn, where the screen ends with the run.
const LAST_FRAME: Duration = Duration::from_millis(500);
/// How often to look whether themes' files have changed.
const THEMES: Duration = Duration::from_secs(1);
/// At most this many events are handled before the next look at everything else.
const EVENTS_AT_ONCE: usize = 64;

/// Where frames go and events come from.
pub(super) trait Console {
    /// Draws one frame, and says where its panels are. It may be on its way for a while.
    fn draw(&mut self, app: &App) -> io::Result<Places>;
    /// The next frame is drawn whole.
    fn redraw(&mut self);
    /// Hands `text` to the terminal's clipboard.
    fn copy(&mut self, text: &str);
    /// Whether the last frame is still on its way.
    fn is_busy(&mut self) -> io::Result<bool>;
    /// The next event, if one comes within `wait`.
    fn event(&mut self, wait: Duration) -> io::Result<Option<Event>>;
}

/// Runs the screen until it ends. `now` is the time since some start.
pub(super) fn run(
    mut screen: Screen,
    console: &mut impl Console,
    now: &dyn Fn() -> Duration,
) -> io::Result<Exit> {
    let first = Arc::clone(&screen.snapshots.borrow_and_update());
    let app = App::new(first, screen.themes.themes(), screen.depth);
    let mut app = app
        .with_keys(screen.keys.clone())
        .with_glyphs(screen.glyphs);
    let cpu = screen.cpu.probe(Work::Watch);
    let mut pace = Pace::new(now());
    let mut over_since = None;
    let mut themes_due = Duration::ZERO;
    loop {
        if let Some(signal) = screen.controls.interrupted() {
            return Ok(Exit::Interrupted(signal));
        }
        let over = news(&mut screen, &mut app);
        app.update(Action::Time(now()));
        if now() >= themes_due {
            themes_due = now() + THEMES;
            look_at_themes(&mut screen, &mut app);
        }
        let due = pace.wait(now());
        let busy = console.is_busy()?;
        if app.is_dirty() && due.is_zero() && !busy {
            let places = console.draw(&app)?;
            cpu.publish();
            app.drawn(places);
            pace.drawn(now());
        }
        if over && screen.exit_when_done {
            let since = *over_since.get_or_insert(now());
            if !app.is_dirty() || now().saturating_sub(since) >= LAST_FRAME {
                return Ok(Exit::Finished);
            }
        }
        let mut wait = if app.is_dirty() && !busy {
            due.min(PATIENCE)
        } else {
            PATIENCE
        };
        for _ in 0..EVENTS_AT_ONCE {
            let Some(event) = console.event(wait)? else {
                break;
            };
            wait = Duration::ZERO;
            let effect = keys::action_for(&event, &app).and_then(|action| app.update(action));
            match effect {
                Some(Effect::Exit(exit)) => return Ok(exit),
                Some(Effect::Copy(snapshot)) => {
                    let table = screen.controls.table(&snapshot);
                    console.copy(&table);
                    app.update(Action::Toast(copied(&table)));
                }
                Some(Effect::Redraw) => console.redraw(),
                Some(effect) => perform(effect, screen.controls.as_ref()),
                None => {}
            }
        }
    }
}

/// Takes the newest snapshot and all toasts; true when no more snapshots will come.
fn news(screen: &mut Screen, app: &mut App) -> bool {
    let gone = screen.snapshots.has_changed().is_err();
    let newest = Arc::clone(&screen.snapshots.borrow_and_update());
    if !app.is_latest(&newest) {
        app.update(Action::Snapshot(newest));
    }
    while let Ok(toast) = screen.toasts.try_recv() {
        app.update(Action::Toast(toast));
    }
    gone || app.is_done()
}

/// Takes over themes whose files have changed, and says which are bad.
fn look_at_themes(screen: &mut Screen, app: &mut App) {
    let Some(news) = screen.themes.look() else {
        return;
    };
    app.update(Action::Themes(news.themes));
    for text in news.complaints {
        let level = NoticeLevel::Warning;
        app.update(Action::Toast(Toast { level, text }));
    }
}

fn copied(table: &str) -> Toast {
    Toast {
        level: NoticeLevel::Info,
        text: format!(
            "the table ({} lines) was handed to the terminal's clipboard, if it takes it (OSC 52)",
            table.lines().count()
        ),
    }
}

fn perform(effect: Effect, controls: &dyn Controls) {
    match effect {
        // These end the loop, or need the terminal.
        Effect::Exit(_) | Effect::Redraw | Effect::Copy(_) => {}
        Effect::StepLoad { up, steps } => controls.step_load(up, steps),
        Effect::Reset => controls.reset(),
        Effect::CycleOrder => controls.cycle_order(),
        Effect::CycleWindow => controls.cycle_window(),
        Effect::TogglePause => controls.toggle_pause(),
        Effect::Annotate { text, at_s } => controls.annotate(text, at_s),
        Effect::Save(snapshot) => controls.save(snapshot),
        Effect::Export(snapshot) => controls.export(snapshot),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::metrics::snapshot::{Phase, Snapshot};
    use crate::theme::{ColorDepth, Shelf};
    use crate::tui::{KeyMap, sample, view};
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::rc::Rc;
    use std::sync::mpsc;
    use tokio::sync::watch;

    /// A terminal whose keys come from a script and whose time passes only while it waits.
    struct Script {
        terminal: Terminal<TestBackend>,
        keys: VecDeque<KeyCode>,
        now: Rc<Cell<Duration>>,
        frames: usize,
        busy: bool,
        copied: String,
        /// What happens when the keys have run out.
        after: Box<dyn FnMut()>,
    }

    impl Script {
        fn new(keys: &[KeyCode], after: impl FnMut() + 'static) -> Script {
            Script {
                terminal: Terminal::new(TestBackend::new(100, 30)).unwrap(),
                keys: keys.iter().copied().collect(),
                now: Rc::default(),
                frames: 0,
                busy: false,
                copied: String::new(),
                after: Box::new(after),
            }
        }

        fn screen(&self) -> String {
            self.terminal.backend().to_string()
        }

        fn run(&mut self, screen: Screen) -> Exit {
            let now = Rc::clone(&self.now);
            run(screen, self, &move || now.get()).unwrap()
        }
    }

    impl Console for Script {
        fn draw(&mut self, app: &App) -> io::Result<Places> {
            self.frames += 1;
            let mut places = Places::default();
            self.terminal
                .draw(|f| places = view::draw(app, f.area(), f.buffer_mut()))
                .unwrap();
            Ok(places)
        }

        fn redraw(&mut self) {}

        fn copy(&mut self, text: &str) {
            self.copied = text.to_owned();
        }

        fn is_busy(&mut self) -> io::Result<bool> {
            Ok(self.busy)
        }

        fn event(&mut self, wait: Duration) -> io::Result<Option<Event>> {
            self.now.set(self.now.get() + wait);
            let key = self.keys.pop_front();
            if key.is_none() && !wait.is_zero() {
                (self.after)();
            }
            Ok(key.map(|code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE))))
        }
    }

    #[derive(Clone, Default)]
    struct Asked(Rc<RefCell<Vec<String>>>, Rc<Cell<Option<i32>>>);

    impl Controls for Asked {
        fn step_load(&self, up: bool, steps: u32) {
            self.0.borrow_mut().push(format!("load {up} {steps}"));
        }
        fn reset(&self) {
            self.0.borrow_mut().push("reset".to_owned());
        }
        fn cycle_window(&self) {
            self.0.borrow_mut().push("window".to_owned());
        }
        fn toggle_pause(&self) {
            self.0.borrow_mut().push("pause".to_owned());
        }
        fn cycle_order(&self) {
            self.0.borrow_mut().push("order".to_owned());
        }
        fn annotate(&self, text: String, at_s: Option<f64>) {
            self.0.borrow_mut().push(format!("mark {text:?} {at_s:?}"));
        }
        fn table(&self, snapshot: &Snapshot) -> String {
            format!("table {}\n", snapshot.meta.elapsed_s)
        }
        fn export(&self, snapshot: Arc<Snapshot>) {
            self.0
                .borrow_mut()
                .push(format!("export {}", snapshot.meta.elapsed_s));
        }
        fn save(&self, snapshot: Arc<Snapshot>) {
            self.0
                .borrow_mut()
                .push(format!("save {}", snapshot.meta.elapsed_s));
        }
        fn interrupted(&self) -> Option<i32> {
            self.1.get()
        }
    }

    type Ends = (
        Screen,
        watch::Sender<Arc<Snapshot>>,
        mpsc::Sender<Toast>,
        Asked,
    );

    fn screen(exit_when_done: bool) -> Ends {
        let (sender, snapshots) = watch::channel(Arc::new(sample::snapshot(Phase::Measuring, 1.0)));
        let (toast, toasts) = mpsc::channel();
        let asked = Asked::default();
        let screen = Screen {
            cpu: crate::cpu::CpuMeter::default(),
            snapshots,
            controls: Box::new(asked.clone()),
            toasts,
            themes: Shelf::default(),
            keys: KeyMap::default(),
            depth: ColorDepth::TrueColor,
            glyphs: crate::glyphs::Glyphs::Braille,
            terminal: crate::tui::Wishes {
                alternate_screen: true,
                mouse: false,
                background: false,
            },
            exit_when_done,
        };
        (screen, sender, toast, asked)
    }

    #[test]
    fn keys_reach_the_controls_and_q_ends() {
        let (screen, _sender, _toast, asked) = screen(false);
        let keys = [
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Char('p'),
            KeyCode::Char('s'),
            KeyCode::Char('o'),
            KeyCode::Char('w'),
            KeyCode::Char('r'),
            KeyCode::Char('a'),
            KeyCode::Char('q'),
            KeyCode::Enter,
            KeyCode::Char('y'),
            KeyCode::Char('e'),
            KeyCode::Char('q'),
        ];
        let mut script = Script::new(&keys, || ());
        assert_eq!(script.run(screen), Exit::Quit);
        assert_eq!(
            *asked.0.borrow(),
            [
                "load true 1",
                "load false 1",
                "pause",
                "save 1",
                "order",
                "window",
                "reset",
                "mark \"q\" None",
                "export 1"
            ]
        );
        assert_eq!(script.copied, "table 1\n");
    }

    #[test]
    fn without_news_nothing_is_drawn_and_with_much_news_no_more_than_can_be_read() {
        // Figures are read at most four times a second; the first frame and the last pair come at once.
        for (news, most) in [(false, 1), (true, 6)] {
            let (screen, sender, _toast, asked) = screen(false);
            let mut waits = 0;
            let mut script = Script::new(&[], move || {
                waits += 1;
                if news {
                    sender.send_replace(Arc::new(sample::snapshot(
                        Phase::Measuring,
                        f64::from(waits),
                    )));
                }
            });
            let clock = Rc::clone(&script.now);
            script.after = {
                let mut before = std::mem::replace(&mut script.after, Box::new(|| ()));
                Box::new(move || {
                    before();
                    if clock.get() >= Duration::from_secs(1) {
                        asked.1.set(Some(15));
                    }
                })
            };
            assert_eq!(script.run(screen), Exit::Interrupted(15));
            assert!(script.frames <= most, "{} frames", script.frames);
            assert!(script.frames > most / 2, "{} frames", script.frames);
        }
    }

    #[test]
    fn the_last_picture_stays_when_the_sender_is_gone() {
        let (screen, sender, toast, asked) = screen(false);
        sender.send_replace(Arc::new(sample::snapshot(Phase::Measuring, 77.0)));
        drop(sender);
        let _ = toast.send(Toast {
            level: NoticeLevel::Info,
            text: "saved".to_owned(),
        });
        let mut script = Script::new(&[], move || asked.1.set(Some(2)));
        assert_eq!(script.run(screen), Exit::Interrupted(2));
        assert!(script.screen().contains("01:17") && script.screen().contains("saved"));
    }

    #[test]
    fn it_ends_with_the_run_if_it_was_asked_to_and_draws_the_end_before() {
        let (screen, sender, _toast, _) = screen(true);
        let mut script = Script::new(&[], move || {
            sender.send_replace(Arc::new(sample::snapshot(Phase::Done, 60.0)));
        });
        assert_eq!(script.run(screen), Exit::Finished);
        assert!(script.screen().contains("done") && script.screen().contains("01:00"));
    }

    #[test]
    fn a_terminal_that_takes_nothing_is_drawn_on_no_more_and_ends_nothing_later() {
        // Keys count.
        let (first, _sender, _toast, asked) = screen(false);
        let mut script = Script::new(&[KeyCode::Char('p'), KeyCode::Char('q')], || ());
        script.busy = true;
        assert_eq!(script.run(first), Exit::Quit);
        assert_eq!((script.frames, asked.0.borrow().len()), (0, 1));
        // The end of the run counts, soon after it has come.
        let (second, sender, _toast, _) = screen(true);
        let mut script = Script::new(&[], move || {
            sender.send_replace(Arc::new(sample::snapshot(Phase::Done, 60.0)));
        });
        script.busy = true;
        assert_eq!(script.run(second), Exit::Finished);
        assert_eq!(script.frames, 0);
        assert!(script.now.get() <= LAST_FRAME + 3 * PATIENCE);
    }

    #[test]
    fn a_theme_file_that_changes_is_shown_and_a_bad_one_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        std::fs::write(&file, "border = \"#000001\"").unwrap();
        let (mut screen, _sender, _toast, asked) = screen(false);
        screen.themes = Shelf::open(file.to_str(), "dark", None).unwrap();
        let mut script = Script::new(&[], || ());
        let now = Rc::clone(&script.now);
        let mut steps = VecDeque::from([
            (500, "border = \"#0000f2\" "),
            (2_000, "border = \"#12\""),
            (5_000, ""),
        ]);
        script.after = Box::new(move || match steps.front() {
            Some(&(at, source)) if now.get() >= Duration::from_millis(at) => {
                steps.pop_front();
                match source {
                    "" => asked.1.set(Some(15)),
                    _ => std::fs::write(&file, source).unwrap(),
                }
            }
            _ => {}
        });
        assert_eq!(script.run(screen), Exit::Interrupted(15));
        assert!(script.screen().contains("mine.toml, line 1: border: "));
        let cells = script.terminal.backend().buffer().content();
        let has = |blue| {
            cells
                .iter()
                .any(|cell| cell.fg == ratatui::style::Color::Rgb(0, 0, blue))
        };
        assert!(has(0xf2) && !has(1));
    }
}
