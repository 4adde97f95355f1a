//! The load: from settings to a checked [`LoadSpec`].

use super::comparison;
use super::files::Wants;
use super::given::Given;
use super::settings::{CLOSED_KEYS, OPEN_KEYS, Values};
use super::{Context, PlanError};
use crate::load::{Arrivals, LoadModel, LoadSpec, Overflow, ThinkTime, Warmup};
use std::time::Duration;

/// The longest time that any setting may have.
pub(super) const MAX_TIME: Duration = Duration::from_secs(30 * 24 * 3_600);
/// The highest rate, per second and variant.
pub(super) const MAX_RATE_HZ: f64 = 1_000_000.0;
/// The timeout of a load that gives none.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest timeout.
const MAX_TIMEOUT: Duration = Duration::from_secs(3_600);
/// The shortest time where 0s makes no sense.
pub(super) const ABOVE_ZERO: Duration = Duration::from_nanos(1);
/// Requests in flight at most where the limit of open files does not say less.
const MAX_IN_FLIGHT: u32 = 10_000;
/// Seeds stay below 2^53, so that readers of JSON who know only doubles keep them exact.
pub(super) const MAX_SEED: u64 = (1 << 53) - 1;

/// What holds where nothing is given.
pub(super) struct Defaults {
    pub(super) users: u32,
    pub(super) think: ThinkTime,
    pub(super) ramp: Duration,
    /// What its requests take of this process's open files.
    pub(super) files: Wants,
}

impl Defaults {
    /// The defaults of `run`.
    pub(super) fn of_run(files: Wants) -> Defaults {
        Defaults {
            users: 50,
            think: ThinkTime {
                low: Duration::ZERO,
                high: Duration::ZERO,
            },
            ramp: Duration::ZERO,
            files,
        }
    }
}

/// A limit that is shared out over the load threads: each must get at least one of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// The setting.
    pub(super) name: &'static str,
    /// The total over all threads.
    pub(super) total: u64,
}

/// The load that the settings describe. `shares` are the transports' limits; `solo`: there is no B.
pub(super) fn load(
    values: &Values,
    defaults: &Defaults,
    shares: &[Share],
    solo: bool,
    context: &Context<'_>,
) -> Result<LoadSpec, PlanError> {
    let model = model(values, defaults, context)?;
    let time = |key, default, min, max| match values.get(key) {
        Some(given) => given.duration(min, max),
        None => Ok(default),
    };
    let ramp = time("ramp", defaults.ramp, Duration::ZERO, MAX_TIME)?;
    let order = comparison::order(values, solo)?;
    let until_decided = comparison::until_decided(values, solo, order)?;
    let duration = comparison::duration(values, order, until_decided, context.headless)?;
    let timeout = time("timeout", TIMEOUT, ABOVE_ZERO, MAX_TIMEOUT)?;
    let warmup = match values.get("warmup") {
        Some(given) if given.text == "auto" => Warmup::Auto,
        Some(given) if given.text.starts_with(char::is_alphabetic) => {
            return Err(given.bad("must be auto or a time, such as 10s"));
        }
        Some(given) => Warmup::Fixed(given.duration(Duration::ZERO, MAX_TIME)?),
        None => Warmup::Auto,
    };
    Ok(LoadSpec {
        model,
        order,
        ramp,
        warmup,
        duration,
        until_decided,
        timeout,
        threads: threads(values, model, shares, context)?,
        seed: match values.get("seed") {
            Some(given) => given.whole(0..=MAX_SEED)?,
            None => context.random_seed & MAX_SEED,
        },
    })
}

fn model(
    values: &Values,
    defaults: &Defaults,
    context: &Context<'_>,
) -> Result<LoadModel, PlanError> {
    if let (Some(users), Some(rate)) = (values.get("users"), values.get("rate")) {
        return Err(rate.bad(format!(
            "a rate and {} exclude each other; to limit the open requests of a rate use {}",
            users.at.nearby(),
            if rate.at.is_option() {
                "--max-in-flight"
            } else {
                "max_in_flight"
            }
        )));
    }
    let open = match values.get("model") {
        Some(given) => given.choice(&[("closed", false), ("open", true)])?,
        None => values.contains_key("rate"),
    };
    let (wrong, now) = if open {
        (
            first(values, &CLOSED_KEYS),
            "belongs to a closed loop (users), and this load is open (a rate)",
        )
    } else {
        (
            first(values, &OPEN_KEYS),
            "belongs to an open loop (a rate), and this load is closed (users)",
        )
    };
    if let Some(given) = wrong {
        let instead = match (open, given.at.is_option()) {
            (true, true) => "add --users, or leave it out",
            (true, false) => "set model = \"closed\", or leave it out",
            (false, true) => "add --rate, or leave it out",
            (false, false) => "set model = \"open\" and a rate, or leave it out",
        };
        return Err(given.bad(format!("{now}; {instead}")));
    }
    if open {
        open_loop(values, defaults, context)
    } else {
        closed_loop(values, defaults)
    }
}

/// The first of these settings that was given.
fn first<'a>(values: &'a Values, keys: &[&str]) -> Option<&'a Given> {
    keys.iter().find_map(|key| values.get(*key))
}

fn closed_loop(values: &Values, defaults: &Defaults) -> Result<LoadModel, PlanError> {
    let users = match values.get("users") {
        Some(given) => given.whole(1..=100_000)? as u32,
        None => defaults.users,
    };
    let think = match values.get("think") {
        Some(given) => {
            let (low, high) = given.durations(MAX_TIME)?;
            ThinkTime { low, high }
        }
        None => defaults.think,
    };
    Ok(LoadModel::Closed { users, think })
}

fn open_loop(
    values: &Values,
    defaults: &Defaults,
    context: &Context<'_>,
) -> Result<LoadModel, PlanError> {
    let rate_hz = match (values.get("rate"), values.get("model")) {
        (Some(given), _) => given.positive(MAX_RATE_HZ)?,
        (None, Some(model)) => {
            return Err(model.bad("an open loop needs a rate; add rate = 100"));
        }
        (None, None) => return Err(PlanError::combination("an open loop needs --rate")),
    };
    let arrivals = match values.get("arrivals") {
        Some(given) => given.choice(&[
            ("constant", Arrivals::Constant),
            ("poisson", Arrivals::Poisson),
        ])?,
        None => Arrivals::Constant,
    };
    let overflow = match values.get("overflow") {
        Some(given) => given.choice(&[("queue", Overflow::Queue), ("drop", Overflow::Drop)])?,
        None => Overflow::Queue,
    };
    let max_in_flight = match values.get("max_in_flight") {
        Some(given) => given.whole(1..=1_000_000)? as u32,
        None => match context.open_files {
            Some(files) => {
                let room = defaults.files.room(files);
                room.clamp(1, u64::from(MAX_IN_FLIGHT)) as u32
            }
            None => MAX_IN_FLIGHT,
        },
    };
    Ok(LoadModel::Open {
        rate_hz,
        arrivals,
        max_in_flight,
        overflow,
    })
}

/// One less than the cores, but never more than there are users, connections or places in flight to share out.
fn threads(
    values: &Values,
    model: LoadModel,
    shares: &[Share],
    context: &Context<'_>,
) -> Result<usize, PlanError> {
    let (in_flight, users) = match model {
        LoadModel::Closed { users, .. } => (None, u64::from(users)),
        LoadModel::Open { max_in_flight, .. } => (Some(max_in_flight), u64::MAX),
    };
    let in_flight = in_flight.map(|limit| Share {
        name: "max_in_flight",
        total: u64::from(limit),
    });
    let least = shares
        .iter()
        .copied()
        .chain(in_flight)
        .min_by_key(|share| share.total);
    let Some(given) = values.get("threads") else {
        let spare = context.cores.saturating_sub(1).max(1) as u64;
        let most = least.map_or(u64::MAX, |share| share.total).min(users);
        return Ok(spare.min(most) as usize);
    };
    let threads = given.whole(1..=1_024)?;
    match least {
        // A thread without a user is idle, but one without a connection or a place in flight would hold its arrivals up.
        Some(Share { name, total }) if threads > total => Err(given.bad(format!(
            "the threads share out {name}, which is {total}: at most {total} {}",
            if total == 1 { "thread" } else { "threads" }
        ))),
        _ => Ok(threads as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{filed, planned};
    use super::*;

    const A: &str = "[a]\nurl = 'http://h'\n";

    fn options(options: &[&str]) -> Result<LoadSpec, String> {
        let args: Vec<&str> = ["--a", "http://h"].iter().chain(options).copied().collect();
        planned(&args).map(|plan| plan.load)
    }

    #[test]
    fn a_closed_loop_by_default() {
        let load = options(&[]).unwrap();
        let think = ThinkTime {
            low: Duration::ZERO,
            high: Duration::ZERO,
        };
        assert_eq!(load.model, LoadModel::Closed { users: 50, think });
        assert_eq!(load.warmup, Warmup::Auto);
        assert_eq!(load.timeout, Duration::from_secs(30));
        assert_eq!(
            (load.duration, load.threads, load.seed),
            (None, 3, MAX_SEED)
        );
    }

    #[test]
    fn an_open_loop_by_its_rate() {
        let load = options(&["--rate", "100"]).unwrap();
        // The context allows 1064 open files.
        assert_eq!(
            load.model,
            LoadModel::Open {
                rate_hz: 100.0,
                arrivals: Arrivals::Constant,
                max_in_flight: 1_000,
                overflow: Overflow::Queue,
            }
        );
    }

    #[test]
    fn options_choose_the_model_over_the_file() {
        let open = format!("{A}[load]\nmodel = 'open'\nrate = 5\narrivals = 'poisson'\n");
        let closed = format!("{A}[load]\nmodel = 'closed'\nusers = 5\nthink = '1s'\n");
        let model = |text: &str, options: &[&str]| filed(text, options).map(|plan| plan.load.model);
        assert!(matches!(
            model(&open, &["--users", "7"]),
            Ok(LoadModel::Closed { users: 7, .. })
        ));
        assert!(matches!(
            model(&open, &["--rate", "7"]),
            Ok(LoadModel::Open {
                rate_hz: 7.0,
                arrivals: Arrivals::Poisson,
                ..
            })
        ));
        assert!(matches!(
            model(&closed, &["--rate", "7"]),
            Ok(LoadModel::Open { rate_hz: 7.0, .. })
        ));
        let error = model(&open, &["--think", "1s"]).unwrap_err();
        assert!(
            error.contains("--think 1s") && error.contains("add --users"),
            "{error}"
        );
    }

    #[test]
    fn threads_follow_what_they_share() {
        for (given, threads) in [
            (&["--users", "2"][..], 2),
            (&["--transport-a", "max_connections=1"], 1),
            (&["--transport-a", "pool=2"], 2),
            (&["--rate", "9", "--max-in-flight", "1"], 1),
            (&["--threads", "9", "--users", "2"], 9),
        ] {
            assert_eq!(options(given).unwrap().threads, threads, "{given:?}");
        }
        for given in [
            &["--threads", "3", "--transport-a", "max_connections=2"][..],
            &["--threads", "3", "--rate", "9", "--max-in-flight", "2"],
        ] {
            let error = options(given).unwrap_err();
            assert!(
                error.starts_with("--threads 3: the threads share out max_"),
                "{error}"
            );
            assert!(error.ends_with("which is 2: at most 2 threads"), "{error}");
        }
    }
}
