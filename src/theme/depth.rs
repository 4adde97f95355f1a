//! How many colours the terminal shows, decided from what the user asked for and from the environment.
//!
//! The environment comes in as a function: nothing here reads the process's own.

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// No colour: bold, dim, reverse and underline only.
    None,
    /// The 16 colours of the terminal's own palette.
    Ansi16,
    /// The 256 colours of xterm.
    Indexed256,
    /// 24 bits.
    TrueColor,
}

/// What the user asked for (`--color`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorMode {
    /// What the environment says.
    #[default]
    Auto,
    /// Colour, whatever `NO_COLOR` says; as much as the terminal claims, at least 16.
    Always,
    /// None.
    Never,
    /// 16 colours.
    Sixteen,
    /// 256 colours.
    TwoFiftySix,
    /// 24 bits.
    TrueColor,
}

/// The depth to use. `env` looks up one environment variable.
///
/// `NO_COLOR` counts when it is not empty (no-color.org) and only in [`ColorMode::Auto`].
pub fn detect(mode: ColorMode, env: &dyn Fn(&str) -> Option<String>) -> ColorDepth {
    match mode {
        ColorMode::Never => ColorDepth::None,
        ColorMode::Sixteen => ColorDepth::Ansi16,
        ColorMode::TwoFiftySix => ColorDepth::Indexed256,
        ColorMode::TrueColor => ColorDepth::TrueColor,
        ColorMode::Always => claimed(env).max(ColorDepth::Ansi16),
        ColorMode::Auto if env("NO_COLOR").is_some_and(|value| !value.is_empty()) => {
            ColorDepth::None
        }
        ColorMode::Auto => claimed(env),
    }
}

/// What the terminal claims to show.
fn claimed(env: &dyn Fn(&str) -> Option<String>) -> ColorDepth {
    let colorterm = env("COLORTERM").unwrap_or_default().to_ascii_lowercase();
    let term = env("TERM").unwrap_or_default().to_ascii_lowercase();
    if term == "dumb" {
        ColorDepth::None
    } else if matches!(colorterm.as_str(), "truecolor" | "24bit")
        || term.ends_with("-direct")
        || env("WT_SESSION").is_some()
    {
        ColorDepth::TrueColor
    } else if term.contains("256color") {
        ColorDepth::Indexed256
    } else {
        ColorDepth::Ansi16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(mode: ColorMode, vars: &[(&str, &str)]) -> ColorDepth {
        detect(mode, &|name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|&(_, v)| v.to_owned())
        })
    }

    #[test]
    fn automatic_believes_the_environment() {
        let auto = |vars: &[(&str, &str)]| depth(ColorMode::Auto, vars);
        assert_eq!(auto(&[("COLORTERM", "truecolor")]), ColorDepth::TrueColor);
        assert_eq!(
            auto(&[("COLORTERM", "24bit"), ("TERM", "xterm")]),
            ColorDepth::TrueColor
        );
        assert_eq!(auto(&[("TERM", "xterm-direct")]), ColorDepth::TrueColor);
        assert_eq!(auto(&[("TERM", "screen-256color")]), ColorDepth::Indexed256);
        assert_eq!(
            auto(&[("TERM", "xterm"), ("COLORTERM", "yes")]),
            ColorDepth::Ansi16
        );
        assert_eq!(
            auto(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]),
            ColorDepth::None
        );
        assert_eq!(auto(&[]), ColorDepth::Ansi16);
    }

    #[test]
    fn no_color_counts_when_it_is_not_empty_and_nothing_else_was_asked_for() {
        let vars = [("NO_COLOR", "1"), ("COLORTERM", "truecolor")];
        assert_eq!(depth(ColorMode::Auto, &vars), ColorDepth::None);
        assert_eq!(depth(ColorMode::Always, &vars), ColorDepth::TrueColor);
        assert_eq!(depth(ColorMode::Sixteen, &vars), ColorDepth::Ansi16);
        assert_eq!(
            depth(
                ColorMode::Auto,
                &[("NO_COLOR", ""), ("TERM", "xterm-256color")]
            ),
            ColorDepth::Indexed256
        );
    }

    #[test]
    fn what_was_asked_for_is_given() {
        assert_eq!(
            depth(ColorMode::Never, &[("COLORTERM", "truecolor")]),
            ColorDepth::None
        );
        assert_eq!(depth(ColorMode::TwoFiftySix, &[]), ColorDepth::Indexed256);
        assert_eq!(
            depth(ColorMode::TrueColor, &[("TERM", "dumb")]),
            ColorDepth::TrueColor
        );
        assert_eq!(
            depth(ColorMode::Always, &[("TERM", "dumb")]),
            ColorDepth::Ansi16
        );
    }
}
