//! Which key does what: the table's own keys, or the user's.

use super::key::Key;
use super::table::{Binding, ENTRIES, Entry};
use std::collections::BTreeMap;

/// Which key does what.
#[derive(Clone, Debug)]
pub struct KeyMap {
    bound: Vec<Bound>,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    key: Key,
    entry: &'static Entry,
    binding: &'static Binding,
    /// The table's own key.
    usual: bool,
}

/// Why keys cannot be as the user wants them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no such thing to do.
    #[error("there is no action {name:?}; there are {}", names())]
    NoAction {
        /// What was found.
        name: String,
    },
    /// There is no such key.
    #[error("{key:?} of {name} is no key; write it as q, Q, space, f5, up, shift-up or ctrl-x")]
    NoKey {
        /// The action.
        name: String,
        /// What was found.
        key: String,
    },
    /// A key that cannot be had.
    #[error("{key} of {name} is kept: {why}")]
    Kept {
        /// The action.
        name: String,
        /// The key.
        key: String,
        /// What it is kept for.
        why: &'static str,
    },
    /// Two actions want one key.
    #[error("{key:?} is the key of both {one} and {other}; give one of them another key")]
    Conflict {
        /// The key.
        key: String,
        /// One action.
        one: &'static str,
        /// The other action.
        other: &'static str,
    },
}

impl KeyError {
    /// The action that it is about, as it was written.
    pub fn action(&self) -> &str {
        match self {
            KeyError::NoAction { name }
            | KeyError::NoKey { name, .. }
            | KeyError::Kept { name, .. } => name,
            KeyError::Conflict { one, .. } => one,
        }
    }
}

/// Keys that mean the same everywhere.
const KEPT: [(&str, &str); 3] = [
    ("ctrl-c", "it interrupts"),
    ("ctrl-z", "it suspends"),
    ("esc", "it goes one step back"),
];

fn bindings() -> impl Iterator<Item = (&'static Entry, &'static Binding)> {
    ENTRIES
        .iter()
        .flat_map(|entry| entry.bindings.iter().map(move |binding| (entry, binding)))
}

fn names() -> String {
    let names: Vec<&str> = bindings().map(|(_, binding)| binding.name).collect();
    names.join(", ")
}

impl Default for KeyMap {
    fn default() -> Self {
        let bound = bindings().flat_map(|(entry, binding)| {
            let keys = binding.keys.iter().filter_map(|key| Key::parse(key));
            keys.map(move |key| Bound {
                key,
                entry,
                binding,
                usual: true,
            })
        });
        KeyMap {
            bound: bound.collect(),
        }
    }
}

impl KeyMap {
    /// The table's keys, except for the actions in `wanted`: those have the keys that are written there, or none.
    pub fn with(wanted: &BTreeMap<String, Vec<String>>) -> Result<KeyMap, KeyError> {
        let mut map = KeyMap::default();
        for (name, keys) in wanted {
            let Some((entry, binding)) = bindings().find(|(_, binding)| binding.name == name)
            else {
                return Err(KeyError::NoAction { name: name.clone() });
            };
            map.bound.retain(|bound| bound.binding.name != name);
            for written in keys {
                let own = |key: &str| key == "esc" && name == "back";
                let kept = KEPT.iter().find(|(key, _)| key == written && !own(key));
                if let Some((_, why)) = kept {
                    return Err(KeyError::Kept {
                        name: name.clone(),
                        key: written.clone(),
                        why,
                    });
                }
                let key = Key::parse(written).ok_or_else(|| KeyError::NoKey {
                    name: name.clone(),
                    key: written.clone(),
                })?;
                map.bound.push(Bound {
                    key,
                    entry,
                    binding,
                    usual: false,
                });
            }
        }
        map.check()?;
        Ok(map)
    }

    fn check(&self) -> Result<(), KeyError> {
        for (i, one) in self.bound.iter().enumerate() {
            let twice = self.bound[..i].iter().find(|other| other.key == one.key);
            if let Some(other) = twice
                && other.binding.name != one.binding.name
            {
                // The one that the user wrote is named first.
                let (one, other) = if one.usual {
                    (other, one)
                } else {
                    (one, other)
                };
                return Err(KeyError::Conflict {
                    key: one.key.label(),
                    one: one.binding.name,
                    other: other.binding.name,
                });
            }
        }
        Ok(())
    }

    /// What a key does, and where the table has it.
    pub(super) fn find(&self, key: Key) -> Option<(&'static Entry, &'static Binding)> {
        let found = self.bound.iter().find(|bound| bound.key == key)?;
        Some((found.entry, found.binding))
    }

    /// What the screen calls the keys of an entry; empty if it has none.
    pub fn label(&self, entry: &Entry) -> String {
        let of = |binding: &Binding| {
            let mine = self
                .bound
                .iter()
                .filter(|bound| bound.binding.name == binding.name);
            mine.copied().collect::<Vec<_>>()
        };
        let bound: Vec<Vec<Bound>> = entry.bindings.iter().map(of).collect();
        if bound
            .iter()
            .all(|keys| !keys.is_empty() && keys.iter().all(|bound| bound.usual))
        {
            return entry.label.to_owned();
        }
        let first = bound.iter().filter_map(|keys| keys.first());
        let labels: Vec<String> = first.map(|bound| bound.key.label()).collect();
        labels.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(wanted: &[(&str, &[&str])]) -> Result<KeyMap, KeyError> {
        let owned = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect();
        let wanted = wanted
            .iter()
            .map(|(name, keys)| ((*name).to_owned(), owned(keys)));
        KeyMap::with(&wanted.collect())
    }

    fn action(map: &KeyMap, key: &str) -> Option<&'static str> {
        map.find(Key::parse(key)?).map(|(_, binding)| binding.name)
    }

    #[test]
    fn the_table_itself_has_no_conflict_and_every_key_in_it_is_one() {
        assert_eq!(with(&[]).map(|map| map.bound.len()).ok(), {
            Some(bindings().map(|(_, binding)| binding.keys.len()).sum())
        });
        for (_, binding) in bindings() {
            let same = bindings().filter(|(_, other)| other.name == binding.name);
            assert_eq!(same.count(), 1, "{}", binding.name);
        }
    }

    #[test]
    fn a_key_can_be_changed_swapped_and_taken_away() {
        let map = with(&[
            ("pause", &["x", "f2"]),
            ("snapshot", &["p"]),
            ("theme", &[]),
        ])
        .unwrap();
        assert_eq!(action(&map, "x"), Some("pause"));
        assert_eq!(action(&map, "f2"), Some("pause"));
        assert_eq!(action(&map, "p"), Some("snapshot"));
        assert_eq!(action(&map, "s"), None);
        assert_eq!(action(&map, "t"), None);
        assert_eq!(action(&map, "q"), Some("quit"));
    }

    #[test]
    fn the_screen_calls_keys_as_they_are() {
        let label = |map: &KeyMap, name| {
            let entry = ENTRIES
                .iter()
                .find(|entry| entry.bindings[0].name == name)
                .unwrap();
            map.label(entry)
        };
        assert_eq!(label(&KeyMap::default(), "load-up"), "↑↓");
        let map = with(&[("load-up", &["k"]), ("pause", &["f2"]), ("theme", &[])]).unwrap();
        assert_eq!(label(&map, "load-up"), "k ↓ Shift-↑ Shift-↓");
        assert_eq!(label(&map, "pause"), "F2");
        assert_eq!(label(&map, "theme"), "");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let said = |wanted: &[(&str, &[&str])]| with(wanted).unwrap_err().to_string();
        assert!(
            said(&[("pauze", &["x"])])
                .starts_with("there is no action \"pauze\"; there are quit, ")
        );
        assert!(said(&[("pause", &["xx"])]).starts_with("\"xx\" of pause is no key"));
        assert_eq!(
            said(&[("pause", &["ctrl-c"])]),
            "ctrl-c of pause is kept: it interrupts"
        );
        assert!(said(&[("back", &["ctrl-c"])]).contains("is kept"));
        assert!(said(&[("pause", &["ctrl-i"])]).contains("is no key"));
        assert_eq!(
            said(&[("pause", &["s"])]),
            "\"s\" is the key of both pause and snapshot; give one of them another key"
        );
        assert_eq!(
            said(&[("annotate", &["f3"]), ("theme", &["f3"])]),
            "\"F3\" is the key of both theme and annotate; give one of them another key"
        );
    }
}
