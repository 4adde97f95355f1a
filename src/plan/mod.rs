//! From arguments and a plan file to a validated [`Plan`].
//!
//! All errors of the input are born here, before anything starts, and each says where, what was found, and what would be
//! right. What holds always: a [`Plan`] can be run as it is; no secret is in a [`PlanError`], in [`Plan::record`], or in a
//! field whose name begins with `shown`. The environment is only seen through [`Context`]; files are only read, except
//! that a file beside each output is made and removed again, to find out whether it can be written.
//!
//! ```text
//! cli::RunArgs ─┐
//!               ├─► settings (each knows its place) ─► load, comparison, request, variants, output ─► Plan
//! plan file ────┘   options lie over the file
//! ```

mod comparison;
mod curl;
mod demo;
mod error;
mod file;
mod files;
mod given;
mod launch;
mod load;
mod output;
mod preflight;
mod preset;
mod print;
mod record;
mod request;
mod secrets;
mod serve;
mod settings;
mod source;
mod target;
mod transport;
mod typed;
mod units;
mod variants;
mod words;

pub use crate::cli::{Colour, Format};
pub use demo::{Demo, demo};
pub use error::PlanError;
pub use files::Room;
pub use output::{OutputPlan, ScreenPlan};
pub use preflight::PreflightPlan;
pub use preset::{PRESETS, Preset, list as presets};
pub use print::print;
pub use request::RequestTemplate;
pub use secrets::Lookup;
pub use serve::{EndpointPlan, GatewayPlan, endpoint, gateway};
pub use typed::{Changeable, Present};

use crate::cli::RunArgs;
use crate::gateway::launch::LaunchSpec;
use crate::load::LoadSpec;
use crate::transport::{RequestSpec, TransportConfig};
use settings::Settings;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use url::Url;

/// What a plan depends on besides its input.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The environment.
    pub env: Lookup<'a>,
    /// Whether there will be lines instead of the screen.
    pub headless: bool,
    /// Cores that this process may use.
    pub cores: usize,
    /// How many files this process may have open, where that is known.
    pub open_files: Option<u64>,
    /// The seed of a run that gives none.
    pub random_seed: u64,
    /// A port that nobody listens on.
    pub free_port: &'a dyn Fn() -> Option<u16>,
    /// The program that stands for `litellm` in commands.
    pub litellm: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// The context of this process.
    pub fn of_process(env: Lookup<'a>, headless: bool) -> Context<'a> {
        Context {
            env,
            headless,
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            open_files: open_files(),
            // The standard library's hash keys are random, anew for each process.
            random_seed: RandomState::new().hash_one(std::process::id()),
            free_port: &launch::free_port,
            litellm: None,
        }
    }
}

#[cfg(unix)]
fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn open_files() -> Option<u64> {
    None
}

/// Everything that a run needs, checked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What runs: `demo`, the plan file's name, or `run`.
    pub title: String,
    /// The load.
    pub load: LoadSpec,
    /// What must be said of it if it may need more open files than this process may have.
    pub few_files: Option<String>,
    /// What users who never think find of open files; `None` if there is room for as many as can be.
    pub room: Option<Room>,
    /// What a reader of the figures must know besides, a sentence each.
    pub notes: Vec<String>,
    /// The request.
    pub request: RequestTemplate,
    /// The baseline.
    pub a: VariantPlan,
    /// The candidate; `None` for a solo run.
    pub b: Option<VariantPlan>,
    /// B is a copy of A, to learn the noise floor.
    pub aa: bool,
    /// Changes within ± this many per cent count as the same, if the user said so.
    pub margin_pct: Option<f64>,
    /// What is looked at before the load.
    pub preflight: PreflightPlan,
    /// What is written, and where.
    pub output: OutputPlan,
    /// How the screen looks.
    pub screen: ScreenPlan,
    /// What came from the environment or is a secret by its name: never to be shown where a gateway repeats it.
    pub secrets: Vec<String>,
}

/// One variant: a target and a transport.
#[derive(Clone, Debug)]
pub struct VariantPlan {
    /// Its name, unlike the other's: one line, at most 60 characters.
    pub label: String,
    /// The base URL; may hold a password.
    pub base: Url,
    /// The base URL as it may be shown and written, without password and keys.
    pub shown_url: String,
    /// The transport.
    pub transport: TransportConfig,
    /// The commands to start before the load, in their order; ended after it.
    pub launches: Vec<LaunchSpec>,
    /// The built-in endpoint to start before them.
    pub endpoint: Option<EndpointPlan>,
}

/// The plan of `run`.
pub fn run(args: &RunArgs, context: &Context<'_>) -> Result<Plan, PlanError> {
    // Relative to here, wherever its command will run.
    let litellm = args.start.litellm.as_ref().map(std::path::absolute);
    let litellm = litellm.and_then(Result::ok);
    let litellm = litellm.as_ref().and_then(|path| path.to_str());
    // What comes from the environment may be a secret, wherever it is used.
    let filled_in = RefCell::new(BTreeSet::new());
    let env = |name: &str| {
        let value = (context.env)(name)?;
        // Where programs are looked for is none.
        if name != "PATH" {
            filled_in.borrow_mut().insert(value.clone());
        }
        Some(value)
    };
    let places = context;
    let context = &Context {
        litellm: litellm.or(context.litellm),
        env: &env,
        ..*context
    };
    let mut settings = Settings::of_run(args)?;
    let wishes = std::mem::take(&mut settings.wishes);
    wishes.lend(&mut settings, context.env)?;
    let request = request::request(&settings.request, context.env)?;
    let aa = comparison::copies_a(&settings.load)?;
    let (mut a, mut b) = variants::variants(&settings.a, &settings.b, aa, context)?;
    let shares: Vec<load::Share> = a
        .shares()
        .chain(b.iter().flat_map(VariantPlan::shares))
        .collect();
    let wants = files::Wants::of(std::iter::once(&a).chain(&b));
    let defaults = load::Defaults::of_run(wants);
    let solo = b.is_none();
    let load = load::load(&settings.load, &defaults, &shares, solo, context)?;
    let few_files = files::warning(load.model, &defaults.files, load.threads, context)?;
    let most = typed::most_users(load.model);
    let room = files::room(most, &defaults.files, load.threads, context);
    let given = [&settings.a.transport, &settings.b.transport];
    for (given, variant) in given.into_iter().zip(std::iter::once(&a).chain(&b)) {
        transport::fits_timeout(given.as_ref(), &variant.transport, load.timeout)?;
        transport::fits_headers(given.as_ref(), &variant.transport, &request.headers)?;
    }
    launch::outputs(std::iter::once(&a).chain(&b), args.plan.as_deref())?;
    let secrets = filled_in.borrow().clone();
    let secrets = launch::secrets(secrets, &request.headers, std::iter::once(&a).chain(&b));
    for variant in std::iter::once(&mut a).chain(&mut b) {
        for launch in &mut variant.launches {
            launch.secrets.clone_from(&secrets);
        }
    }
    let margin_pct = comparison::margin_pct(&settings.load, solo, load.order)?;
    if let Some(unused) = &args.start.litellm
        && !std::iter::once(&a)
            .chain(&b)
            .any(|it| it.starts(context.litellm))
    {
        let problem = "nothing in this plan starts litellm; leave it out, or add --preset litellm";
        return Err(given::Given::option("--litellm", &unused.to_string_lossy()).bad(problem));
    }
    let title = match (
        args.plan.as_ref().and_then(|path| path.file_name()),
        &args.start.preset,
    ) {
        (Some(name), _) => crate::text::printable(&name.to_string_lossy(), 60),
        (None, Some(preset)) => crate::text::printable(preset, 60),
        (None, None) => "run".to_owned(),
    };
    Ok(Plan {
        title,
        load,
        few_files,
        room,
        notes: settings.notes,
        request,
        a,
        b,
        aa: aa.is_some(),
        margin_pct,
        preflight: preflight::preflight(&args.preflight)?,
        // Last, since it touches the disk.
        output: output::output(&args.output, places.headless, places.env)?,
        screen: ScreenPlan::new(&args.screen),
        secrets,
    })
}

impl Plan {
    /// A, then B where there is one.
    pub fn variants(&self) -> impl Iterator<Item = &VariantPlan> {
        std::iter::once(&self.a).chain(self.b.as_ref())
    }

    /// The request to one variant. A user name and password in its URL become an `authorization` header, unless there is
    /// one.
    pub fn request_for(&self, variant: &VariantPlan) -> RequestSpec {
        let mut headers = self.request.headers.clone();
        let mut url = target::append(&variant.base, &self.request.path);
        if let Some(basic) = target::take_basic_auth(&mut url) {
            headers.entry(http::header::AUTHORIZATION).or_insert(basic);
        }
        let candidate = !std::ptr::eq(variant, &raw const self.a);
        RequestSpec {
            url,
            method: self.request.method.clone(),
            headers,
            body: self.request.body.seeded(self.load.seed, candidate),
        }
    }
}

/// What the tests of this module's parts share.
#[cfg(test)]
mod testing {
    use super::*;
    use crate::cli::{Cli, Command};

    /// The plan of a command line after `dragstrip run`, on a machine of four cores with `KEY` in the environment.
    pub(super) fn planned(args: &[&str]) -> Result<Plan, String> {
        let cli = Cli::parse_args(["dragstrip", "run"].iter().chain(args)).unwrap();
        let Some(Command::Run(args)) = cli.command else {
            panic!("not run");
        };
        run(&args, &context()).map_err(|error| error.to_string())
    }

    /// The plan of a file with that text, and options.
    pub(super) fn filed(text: &str, options: &[&str]) -> Result<Plan, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let args: Vec<&str> = std::iter::once(path)
            .chain(options.iter().copied())
            .collect();
        let place = format!("{}/", folder.path().display());
        planned(&args).map_err(|error| error.replace(&place, ""))
    }

    /// A context that does not depend on this machine.
    pub(super) fn context() -> Context<'static> {
        Context {
            env: &|name| (name == "KEY").then(|| "sk-123".to_owned()),
            headless: false,
            cores: 4,
            open_files: Some(1_064),
            random_seed: u64::MAX,
            free_port: &super::launch::free_port,
            litellm: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{filed, planned};
    use super::*;

    #[test]
    fn the_defaults() {
        let plan = planned(&["--a", "http://h:1"]).unwrap();
        assert_eq!((plan.title.as_str(), plan.a.label.as_str()), ("run", "h:1"));
        assert!(plan.b.is_none());
        assert_eq!(plan.request.method, http::Method::GET);
        assert_eq!(plan.a.transport, TransportConfig::default());
        assert!(plan.screen.alt_screen && !plan.output.headless);
    }

    #[test]
    fn passwords_in_urls_become_a_header_and_are_not_shown() {
        let plan = planned(&["--a", "http://me:p%40ss@h/v1", "--path", "x?api_key=k"]).unwrap();
        let request = plan.request_for(&plan.a);
        assert_eq!(request.url.as_str(), "http://h/v1/x?api_key=k");
        assert_eq!(request.headers["authorization"], "Basic bWU6cEBzcw==");
        assert!(request.headers["authorization"].is_sensitive());
        assert_eq!(plan.a.shown_url, "http://h/v1");
        assert_eq!(plan.record().request.path, "x?api_key=[redacted]");
        let own = planned(&["--a", "http://u:p@h", "--header", "authorization: mine"]).unwrap();
        assert_eq!(own.request_for(&own.a).headers["authorization"], "mine");
    }

    #[test]
    fn records_hold_no_secret() {
        let plan = filed(
            "[a]\nurl = 'http://u:${KEY}@h/?token=${KEY}'\n[request]\npath = '/p/${KEY}'\njson = { k = '${KEY}' }\n\
             headers = { Authorization = 'Bearer ${KEY}', X-Team = 'blue', accept = 'a/b', user-agent = '${KEY}' }",
            &[],
        )
        .unwrap();
        let record = serde_json::to_string(&plan.record()).unwrap();
        let words = plan.a.transport.describe();
        let shown = format!("{record} {} {} {words}", plan.a.shown_url, plan.a.label);
        assert!(
            !shown.contains("sk-123") && !shown.contains("blue"),
            "{shown}"
        );
        assert!(
            shown.contains("a/b") && shown.contains("[redacted]"),
            "{shown}"
        );
        let sent = plan.request_for(&plan.a);
        assert_eq!(sent.url.as_str(), "http://h/p/sk-123?token=sk-123");
        assert_eq!(sent.headers["authorization"], "Bearer sk-123");
        assert_eq!(&sent.body.example()[..], br#"{"k":"sk-123"}"#);
    }

    #[test]
    fn this_process_has_a_context() {
        let first = Context::of_process(&|_| None, true);
        let second = Context::of_process(&|_| None, true);
        assert!(first.cores >= 1 && first.headless);
        assert_ne!(first.random_seed, second.random_seed);
    }
}
