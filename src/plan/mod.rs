//! From arguments and a plan file to a validated [`Plan`].
//!
//! All errors of the input are born here, before anything starts, and each says where, what was found, and what would be
//! right. What holds always: a [`Plan`] can be run as it is; no secret is in a [`PlanError`], in [`Plan::record`], or in a
//! field whose name begins with `shown`. The environment is only seen through [`Context`]; files are only read, except
//! that a file beside each output is made and removed again, to find out whether it can be written.
//!
//! ```text
//! cli::RunArgs ─┐
//!               ├─► settings (each knows its place) ─► load, request, target, transport, variants, output ─► Plan
//! plan file ────┘   options lie over the file
//! ```

mod demo;
mod error;
mod file;
mod given;
mod load;
mod output;
mod record;
mod request;
mod secrets;
mod serve;
mod settings;
mod target;
mod transport;
mod units;
mod variants;

pub use crate::cli::{Colour, Format};
pub use demo::{Demo, demo};
pub use error::PlanError;
pub use output::{OutputPlan, ScreenPlan};
pub use request::RequestTemplate;
pub use secrets::Lookup;
pub use serve::{EndpointPlan, GatewayPlan, endpoint, gateway};
pub use transport::transport_text;

use crate::cli::RunArgs;
use crate::load::LoadSpec;
use crate::transport::{RequestSpec, TransportConfig};
use settings::Settings;
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
    /// The request.
    pub request: RequestTemplate,
    /// The baseline.
    pub a: VariantPlan,
    /// The candidate; `None` for a solo run.
    pub b: Option<VariantPlan>,
    /// What is written, and where.
    pub output: OutputPlan,
    /// How the screen looks.
    pub screen: ScreenPlan,
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
}

/// The plan of `run`.
pub fn run(args: &RunArgs, context: &Context<'_>) -> Result<Plan, PlanError> {
    let settings = Settings::of_run(args)?;
    let request = request::request(&settings.request, context.env)?;
    let (a, b) = variants::variants(&settings.a, &settings.b, context.env)?;
    let shares: Vec<load::Share> = a
        .shares()
        .chain(b.iter().flat_map(VariantPlan::shares))
        .collect();
    let defaults = load::Defaults::of_run(1 + usize::from(b.is_some()));
    let load = load::load(&settings.load, &defaults, &shares, context)?;
    let title = match args.plan.as_ref().and_then(|path| path.file_name()) {
        Some(name) => crate::text::printable(&name.to_string_lossy(), 60),
        None => "run".to_owned(),
    };
    Ok(Plan {
        title,
        load,
        request,
        a,
        b,
        // Last, since it touches the disk.
        output: output::output(&args.output, context.headless, context.env)?,
        screen: ScreenPlan::new(&args.screen),
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
        RequestSpec {
            url,
            method: self.request.method.clone(),
            headers,
            body: self.request.body.clone(),
        }
    }
}
