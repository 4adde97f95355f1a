//! The main loop with a console whose keys come from a script and whose time stands still unless it waits.

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
    fn set_load(&self, text: &str, _: &Snapshot) -> Result<(), String> {
        self.0.borrow_mut().push(format!("set {text}"));
        match text {
            "300" => Ok(()),
            _ => Err(format!("{text}: not so")),
        }
    }
    fn reset(&self) {
        self.0.borrow_mut().push("reset".to_owned());
    }
    fn cycle_window(&self) {
        self.0.borrow_mut().push("window".to_owned());
    }
    fn step_window(&self, longer: bool) {
        self.0.borrow_mut().push(format!("window {longer}"));
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
fn a_value_that_is_not_taken_stays_to_be_mended() {
    let (screen, _sender, _toast, asked) = screen(false);
    let typed = ":3x\n".chars().map(|c| match c {
        '\n' => KeyCode::Enter,
        c => KeyCode::Char(c),
    });
    let mut script = Script::new(&typed.collect::<Vec<_>>(), || ());
    let (seen, over) = (Rc::new(RefCell::new(false)), asked.1.clone());
    let mended = Rc::clone(&seen);
    script.after = Box::new(move || {
        // One more look, to draw it.
        if std::mem::replace(&mut *mended.borrow_mut(), true) {
            over.set(Some(15));
        }
    });
    assert_eq!(script.run(screen), Exit::Interrupted(15));
    assert!(
        script.screen().contains("3x: not so"),
        "{}",
        script.screen()
    );
    assert!(script.screen().contains("): 3x█"), "{}", script.screen());
    let (screen, _sender, _toast, asked) = self::screen(false);
    let keys = [':', '3', 'x'].map(KeyCode::Char).into_iter();
    let keys = keys.chain([KeyCode::Enter, KeyCode::Backspace]);
    let keys = keys.chain(['0', '0'].map(KeyCode::Char));
    let keys: Vec<_> = keys.chain([KeyCode::Enter, KeyCode::Char('q')]).collect();
    assert_eq!(Script::new(&keys, || ()).run(screen), Exit::Quit);
    assert_eq!(*asked.0.borrow(), ["set 3x", "set 300"]);
}

#[test]
fn to_run_again_is_asked_about_unless_the_run_is_over() {
    let (under_way, _sender, _toast, _) = screen(false);
    let keys = [KeyCode::Char('R'), KeyCode::Char('q'), KeyCode::Enter];
    assert_eq!(Script::new(&keys, || ()).run(under_way), Exit::Again);
    let (under_way, _sender, _toast, _) = screen(false);
    let keys = [KeyCode::Char('R'), KeyCode::Esc, KeyCode::Char('q')];
    assert_eq!(Script::new(&keys, || ()).run(under_way), Exit::Quit);
    let (over, sender, _toast, _) = screen(false);
    sender.send_replace(Arc::new(sample::snapshot(Phase::Done, 60.0)));
    let keys = [KeyCode::Char('R')];
    assert_eq!(Script::new(&keys, || ()).run(over), Exit::Again);
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
