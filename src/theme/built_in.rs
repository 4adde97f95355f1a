//! The themes that come with the program.

/// Name and source, in the order in which a key press goes through them.
const BUILT_IN: [(&str, &str); 10] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../themes/high-contrast.toml"),
    ),
    (
        "colorblind-dark",
        include_str!("../../themes/colorblind-dark.toml"),
    ),
    (
        "colorblind-light",
        include_str!("../../themes/colorblind-light.toml"),
    ),
    ("nord", include_str!("../../themes/nord.toml")),
    ("gruvbox", include_str!("../../themes/gruvbox.toml")),
    ("catppuccin", include_str!("../../themes/catppuccin.toml")),
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// Other names that work, and what they stand for.
const ALIASES: [(&str, &str); 1] = [("colorblind", "colorblind-dark")];

/// The names of the built-in themes.
pub fn names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|&(name, _)| name).collect()
}

/// The theme called `name`, also by another name of its: the name that it has itself, and its source.
pub(super) fn built_in(name: &str) -> Option<(&'static str, &'static str)> {
    let own = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |&(_, own)| own);
    BUILT_IN.iter().find(|(known, _)| *known == own).copied()
}

/// Its source alone: what a theme file can inherit.
pub(super) fn source(name: &str) -> Option<&'static str> {
    built_in(name).map(|(_, source)| source)
}
