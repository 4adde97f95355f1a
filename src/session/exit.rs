//! Exit codes, which scripts rely on, and the errors that lead to them.

use crate::config::ConfigError;
use crate::gateway::launch::LaunchError;
use crate::load::StartError;
use crate::plan::PlanError;
use crate::report::WriteError;
use crate::theme::ThemeError;
use std::io;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// 0: done.
    Done,
    /// 1: the run could not be done: nothing reachable, or a later write failed.
    CouldNot,
    /// 2: wrong arguments or plan, or an output that cannot be written, found before the start.
    WrongInput,
    /// 101: an error of this program, after saving what was asked for as far as it is known.
    Panicked,
    /// 128 + n: ended by signal n.
    Signal(i32),
}

impl Exit {
    pub(super) fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::CouldNot => 1,
            Exit::WrongInput => 2,
            Exit::Panicked => 101,
            Exit::Signal(signal) => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
        }
    }
}

/// Why the program ends before it has done what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Theme(#[from] ThemeError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error(transparent)]
    Write(#[from] WriteError),
    /// An argument that only the part it is for can judge.
    #[error("{0}")]
    Input(String),
    #[error("{0}")]
    System(String),
    #[error("the terminal failed: {0}")]
    Terminal(io::Error),
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Failure::Plan(_) | Failure::Theme(_) | Failure::Config(_) | Failure::Input(_) => {
                Exit::WrongInput
            }
            Failure::Start(_)
            | Failure::Launch(_)
            | Failure::Write(_)
            | Failure::System(_)
            | Failure::Terminal(_) => Exit::CouldNot,
        }
    }
}
