//! What is started for a run and ended with it: built-in endpoints, then the gateways' own commands.

use super::complain;
use super::current::Current;
use super::exit::Failure;
use crate::gateway::endpoint::{self, EndpointConfig};
use crate::gateway::launch::{Event, Fleet, LaunchError, LaunchSpec, Progress};
use crate::gateway::{ServerCounters, ServerHandle, listen};
use crate::load::Control;
use crate::metrics::snapshot::NoticeLevel;
use crate::metrics::{Incident, ProcessReading};
use crate::plan::{Plan, VariantPlan};
use crate::text;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Lines of gateways that are kept until there is a run that they belong to.
const EARLY: usize = 100;
/// Files with the output of gateways that are kept in the usual folder.
const LOGS: usize = 40;

/// Everything that was started for a run. Dropped, it ends.
pub(super) struct Gateways {
    /// For A and for B.
    endpoints: Vec<Option<ServerHandle>>,
    fleet: Option<Fleet>,
    reports: Reports,
}

/// Where events go: to the run, and before there is one, into a list.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Audience>>);

#[derive(Default)]
struct Audience {
    names: Vec<String>,
    run: Option<Control>,
    early: Vec<(usize, Event)>,
}

impl Gateways {
    /// Starts whatever the plan says; `None` when the user has had enough of waiting.
    pub(super) fn start(
        plan: &Plan,
        cancel: &CancellationToken,
    ) -> Result<Option<Gateways>, Failure> {
        let endpoints = plan.variants().map(endpoint).collect::<Result<_, _>>()?;
        let reports = Reports::default();
        let mut gateways = Gateways {
            endpoints,
            fleet: None,
            reports: reports.clone(),
        };
        let specs = specs(plan);
        if specs.is_empty() {
            return Ok(Some(gateways));
        }
        let solo = plan.b.is_none();
        reports.named(if solo { &["gateway"] } else { &["A", "B"] });
        let itself = itself()?;
        let fleet = Fleet::start(
            specs,
            itself,
            &mut |progress| complain(&said(progress)),
            &|| cancel.is_cancelled(),
            move |variant, event| reports.tell(variant, event),
        );
        match fleet {
            Ok(fleet) => gateways.fleet = Some(fleet),
            Err(LaunchError::Cancelled) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        Ok(Some(gateways))
    }

    /// What the built-in endpoint of each variant sees, where there is one.
    pub(super) fn endpoints(&self) -> Vec<Option<Arc<ServerCounters>>> {
        let endpoints = self.endpoints.iter();
        endpoints
            .map(|it| it.as_ref().map(ServerHandle::counters))
            .collect()
    }

    /// Events belong to this run from now on.
    pub(super) fn report_to(&self, run: Control) {
        self.reports.to(run);
    }

    /// Ends everything: gateways first, then what they stand on. A signal that comes meanwhile ends them without grace.
    pub(super) fn end(mut self, current: &Current) {
        let before = current.signals();
        if let Some(fleet) = self.fleet.take() {
            let hurry = || current.signals() > before;
            fleet.end(&mut |progress| complain(&said(progress)), &hurry);
        }
    }
}

/// This program, which is the guard of its gateways, too. On Linux it is found even after another one has taken its place.
fn itself() -> Result<PathBuf, Failure> {
    let own = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() {
        return Ok(own);
    }
    std::env::current_exe().map_err(|error| {
        Failure::System(format!("this program does not know its own place: {error}"))
    })
}

fn endpoint(variant: &VariantPlan) -> Result<Option<ServerHandle>, Failure> {
    let Some(plan) = &variant.endpoint else {
        return Ok(None);
    };
    let config = EndpointConfig {
        service: plan.service.clone(),
        ..EndpointConfig::default()
    };
    let listener = listen(plan.listen).map_err(|error| Failure::System(error.to_string()))?;
    let server = endpoint::spawn(config, listener);
    Ok(Some(
        server.map_err(|error| Failure::System(error.to_string()))?,
    ))
}

/// All commands in their order, each with a file for its output.
fn specs(plan: &Plan) -> Vec<LaunchSpec> {
    let mut specs: Vec<LaunchSpec> = plan
        .variants()
        .flat_map(|variant| variant.launches.iter().cloned())
        .collect();
    let unnamed = specs.iter().any(|spec| spec.output.is_none());
    let Some(folder) = plan.output.logs_dir.as_ref().filter(|_| unnamed) else {
        return specs;
    };
    prune(folder);
    let stamp = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    let mut taken = Vec::new();
    for spec in &mut specs {
        let name = spec.name.replace("the ", "").to_lowercase();
        if spec.output.is_none() {
            spec.output = Some(log_name(folder, &format!("{stamp}-{name}"), &taken));
        }
        // The next one of the same variant is another.
        taken.extend(spec.output.clone());
    }
    specs
}

/// A name in `folder` that no file has yet, and none of `taken`.
fn log_name(folder: &Path, name: &str, taken: &[PathBuf]) -> PathBuf {
    let numbered = |n: u32| {
        let again = if n == 1 {
            String::new()
        } else {
            format!("-{n}")
        };
        folder.join(format!("{name}{again}.log"))
    };
    let mut names = (1..=9_999).map(numbered);
    let free = names.find(|path| !path.exists() && !taken.contains(path));
    free.unwrap_or_else(|| numbered(1))
}

/// Leaves only the newest files, by their names.
fn prune(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut logs: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .collect();
    logs.sort();
    let old = logs.len().saturating_sub(LOGS);
    for path in &logs[..old] {
        let _ = std::fs::remove_file(path);
    }
}

fn said(progress: &Progress<'_>) -> String {
    match progress {
        Progress::Started {
            name,
            command,
            pid,
            output,
        } => {
            let output = output.map_or_else(String::new, |path| {
                format!("; its output: {}", path.display())
            });
            format!("{name}: started {command} (process {pid}){output}")
        }
        Progress::Ready { name, after } => {
            format!(
                "{name}: ready after {}",
                text::seconds((after.as_secs_f64() * 10.0).round() / 10.0)
            )
        }
        Progress::Ending => "ending the gateways; Ctrl-C ends them at once".to_owned(),
        Progress::Killed {
            name,
            hurried: true,
            ..
        } => format!("{name}: was killed"),
        Progress::Killed { name, grace, .. } => format!(
            "{name}: did not end within {} and was killed",
            text::setting(*grace)
        ),
    }
}

impl Reports {
    fn named(&self, names: &[&str]) {
        let mut audience = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        audience.names = names.iter().map(|name| (*name).to_owned()).collect();
    }

    fn to(&self, run: Control) {
        let mut audience = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let early = std::mem::take(&mut audience.early);
        for (variant, event) in early {
            report(&run, audience.name(variant), variant, event);
        }
        audience.run = Some(run);
    }

    fn tell(&self, variant: usize, event: Event) {
        let mut audience = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &audience.run {
            Some(run) => report(run, audience.name(variant), variant, event),
            None => audience.keep(variant, event),
        }
    }
}

impl Audience {
    /// Keeps an event from before the run: of lines the newest, of what is used the last, and all that happened.
    fn keep(&mut self, variant: usize, event: Event) {
        match &event {
            Event::Said(_) => {
                let is_line = |(_, event): &(usize, Event)| matches!(event, Event::Said(_));
                if self.early.iter().filter(|it| is_line(it)).count() >= EARLY {
                    let oldest = self.early.iter().position(is_line);
                    oldest.map(|oldest| self.early.remove(oldest));
                }
            }
            Event::Uses(_) => self
                .early
                .retain(|(of, it)| *of != variant || !matches!(it, Event::Uses(_))),
            // Rare: a command is started again after a second at the earliest.
            _ => {}
        }
        self.early.push((variant, event));
    }

    fn name(&self, variant: usize) -> &str {
        self.names.get(variant).map_or("gateway", String::as_str)
    }
}

fn report(run: &Control, name: &str, variant: usize, event: Event) {
    let whose = |who: &str| {
        if name == "gateway" {
            format!("the {}", who.trim_start_matches("the "))
        } else {
            format!("{name}'s {who}")
        }
    };
    match event {
        Event::Said(line) => run.output(name, line),
        Event::Exited { who, how, again_in } => {
            let then = match again_in {
                Some(wait) => format!("it is started again in {}", text::setting(wait)),
                None => "it stays down".to_owned(),
            };
            run.incident(name, whose(&who), format!("{how}; {then}"), Incident::Exit);
        }
        Event::Restarted { who, pid } => {
            let said = format!("was started again (process {pid})");
            run.incident(name, whose(&who), said, Incident::News);
        }
        Event::ReadyAgain { who, after } => {
            let after = text::seconds((after.as_secs_f64() * 10.0).round() / 10.0);
            run.incident(
                name,
                whose(&who),
                format!("is ready again after {after}"),
                Incident::Mended,
            );
        }
        Event::NotReady { who, within, found } => {
            let within = text::setting(within);
            let said = format!("was not ready within {within}: {found}");
            run.incident(name, whose(&who), said, Incident::Trouble);
        }
        Event::NotRestarted { who, why } => {
            run.log(NoticeLevel::Error, name, format!("{}: {why}", whose(&who)));
        }
        Event::Uses(uses) => run.uses(
            variant,
            ProcessReading {
                processes: uses.processes,
                cpu_ms: uses.cpu_ms,
                memory_bytes: uses.memory_bytes,
            },
        ),
    }
}
