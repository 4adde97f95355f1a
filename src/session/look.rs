//! How the screen will look: what themes, terminal and configuration say, checked before anything starts.

use super::exit::Failure;
use super::live::Env;
use crate::config;
use crate::glyphs::{self, Glyphs};
use crate::plan::{Colour, Plan};
use crate::theme::{self, ColorDepth, ColorMode};
use crate::tui::KeyMap;
use std::io::IsTerminal;

/// What the screen needs from themes, terminal and configuration.
pub(super) struct Look {
    pub(super) themes: theme::Shelf,
    pub(super) keys: KeyMap,
    pub(super) mouse: bool,
    pub(super) depth: ColorDepth,
    pub(super) glyphs: Glyphs,
    pub(super) ask_background: bool,
}

pub(super) fn look(plan: &Plan, env: Env<'_>) -> Result<Look, Failure> {
    let mode = match plan.screen.colour {
        Colour::Auto => ColorMode::Auto,
        Colour::Always => ColorMode::Always,
        Colour::Never => ColorMode::Never,
        Colour::Ansi16 => ColorMode::Sixteen,
        Colour::Ansi256 => ColorMode::TwoFiftySix,
        Colour::TrueColour => ColorMode::TrueColor,
    };
    // Without a screen, too: what is wrong with the file is said by whatever is started first.
    let config = config::read(env)?;
    let keys = KeyMap::with(&config.keys)
        .map_err(|error| config.wrong_keys(error.action(), &error.to_string()))?;
    let wanted = plan.screen.theme.as_deref().or(config.theme.as_deref());
    let usual = theme::automatic(env);
    let own_themes = config::folder(env).map(|folder| folder.join("themes"));
    let depth = theme::detect(mode, env);
    Ok(Look {
        keys,
        mouse: plan.screen.mouse || config.mouse == Some(true),
        themes: theme::Shelf::open(wanted, usual, own_themes)?,
        depth,
        glyphs: glyphs::detect(plan.screen.glyphs, env),
        ask_background: wanted.is_none() && depth > ColorDepth::None && can_answer(env),
    })
}

/// Whether there is a terminal that may tell its background. Some consoles would show the question instead.
fn can_answer(env: Env<'_>) -> bool {
    let term = env("TERM").unwrap_or_default();
    let mute = ["", "dumb", "linux", "cons25", "eterm", "eterm-color"].contains(&term.as_str());
    cfg!(unix) && !mute && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}
