//! The options, in the groups that `--help` shows and that commands share.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Where the plan comes from, and what is done with it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Plan")]
pub struct StartArgs {
    /// A plan that comes with the program; list: all of them
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Print the plan as a file, options included, and start nothing
    #[arg(long)]
    pub print_plan: bool,
    /// The program that stands for litellm in commands [default: litellm on the PATH]
    #[arg(long, value_name = "PATH")]
    pub litellm: Option<PathBuf>,
}

/// What is compared.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Variants")]
pub struct VariantArgs {
    /// The baseline's base URL; alone it makes a solo run
    #[arg(long, value_name = "URL")]
    pub a: Option<String>,
    /// The candidate's base URL [default: A's, when a transport differs]
    #[arg(long, value_name = "URL")]
    pub b: Option<String>,
    /// B is A once more: what differs then is noise
    #[arg(long)]
    pub aa: bool,
    /// The baseline's name [default: what differs]
    #[arg(long, value_name = "NAME")]
    pub label_a: Option<String>,
    /// The candidate's name [default: what differs]
    #[arg(long, value_name = "NAME")]
    pub label_b: Option<String>,
    /// The baseline's transport, e.g. http=1.1,pool=10 (see below)
    #[arg(long, value_name = "SPEC")]
    pub transport_a: Option<String>,
    /// The candidate's transport
    #[arg(long, value_name = "SPEC")]
    pub transport_b: Option<String>,
}

/// The load. Every value is as it was typed.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Load, per variant")]
pub struct LoadArgs {
    /// Closed loop: users, each with one open request [default: 50; demo: 200]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub users: Option<String>,
    /// A user's pause before the next request, uniform [default: 0s; demo: 500ms..1s]
    #[arg(long, value_name = "LO..HI", allow_negative_numbers = true)]
    pub think: Option<String>,
    /// Bring the load up evenly over this time [default: 0s; demo: 5s]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub ramp: Option<String>,
    /// Open loop: arrivals per second, whatever the answers do
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub rate: Option<String>,
    /// Spacing of arrivals: constant or poisson [default: constant]
    #[arg(long, value_name = "SPACING")]
    pub arrivals: Option<String>,
    /// Open loop: open requests at most [default: 10000, or what the open-file limit allows]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max_in_flight: Option<String>,
    /// An arrival at that limit: queue (the wait counts) or drop (a failure) [default: queue]
    #[arg(long, value_name = "RULE")]
    pub overflow: Option<String>,
    /// How the variants share the time: together, alternate or sequential [default: together]
    #[arg(long, value_name = "ORDER")]
    pub order: Option<String>,
    /// What differs by less than this, up or down, counts as the same, e.g. 5%
    #[arg(long, value_name = "P%", allow_negative_numbers = true)]
    pub margin: Option<String>,
    /// End when every metric is decided, or else after --duration: decided
    #[arg(long, value_name = "WHAT")]
    pub until: Option<String>,
    /// Measured time [default: until q; headless 60s; with --until 10m]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub duration: Option<String>,
    /// Left out of the run figures, after the ramp: auto or a time [default: auto]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub warmup: Option<String>,
    /// A request fails this long after its intended start [default: 30s]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub timeout: Option<String>,
    /// Load threads [default: one less than the cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
    /// Seed of every random choice [default: random; it is recorded]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
}

/// The request that every user and every arrival sends.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Request")]
pub struct RequestArgs {
    /// A curl command as the request, in quotes, or - to read it from stdin; the other options here win over it
    #[arg(long, value_name = "COMMAND")]
    pub curl: Option<String>,
    /// HTTP method [default: GET, or POST with a body]
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// Path, appended to each URL's own
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// A header; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The body; {{uuid}}, {{seq}} and {{random:16k}} in it are made anew for each request
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub body: Option<String>,
    /// A file with the body
    #[arg(long, value_name = "FILE")]
    pub body_file: Option<PathBuf>,
    /// A JSON body; sets content-type: application/json
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub json: Option<String>,
    /// A file of JSON bodies, one a line; each request takes one
    #[arg(long, value_name = "FILE")]
    pub jsonl: Option<PathBuf>,
    /// Which line is next: cycle (in turn) or sample (by the seed) [default: cycle]
    #[arg(long, value_name = "ORDER")]
    pub jsonl_order: Option<String>,
}

/// What is looked at before the load.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Preflight")]
pub struct PreflightArgs {
    /// Do not ask the variants first: start whatever they would say
    #[arg(long)]
    pub no_preflight: bool,
    /// Ask each variant once, print what was found, and start no load
    #[arg(long)]
    pub preflight_only: bool,
}

/// What is written, and where.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Lines instead of the screen [default: when stdout is no terminal]
    #[arg(long)]
    pub headless: bool,
    /// Lines as a screen reader reads them: sentences in ASCII, no table, nothing redrawn; implies --headless
    #[arg(long)]
    pub plain: bool,
    /// Leave the screen when the run is over
    #[arg(long)]
    pub exit: bool,
    /// Form of the final result on stdout
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
    /// Save the final snapshot to this file
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,
    /// Folder for snapshots by key [default: the state folder's dragstrip/snapshots]
    #[arg(long, value_name = "DIR")]
    pub snapshot_dir: Option<PathBuf>,
}

/// How the screen looks.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Screen")]
pub struct ScreenArgs {
    /// A built-in theme, one of your own, or a theme file [default: auto, by the terminal's background]
    #[arg(long, value_name = "NAME|PATH")]
    pub theme: Option<String>,
    /// Colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Colour,
    /// Signs of the screen and of text [default: by locale and terminal]
    #[arg(long, value_name = "SET", value_enum, default_value_t)]
    pub glyphs: GlyphSet,
    /// Click a panel to zoom it, turn the wheel for the window
    #[arg(long)]
    pub mouse: bool,
    /// Draw in the normal screen, so that the last picture stays
    #[arg(long)]
    pub no_alt_screen: bool,
}

/// The form of the final result on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people.
    #[default]
    #[value(help = None)]
    Table,
    /// A Markdown table.
    #[value(help = None)]
    Markdown,
    /// The snapshot.
    #[value(help = None)]
    Json,
    /// One row per metric.
    #[value(help = None)]
    Csv,
    /// `HdrHistogram`'s interval log.
    #[value(help = None)]
    Hlog,
}

/// Whether to colour, and how finely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// What the terminal can do; none when `NO_COLOR` is set.
    #[default]
    #[value(help = None)]
    Auto,
    /// Colour whatever the environment says.
    #[value(help = None)]
    Always,
    /// No colour.
    #[value(help = None)]
    Never,
    /// The terminal's sixteen colours.
    #[value(name = "16", help = None)]
    Ansi16,
    /// The 256-colour palette.
    #[value(name = "256", help = None)]
    Ansi256,
    /// 24-bit colour.
    #[value(name = "truecolor", help = None)]
    TrueColour,
}

/// The signs that may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GlyphSet {
    /// What locale and terminal can show.
    #[default]
    #[value(help = None)]
    Auto,
    /// All, with curves in braille.
    #[value(help = None)]
    Braille,
    /// Curves in block elements.
    #[value(help = None)]
    Block,
    /// ASCII alone.
    #[value(help = None)]
    Ascii,
}
