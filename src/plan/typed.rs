//! A value of the load that is typed while the run goes on.

use super::Plan;
use super::given::{At, Given};
use super::load::{MAX_RATE_HZ, MAX_TIME};
use crate::load::{LoadChange, LoadModel, ThinkTime};

/// Users that can be added while the run goes on, whatever the plan has.
const MOST_USERS: u32 = 10_000;

/// What of a load can be changed by typing it.
#[derive(Clone, Copy, Debug)]
pub struct Changeable {
    /// An open loop, which has a rate; else a closed one, which has users and a think time.
    pub open: bool,
    /// The most users of a closed loop.
    pub most_users: u32,
}

impl Plan {
    /// What of its load can be changed by typing it.
    pub fn changeable(&self) -> Changeable {
        match self.load.model {
            LoadModel::Closed { users, .. } => Changeable {
                open: false,
                most_users: users.max(MOST_USERS),
            },
            LoadModel::Open { .. } => Changeable {
                open: true,
                most_users: 0,
            },
        }
    }
}

impl Changeable {
    /// The change that a text says: `users 300`, `rate 150`, `think 200ms..1s`, or a number alone. The error is one line that
    /// says what would be right.
    pub fn read(&self, text: &str) -> Result<LoadChange, String> {
        let text = text.trim();
        let (word, value) = text
            .split_once(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or((text, ""));
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '=');
        let is_number = |text: &str| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        };
        let (key, value) = match (word, self.open) {
            ("users" | "think" | "rate", _) => (word, value),
            (word, true) if is_number(word) => ("rate", text),
            (word, false) if is_number(word) => ("users", text),
            (_, true) => return Err("say rate 150, or a number of requests per second".to_owned()),
            (_, false) => {
                return Err("say users 300, think 200ms..1s, or a number of users".to_owned());
            }
        };
        match (key, self.open) {
            ("rate", false) => {
                return Err(
                    "rate belongs to an open loop, and this load is closed: it has users and think"
                        .to_owned(),
                );
            }
            ("users" | "think", true) => {
                return Err(format!(
                    "{key} belongs to a closed loop, and this load is open: it has a rate"
                ));
            }
            _ => {}
        }
        let given = Given::word(At::option(key), value);
        let change = match key {
            "users" => {
                let users = given.whole(1..=u64::from(self.most_users));
                users.map(|users| LoadChange::Users(users as u32))
            }
            "rate" => given.positive(MAX_RATE_HZ).map(LoadChange::RateHz),
            _ => {
                let think = given.durations(MAX_TIME);
                think.map(|(low, high)| LoadChange::Think(ThinkTime { low, high }))
            }
        };
        change.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const CLOSED: Changeable = Changeable {
        open: false,
        most_users: 10_000,
    };
    const OPEN: Changeable = Changeable {
        open: true,
        most_users: 10_000,
    };

    #[test]
    fn values_are_read_with_their_word_or_without() {
        let think = |low, high| {
            LoadChange::Think(ThinkTime {
                low: Duration::from_millis(low),
                high: Duration::from_millis(high),
            })
        };
        for (text, change) in [
            ("users 300", LoadChange::Users(300)),
            (" 300 ", LoadChange::Users(300)),
            ("users=10000", LoadChange::Users(10_000)),
            ("users  = 1", LoadChange::Users(1)),
            ("think 200ms..1s", think(200, 1_000)),
            ("think 1s", think(1_000, 1_000)),
            ("think 0s", think(0, 0)),
        ] {
            assert_eq!(CLOSED.read(text), Ok(change), "{text}");
        }
        for (text, rate_hz) in [
            ("rate 150", 150.0),
            ("0.5", 0.5),
            (".5", 0.5),
            ("1000000", 1e6),
        ] {
            assert_eq!(OPEN.read(text), Ok(LoadChange::RateHz(rate_hz)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        let users = "must be a whole number from 1 to 10,000";
        for (load, text, error) in [
            (CLOSED, "users 0", format!("users 0: {users}")),
            (CLOSED, "0", format!("users 0: {users}")),
            (CLOSED, "-5", format!("users -5: {users}")),
            (CLOSED, "10001", format!("users 10001: {users}")),
            (CLOSED, "1.5", format!("users 1.5: {users}")),
            (CLOSED, "users", format!("users '': {users}")),
            (CLOSED, "3 00", format!("users '3 00': {users}")),
            (
                CLOSED,
                "think 5",
                "think 5: a time needs a unit: 5s or 5ms".to_owned(),
            ),
            (
                CLOSED,
                "think 1s..5ms",
                "think 1s..5ms: the range is upside down; write 5ms..1s".to_owned(),
            ),
            (
                CLOSED,
                "think 721h",
                "think 721h: must be at most 720h".to_owned(),
            ),
            (
                CLOSED,
                "user 5",
                "say users 300, think 200ms..1s, or a number of users".to_owned(),
            ),
            (
                CLOSED,
                "rate 5",
                "rate belongs to an open loop, and this load is closed: it has users and think"
                    .to_owned(),
            ),
            (
                OPEN,
                "users 5",
                "users belongs to a closed loop, and this load is open: it has a rate".to_owned(),
            ),
            (
                OPEN,
                "think 1s",
                "think belongs to a closed loop, and this load is open: it has a rate".to_owned(),
            ),
            (
                OPEN,
                "rate 0",
                "rate 0: must be a number above 0 and at most 1,000,000".to_owned(),
            ),
            (
                OPEN,
                "1e9",
                "rate 1e9: must be a number above 0 and at most 1,000,000".to_owned(),
            ),
            (
                OPEN,
                "fast",
                "say rate 150, or a number of requests per second".to_owned(),
            ),
        ] {
            assert_eq!(load.read(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_reason_is_one_line(text in any::<String>(), value in "(users|rate|think)?[ =0-9a-z.\u{1b}\n-]{0,9}") {
            for text in [text, value] {
                for load in [CLOSED, OPEN] {
                    if let Err(error) = load.read(&text) {
                        prop_assert!(!error.contains(char::is_control), "{}", error);
                    }
                }
            }
        }
    }
}
