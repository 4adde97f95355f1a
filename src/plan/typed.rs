//! A value of the load that is typed while the run goes on.

use super::given::{At, Given};
use super::load::{MAX_RATE_HZ, MAX_TIME};
use super::{Plan, Room};
use crate::load::{LoadChange, LoadModel, MostUsers, ThinkTime};
use crate::text;

/// Users that can be added while the run goes on, whatever the plan has.
const MOST_USERS: u32 = 10_000;

/// What of a load can be changed by typing it.
#[derive(Clone, Copy, Debug)]
pub struct Changeable {
    /// An open loop, which has a rate; else a closed one, which has users and a think time.
    pub open: bool,
    /// The most users of a closed loop.
    pub most_users: u32,
    /// What those who never think find of open files; `None` if there is room for all.
    pub room: Option<Room>,
}

/// The load as it is while a value is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// Users of a closed loop; 0 of an open one.
    pub users: u32,
    /// They never think.
    pub never_think: bool,
}

/// The most users that a load can have while it runs; 0 if it has none.
pub(super) fn most_users(model: LoadModel) -> u32 {
    match model {
        LoadModel::Closed { users, .. } => users.max(MOST_USERS),
        LoadModel::Open { .. } => 0,
    }
}

impl Plan {
    /// What of its load can be changed by typing it.
    pub fn changeable(&self) -> Changeable {
        Changeable {
            open: matches!(self.load.model, LoadModel::Open { .. }),
            most_users: most_users(self.load.model),
            room: self.room,
        }
    }
}

impl Changeable {
    /// The most users, whatever key adds them.
    pub fn most(&self) -> MostUsers {
        MostUsers {
            any: self.most_users,
            who_never_think: self.room.map_or(self.most_users, |room| room.users),
        }
    }

    /// The change of the `present` load that a text says: `users 300`, `rate 150`, `think 200ms..1s`, or a number alone. The error
    /// is one line that says what would be right. As at the start, users who are sure to need more open files than there can
    /// be are refused.
    pub fn read(&self, text: &str, present: Present) -> Result<LoadChange, String> {
        let change = self.change(text)?;
        let (value, users, never_think) = match change {
            LoadChange::Users(users) => (format!("users {users}"), users, present.never_think),
            LoadChange::Think(think) => {
                ("think 0s".to_owned(), present.users, think.high.is_zero())
            }
            LoadChange::RateHz(_) => return Ok(change),
        };
        match self.room {
            Some(room) if never_think && users > room.users => {
                let (most, files) = (u64::from(room.users), text::count(room.files));
                Err(format!(
                    "{value}: this process may have {files} open files, enough for {} users who never think; think longer, or raise \
                     the limit (ulimit -n) and start again",
                    text::count(most)
                ))
            }
            _ => Ok(change),
        }
    }

    fn change(&self, text: &str) -> Result<LoadChange, String> {
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
    use super::super::testing::planned;
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const CLOSED: Changeable = Changeable {
        open: false,
        most_users: 10_000,
        room: None,
    };
    const OPEN: Changeable = Changeable {
        open: true,
        most_users: 10_000,
        room: None,
    };

    const THINKING: Present = Present {
        users: 200,
        never_think: false,
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
            assert_eq!(CLOSED.read(text, THINKING), Ok(change), "{text}");
        }
        for (text, rate_hz) in [
            ("rate 150", 150.0),
            ("0.5", 0.5),
            (".5", 0.5),
            ("1000000", 1e6),
        ] {
            assert_eq!(
                OPEN.read(text, THINKING),
                Ok(LoadChange::RateHz(rate_hz)),
                "{text}"
            );
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
            assert_eq!(load.read(text, THINKING), Err(error), "{text}");
        }
    }

    #[test]
    fn users_for_whom_there_are_no_open_files_are_refused_as_at_the_start() {
        // The context allows 1064 open files.
        let of = |args: &[&str]| planned(&[&["--a", "http://h"], args].concat()).unwrap();
        let busy = Present {
            never_think: true,
            ..THINKING
        };
        let load = of(&["--users", "200"]).changeable();
        assert_eq!(load.read("users 1000", busy), Ok(LoadChange::Users(1_000)));
        assert_eq!(
            load.read("1001", busy),
            Err("users 1001: this process may have 1,064 open files, enough for 1,000 users who never think; think longer, or raise \
                 the limit (ulimit -n) and start again".to_owned())
        );
        // Who thinks may get by with less; until they do not think any more.
        assert_eq!(load.read("1001", THINKING), Ok(LoadChange::Users(1_001)));
        let many = Present {
            users: 1_001,
            ..THINKING
        };
        let error = load.read("think 0s", many).unwrap_err();
        assert!(
            error.starts_with("think 0s: this process may have 1,064 open files"),
            "{error}"
        );
        assert!(
            load.read("think 0s..1ms", many).is_ok() && load.read("think 0s", THINKING).is_ok()
        );
        let most = load.most();
        assert_eq!((most.any, most.who_never_think), (10_000, 1_000));
        let both = of(&["--b", "http://i"]).changeable();
        assert_eq!(both.most().who_never_think, 500);
        let shared = of(&["--transport-a", "http=h2c"]).changeable();
        assert_eq!((shared.room, shared.most().who_never_think), (None, 10_000));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_reason_is_one_line(text in any::<String>(), value in "(users|rate|think)?[ =0-9a-z.\u{1b}\n-]{0,9}") {
            for text in [text, value] {
                for load in [CLOSED, OPEN] {
                    if let Err(error) = load.read(&text, THINKING) {
                        prop_assert!(!error.contains(char::is_control), "{}", error);
                    }
                }
            }
        }
    }
}
