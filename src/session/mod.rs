//! Where everything comes together: from a parsed command line to an exit code.
//!
//! ```text
//! Cli ──► plan ──► servers (demo), gateways ──► preflight ──► Engine ──► screen or headless ──► files, final table, exit code
//! ```
//!
//! The only module that knows both the engine and the screen. What holds always: nothing starts before the whole input has
//! been checked; whatever happens to the screen or a file, the run is brought to its end and what was asked for is saved.

mod current;
mod demo;
mod exit;
mod faults;
mod gateways;
mod lens;
mod live;
mod look;
mod names;
mod panics;
mod preflight;
mod round;
mod saver;
mod serve;
mod setup;
mod signals;
mod stdout;
mod steering;

use crate::cli::{Cli, Command, GuardArgs, OutputArgs};
use crate::outbox;
use crate::plan::{self, Context};
use exit::Exit;
use lens::Lenses;
use std::ffi::OsString;
use std::io::IsTerminal;

/// Runs the command line and returns the exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::parse_args(args) {
        Ok(cli) => cli,
        Err(stop) if stop.to_stdout => {
            return match stdout::write(&format!("{}\n", stop.text)) {
                Ok(()) => stop.exit_code,
                Err(_) => Exit::CouldNot.code(),
            };
        }
        Err(stop) => {
            complain(&stop.text);
            return stop.exit_code;
        }
    };
    match dispatch(cli) {
        Ok(exit) => exit.code(),
        Err(failure) => {
            complain(&failure.to_string());
            failure.exit().code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<Exit, exit::Failure> {
    let env = |name: &str| std::env::var(name).ok();
    // Before the plan: it refuses a load that needs more files than the limit allows.
    crate::load::raise_file_limit();
    let terminal = std::io::stdout().is_terminal();
    let lines = |output: &OutputArgs| output.headless || output.plain || !terminal;
    match cli.command {
        None => {
            let context = Context::of_process(&env, lines(&cli.demo.output));
            demo::run(plan::demo(&cli.demo, &context)?, &env)
        }
        Some(Command::Run(args)) if args.start.preset.as_deref() == Some("list") => {
            print(&plan::presets())
        }
        Some(Command::Run(args)) if args.start.print_plan => print(&plan::print(&args)?),
        Some(Command::Run(args)) => {
            let context = Context::of_process(&env, lines(&args.output));
            live::run(&plan::run(&args, &context)?, &Lenses::default(), &env)
        }
        Some(Command::Endpoint(args)) => serve::endpoint(&plan::endpoint(&args)?),
        Some(Command::Guard(args)) => Ok(guard(&args)),
        Some(Command::Gateway(args)) => serve::gateway(&plan::gateway(&args, &env)?),
    }
}

/// Data on stdout, and nothing else.
fn print(text: &str) -> Result<Exit, exit::Failure> {
    stdout::write(text)
        .map(|()| Exit::Done)
        .map_err(|error| exit::Failure::System(format!("cannot write to stdout: {error}")))
}

/// Watches over a gateway: this process is one that another dragstrip has started.
fn guard(args: &GuardArgs) -> Exit {
    #[cfg(unix)]
    {
        let grace = std::time::Duration::from_millis(args.grace_ms);
        crate::gateway::launch::guard::run(&args.command, grace, args.files.as_deref());
    }
    #[cfg(not(unix))]
    let _ = args;
    Exit::Done
}

/// Says on stderr what is wrong.
fn complain(text: &str) {
    // Nothing is left to do if even that fails.
    let _ = outbox::say(std::io::stderr(), &format!("dragstrip: {text}\n"));
}
