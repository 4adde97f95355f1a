//! The terminal's background: the question for it, and the answer, which comes as if it were typed.
//!
//! Some terminals never answer and some answer late, so that nobody must wait for it long, and nobody may take it for keys:
//! whatever begins as an answer does is taken out of what was typed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::{Duration, Instant};

/// Asks for the background's colour (xterm's OSC 11).
pub(super) const QUESTION: &[u8] = b"\x1b]11;?\x07";
/// What lies between two characters of an answer at most. Fingers are slower.
const TOGETHER: Duration = Duration::from_millis(250);
/// The most characters of an answer: `11;rgba:ffff/ffff/ffff/ffff` has fewer.
const LONGEST: usize = 40;

/// Whether the terminal's ground is dark or light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    Dark,
    Light,
}

impl Background {
    /// The built-in theme that is made for it.
    pub(super) fn theme(self) -> &'static str {
        match self {
            Background::Dark => "dark",
            Background::Light => "light",
        }
    }
}

/// What becomes of an event.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// It was typed.
    Event(Event),
    /// It was the last of an answer.
    Answer(Background),
    /// It belongs to an answer, or to one that cannot be understood.
    Nothing,
}

/// Takes answers out of what comes from the terminal.
#[derive(Debug, Default)]
pub(super) struct Listener {
    /// What has come of an answer.
    answer: Option<String>,
    /// Whether the last event was an escape, and when it came.
    last: Option<(bool, Instant)>,
}

impl Listener {
    /// Takes the next event, which came at `now`.
    pub(super) fn hear(&mut self, event: Event, now: Instant) -> Heard {
        let Event::Key(key) = event else {
            return Heard::Event(event);
        };
        if key.kind == KeyEventKind::Release {
            return Heard::Event(event);
        }
        let soon = self
            .last
            .filter(|(_, at)| now.saturating_duration_since(*at) <= TOGETHER);
        let after_escape = soon.is_some_and(|(escape, _)| escape);
        self.last = Some((key.code == KeyCode::Esc, now));
        if soon.is_none() {
            self.answer = None;
        }
        let Some(mut answer) = self.answer.take() else {
            let begins =
                is(key, ']', KeyModifiers::ALT) || after_escape && is(key, ']', KeyModifiers::NONE);
            if begins {
                self.answer = Some(String::new());
                return Heard::Nothing;
            }
            return Heard::Event(event);
        };
        let ends = is(key, 'g', KeyModifiers::CONTROL)
            || is(key, '\\', KeyModifiers::ALT)
            || after_escape && is(key, '\\', KeyModifiers::NONE);
        if ends {
            return read(&answer).map_or(Heard::Nothing, Heard::Answer);
        }
        match key.code {
            // The end may come in two pieces.
            KeyCode::Esc => {}
            KeyCode::Char(c) if belongs(&answer, c, key.modifiers) && answer.len() < LONGEST => {
                answer.push(c);
            }
            _ => return Heard::Event(event),
        }
        self.answer = Some(answer);
        Heard::Nothing
    }
}

fn is(key: KeyEvent, c: char, modifiers: KeyModifiers) -> bool {
    key.code == KeyCode::Char(c) && key.modifiers == modifiers
}

/// Whether `c` may follow in an answer: first its number, then whatever the terminal says.
fn belongs(answer: &str, c: char, modifiers: KeyModifiers) -> bool {
    let number = || c == ';' || c.is_ascii_digit();
    modifiers.difference(KeyModifiers::SHIFT).is_empty() && (answer.contains(';') || number())
}

/// The background in `11;rgb:ffff/ffff/ffff`, with one to four digits for each colour, or in `11;#ffffff`.
fn read(answer: &str) -> Option<Background> {
    let colour = answer.strip_prefix("11;")?;
    let parts: Vec<&str> = match colour.strip_prefix('#') {
        Some(digits) => {
            let third = digits.len() / 3;
            let part = |i: usize| digits.get(i * third..(i + 1) * third).unwrap_or("");
            vec![part(0), part(1), part(2)]
        }
        None => colour.split_once(':')?.1.split('/').take(3).collect(),
    };
    let [red, green, blue] = parts.try_into().ok()?;
    let light = 0.299 * share(red)? + 0.587 * share(green)? + 0.114 * share(blue)?;
    Some(if light > 0.5 {
        Background::Light
    } else {
        Background::Dark
    })
}

/// Hexadecimal digits as a share of the most that so many can say.
fn share(digits: &str) -> Option<f64> {
    if digits.len() > 4 {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = 16u32.pow(u32::try_from(digits.len()).ok()?) - 1;
    Some(f64::from(value) / f64::from(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of `keys`, as crossterm makes events of them, `step` apart.
    fn heard(keys: &str, step: Duration) -> (Vec<Background>, String) {
        let mut listener = Listener::default();
        let mut now = Instant::now();
        let mut answers = Vec::new();
        let mut typed = String::new();
        let mut keys = keys.chars();
        while let Some(c) = keys.next() {
            let (code, modifiers) = match c {
                '\u{1b}' => match keys.next() {
                    // Read in two pieces.
                    Some('|') | None => (KeyCode::Esc, KeyModifiers::NONE),
                    Some(c) => (KeyCode::Char(c), KeyModifiers::ALT),
                },
                '\u{7}' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                c if c.is_ascii_uppercase() => (KeyCode::Char(c), KeyModifiers::SHIFT),
                c => (KeyCode::Char(c), KeyModifiers::NONE),
            };
            now += step;
            match listener.hear(Event::Key(KeyEvent::new(code, modifiers)), now) {
                Heard::Answer(answer) => answers.push(answer),
                Heard::Event(Event::Key(key)) => match key.code {
                    KeyCode::Char(c) => typed.push(c),
                    _ => typed.push('^'),
                },
                _ => {}
            }
        }
        (answers, typed)
    }

    #[test]
    fn answers_are_understood_and_are_no_keys() {
        use Background::{Dark, Light};
        for (answer, background) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", Light),
            ("\x1b]11;rgb:FFFF/FFFF/EEEE\x1b\\", Light),
            ("\x1b]11;rgb:ff/ff/ff\x1b\\", Light),
            ("\x1b]11;rgb:f/f/f\x07", Light),
            ("\x1b]11;rgba:ffff/ffff/ffff/0000\x07", Light),
            ("\x1b]11;#fdf6e3\x07", Light),
            ("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", Dark),
            ("\x1b]11;rgb:0000/2b2b/3636\x07", Dark),
            ("\x1b]11;rgb:0000/0000/ffff\x07", Dark),
        ] {
            let said = heard(&format!("p{answer}q"), Duration::from_millis(1));
            assert_eq!(said, (vec![background], "pq".to_owned()), "{answer:?}");
        }
    }

    #[test]
    fn an_answer_in_pieces_is_none_of_the_keys_that_end_or_change_something() {
        let said = heard("\x1b|]11;rgb:ff/ff/ff\x1b|\\2", Duration::from_millis(90));
        assert_eq!(said, (vec![Background::Light], "^2".to_owned()));
    }

    #[test]
    fn nonsense_is_swallowed_and_what_is_typed_after_it_counts() {
        for nonsense in [
            "\x1b]11;?\x07",
            "\x1b]11;rgb:\x07",
            "\x1b]11;what?\x07",
            "\x1b]11;rgb:fffff/1/1\x07",
            "\x1b]11;rgb:ff/ff\x07",
            "\x1b]11;#\x1b\\",
            "\x1b]10;rgb:ff/ff/ff\x1b\\",
            "\x1b]\x07",
        ] {
            let said = heard(&format!("{nonsense}q"), Duration::from_millis(1));
            assert_eq!(said, (vec![], "q".to_owned()), "{nonsense:?}");
        }
        let endless = format!("\x1b]{}", "1".repeat(50));
        assert_eq!(heard(&endless, Duration::from_millis(1)).1.len(), 10);
    }

    #[test]
    fn keys_that_are_typed_stay_keys() {
        let slowly = heard("\x1b]12", Duration::from_millis(400));
        assert_eq!(slowly, (vec![], "12".to_owned()));
        assert_eq!(heard("\x1b]q1", Duration::from_millis(1)).1, "q1");
        assert_eq!(
            heard("12]4\x1b|q\x07", Duration::from_millis(1)).1,
            "12]4^qg"
        );
    }
}
