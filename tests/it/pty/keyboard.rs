//! What a keyboard sends for the keys of the table.

use dragstrip::tui::{Binding, ENTRIES};

/// All that keys do, in the order of the table.
pub(crate) fn bindings() -> impl Iterator<Item = &'static Binding> {
    ENTRIES.iter().flat_map(|entry| entry.bindings)
}

/// What a terminal sends for the first key of the action called `name`.
pub(crate) fn key(name: &str) -> String {
    let binding = bindings().find(|binding| binding.name == name);
    bytes(binding.expect("an action").keys[0])
}

/// What a terminal sends for a key, written as in the configuration file.
pub(crate) fn bytes(key: &str) -> String {
    let named = match key {
        "space" => " ",
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "enter" => "\r",
        "esc" => "\x1b",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "shift-up" => "\x1b[1;2A",
        "shift-down" => "\x1b[1;2B",
        "shift-right" => "\x1b[1;2C",
        "shift-left" => "\x1b[1;2D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pageup" => "\x1b[5~",
        "pagedown" => "\x1b[6~",
        "f10" => "\x1b[21~",
        _ => "",
    };
    let control = key
        .strip_prefix("ctrl-")
        .and_then(|rest| rest.chars().next());
    match (named, control, key.chars().count()) {
        ("", Some(letter), _) => char::from(letter as u8 & 0x1f).to_string(),
        ("", None, 1) => key.to_owned(),
        ("", ..) => panic!("what does a terminal send for {key:?}?"),
        (bytes, ..) => bytes.to_owned(),
    }
}
