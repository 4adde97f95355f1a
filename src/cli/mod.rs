//! The command line: which commands and options there are, and nothing about what their values mean.
//!
//! What holds always: values that have a unit, a range or a file behind them stay text here; `plan` checks them, so that one
//! place makes the errors for options and plan files alike. Nothing is printed and nothing ends the process: the caller does
//! that with what [`Cli::parse_args`] returns.

mod options;
mod stop;

pub use options::{
    Colour, Format, GlyphSet, LoadArgs, OutputArgs, PreflightArgs, RequestArgs, ScreenArgs,
    StartArgs, VariantArgs,
};
pub use stop::Stop;

use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// The whole command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "dragstrip",
    bin_name = "dragstrip",
    version,
    about = "A terminal live latency monitor: drives load at a gateway through two transports and shows both side by side.",
    override_usage = "dragstrip [OPTIONS]                   the demo: nothing to set up\n       dragstrip run [PLAN.toml] [OPTIONS]\n       dragstrip <COMMAND>",
    after_help = ROOT_EXAMPLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// The command; without one, the demo runs.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of the demo.
    #[command(flatten)]
    pub demo: DemoArgs,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Drive load at a gateway: a plan file, options, or both (options win)
    Run(Box<RunArgs>),
    /// The built-in OpenAI-style endpoint alone
    Endpoint(EndpointArgs),
    /// The built-in gateway alone: a reverse proxy
    Gateway(GatewayArgs),
    /// Watches over a gateway that another dragstrip has launched
    #[command(name = "__guard", hide = true)]
    Guard(GuardArgs),
}

/// Options of the demo: the load, the output and the screen.
#[derive(Clone, Debug, Default, Args)]
pub struct DemoArgs {
    /// The load.
    #[command(flatten)]
    pub load: LoadArgs,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How the screen looks.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// Arguments of `run`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = RUN_EXAMPLES, max_term_width = 100)]
pub struct RunArgs {
    /// The plan file (TOML); options win over it
    #[arg(value_name = "PLAN.toml")]
    pub plan: Option<PathBuf>,
    /// Where the plan comes from, and what is done with it.
    #[command(flatten)]
    pub start: StartArgs,
    /// What is compared.
    #[command(flatten)]
    pub variants: VariantArgs,
    /// The load.
    #[command(flatten)]
    pub load: LoadArgs,
    /// The request.
    #[command(flatten)]
    pub request: RequestArgs,
    /// What is looked at before the load.
    #[command(flatten)]
    pub preflight: PreflightArgs,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How the screen looks.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// Arguments of `endpoint`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = ENDPOINT_EXAMPLES, max_term_width = 100)]
pub struct EndpointArgs {
    /// The address and port to listen on, e.g. 127.0.0.1:18090
    #[arg(long, value_name = "ADDR")]
    pub listen: String,
    /// How long it takes to serve a request (see below) [default: instant]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Serve so many requests at once, first in, first out [default: all]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub servers: Option<String>,
    /// Serve nothing from START after the beginning, for LENGTH (repeatable)
    #[arg(long = "freeze", value_name = "START+LENGTH")]
    pub freezes: Vec<String>,
    /// Let a share of the requests fail: hang, cut, reset or a status (repeatable)
    #[arg(long = "fail", value_name = "KIND:SHARE")]
    pub failures: Vec<String>,
    /// The seed of delays and failures [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
}

/// Arguments of `gateway`.
#[derive(Clone, Debug, Default, Args)]
pub struct GatewayArgs {
    /// The address and port to listen on, e.g. 127.0.0.1:4001
    #[arg(long, value_name = "ADDR")]
    pub listen: String,
    /// Where requests go
    #[arg(long, value_name = "URL")]
    pub upstream: String,
    /// The transport towards the upstream, e.g. http=1.1,pool=10; engine=reqwest only
    #[arg(long, value_name = "SPEC")]
    pub transport: Option<String>,
}

/// Arguments of the hidden `__guard`.
#[derive(Clone, Debug, Default, Args)]
pub struct GuardArgs {
    /// How long the gateway may take to end by itself, in milliseconds
    #[arg(long)]
    pub grace_ms: u64,
    /// A folder to remove when the other dragstrip cannot
    #[arg(long)]
    pub files: Option<PathBuf>,
    /// The program and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

impl Cli {
    /// Reads a command line, the program's name first. An error, a help text and the version are all a [`Stop`].
    pub fn parse_args<I, T>(args: I) -> Result<Cli, Stop>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString>,
    {
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        Cli::try_parse_from(&args).map_err(|error| {
            let first = args.get(1).and_then(|word| word.to_str());
            Stop::from_clap(&error, first)
        })
    }
}

const ROOT_EXAMPLES: &str = "\
Examples:
  dragstrip                          the demo: two gateways, one with 7 upstream
                                     connections, one with an unbounded pool
  dragstrip --users 50 --think 0s    the demo with another load
  dragstrip run plan.toml            what a plan file says
  dragstrip run --a http://localhost:4001 --b http://localhost:4002

Without options the demo has 200 users per gateway, a think time of 500ms..1s
and a ramp of 5s, and runs until q.";

const ENDPOINT_EXAMPLES: &str = "\
PROFILE: how long a server takes for one request
  instant                  no time
  fixed:60ms               always the same
  exp:100ms                exponential with this mean
  lognormal:80ms,0.5       median, and sigma of the natural logarithm
  bimodal:20ms,200ms,10%   fast, slow, and the share that is slow
  tail:60ms,120ms,180ms,400ms
                           the 50th, 90th, 95th and 99th percentile
  seed                     the delays of the demo

Failures
  503:1%                   an error status, from 400 to 599 (429 with Retry-After)
  hang:30%                 no answer while the client is connected
  cut:0.5%                 half of the body, then the connection is closed
  reset:1%                 the connection is closed without an answer

Every answer says in the header x-dragstrip-delay-us how long it was held.

Examples:
  dragstrip endpoint --listen 127.0.0.1:18090 --profile fixed:19.92ms --servers 1
  dragstrip endpoint --listen 127.0.0.1:18090 --profile exp:100ms \\
      --freeze 10s+5s --fail 503:1% --fail hang:0.1%";

const RUN_EXAMPLES: &str = "\
Orders
  together    both under load at once; verdicts rest on a model of the noise
  alternate   in turns, AB or BA by a fair coin; verdicts are exact
  sequential  A for the whole duration, then B; never a verdict

Transport SPEC: key=value, separated by commas
  engine           reqwest, or direct; a gateway has reqwest only   [reqwest]
  http             auto, 1.1, 2 (over TLS), h2c (HTTP/2 in clear text)  [auto];
                   3 in builds with --features http3, with engine=direct
  keep_alive       true, or false: a connection for each request        [true]
  pool             idle connections kept, over all threads
  pool_idle        an idle connection is closed after this time
  max_connections  at most so many, over all threads                [no limit]
  streams          requests at once on one HTTP/2 or 3 connection   [no limit]
  at_limit         wait, fail, or how long to wait (2s)                 [wait]
  connect_timeout  the time limit for DNS, TCP, proxy and TLS together
  read_timeout     … from one read of the answer to the next
  timeout          … from the send to the last byte
  nodelay          TCP_NODELAY: true or false                           [true]
  tcp_keepalive    idle time after which TCP asks the peer               [off]
  local_address    the address to connect from
  unix_socket      the path of a Unix socket to connect to
  resolve          the address of the URL's host, in place of DNS
  dns              connection: look up for each; cached: once     [connection]
  tls_verify       check the server's certificate: true or false        [true]
  roots            authorities to trust: system, bundled (Mozilla's)  [system]
  ca               a PEM file of the authorities to trust instead
  cert, key        PEM files of the client's certificate and its key
  sni              the server name to send and check, or off             [host]
  tls_min, tls_max versions of TLS: 1.2, 1.3                        [1.2, 1.3]
  tls_resumption   resume sessions: true or false                       [true]
  proxy            http://, https://, socks5:// or socks5h://           [none]
  compression      off, gzip, br, deflate, zstd, all                     [off]
  h2_stream_window, h2_connection_window   HTTP/2 windows, in bytes
  h2_adaptive_window  windows that follow the measured bandwidth       [false]
  h2_ping, h2_ping_timeout   how often to ask, how long to wait          [off]

Times are a number and a unit (us, ms, s, m, h): 500ms, 1.5s.
${NAME} in URLs, the path, header values, --body and --json stands for the
environment variable, $${ for the two characters themselves. Header values
never reach the screen or a file.
{{uuid}}, {{seq}} and {{random:16k}} in --body and --json are made anew for
each request: an identifier, its number within its variant, and so many random
letters; {{{{ stands for two braces. A --body-file is sent as it is.
In lines of a --jsonl FILE placeholders work, too, and variables do not.

A --curl command is the whole request. Its host is A's URL where there is no
--a and no plan file with one; its path and query are those of both variants.
\"${NAME}\" in double quotes is filled in from the environment, in single quotes
it is text. An option that cannot be honoured is named.

Before the load each variant gets one request, the plan's own. Who cannot be
reached, refuses the key or answers 3xx or 4xx is named, and nothing starts
(exit code 1). That A and B differ is proven, or a notice says that it is not.

Examples:
  dragstrip run plan.toml --users 50 --out result.json
  dragstrip run --a http://localhost:4001 --b http://localhost:4002 \\
      --users 200 --think 500ms..1s --ramp 10s
  dragstrip run --a https://gateway.example \\
      --transport-a http=1.1 --transport-b http=2
  dragstrip run plan.toml --order alternate --margin 5% --until decided
  dragstrip run plan.toml --preflight-only
  dragstrip run plan.toml --jsonl prompts.jsonl --jsonl-order sample
  dragstrip run --curl 'curl http://localhost:4001/health' --b http://localhost:4002
  dragstrip run --a http://localhost:4000 --rate 100 --arrivals poisson \\
      --path /chat/completions --header 'Authorization: Bearer ${API_KEY}' \\
      --json '{\"model\": \"m\", \"messages\": []}' --headless --format json";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Cli, Stop> {
        Cli::parse_args(std::iter::once("dragstrip").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn bare_options_are_the_demos() {
        let cli = parse("--users 50 --think 1s --color 256").unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.demo.load.users.as_deref(), Some("50"));
        assert_eq!(cli.demo.screen.color, Colour::Ansi256);
    }

    #[test]
    fn run_takes_a_plan_and_options_in_any_order() {
        for line in [
            "run plan.toml --users 50 --header a:1 --header b:2",
            "run --users 50 --header a:1 plan.toml --header b:2",
        ] {
            let Some(Command::Run(run)) = parse(line).unwrap().command else {
                panic!("not run: {line}");
            };
            assert_eq!(run.plan.as_deref(), Some("plan.toml".as_ref()));
            assert_eq!(run.load.users.as_deref(), Some("50"));
            assert_eq!(run.request.headers, ["a:1", "b:2"]);
        }
    }

    #[test]
    fn negative_numbers_reach_the_plan() {
        assert_eq!(
            parse("--rate -1").unwrap().demo.load.rate.as_deref(),
            Some("-1")
        );
    }

    #[test]
    fn help_and_version_go_to_stdout_and_are_no_failure() {
        for line in ["--help", "-h", "--version", "-V", "run --help"] {
            let stop = parse(line).unwrap_err();
            assert_eq!((stop.exit_code, stop.to_stdout), (0, true), "{line}");
        }
    }

    #[test]
    fn errors_are_short_and_point_to_the_nearest_right_option() {
        for (line, parts) in [
            ("--user 5", ["--user", "did you mean '--users'?"]),
            ("run --rates 5", ["--rates", "--rate"]),
            ("run --json-body x", ["--json-body", "--json"]),
            ("--a http://h", ["--a", "an option of: dragstrip run"]),
            ("--aa", ["--aa", "an option of: dragstrip run"]),
            ("rum", ["rum", "run"]),
            ("plan.toml", ["plan.toml", "dragstrip run plan.toml"]),
            ("run --color blue", ["truecolor", "dragstrip run --help"]),
            ("run --users", ["--users", "a value is required"]),
            ("endpoint", ["--listen", "dragstrip endpoint --help"]),
            ("--users 5 run", ["run", "dragstrip --help"]),
            ("run --users 5 --users 6", ["--users", "multiple times"]),
        ] {
            let stop = parse(line).unwrap_err();
            assert_eq!((stop.exit_code, stop.to_stdout), (2, false), "{line}");
            for part in parts {
                assert!(stop.text.contains(part), "{line}: {}", stop.text);
            }
            assert!(stop.text.lines().count() <= 2, "{line}: {}", stop.text);
            assert!(!stop.text.contains("Usage"), "{line}: {}", stop.text);
        }
    }

    #[test]
    fn options_of_later_work_are_not_accepted() {
        for option in [
            "--report x.html",
            "--summary x",
            "--stream",
            "--requests 5",
            "--fail-on x",
        ] {
            assert!(parse(&format!("run {option}")).is_err(), "{option}");
        }
    }
}
