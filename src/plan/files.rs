//! Whether the connections that a load wants fit into the open files that this process may have: each connection is one.
//!
//! What holds always: a load that is sure to need more than there can be is refused; one that only may need more runs, and its
//! reader is told from the first picture on.

use super::{Context, PlanError, VariantPlan};
use crate::load::LoadModel;

/// Files that are not connections: terminal, plan, runtime, spare.
const OTHERS: u64 = 64;

/// What the requests of a load take of this process's open files.
#[derive(Clone, Debug)]
pub(super) struct Wants {
    /// Files that one request in flight takes, over the variants in which each has a connection of its own.
    pub(super) each: u64,
    /// The most connections of each variant that has fewer than requests.
    pub(super) fewer: Vec<Most>,
}

/// The most connections that a variant makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Most {
    /// So many, over all load threads.
    Limit(u64),
    /// One for each load thread, which its requests share.
    Threads,
}

impl Wants {
    /// What the variants of a run take.
    pub(super) fn of<'a>(variants: impl Iterator<Item = &'a VariantPlan>) -> Wants {
        let mut wants = Wants {
            each: 0,
            fewer: Vec::new(),
        };
        for variant in variants {
            let transport = &variant.transport;
            match transport.limits.connections {
                Some(limit) => wants.fewer.push(Most::Limit(limit as u64)),
                None if transport.keep_alive && transport.http.is_multiplexed() => {
                    wants.fewer.push(Most::Threads);
                }
                None => wants.each += 1,
            }
        }
        wants
    }

    /// Requests that may be in flight if each takes as many files as it could.
    pub(super) fn room(&self, files: u64) -> u64 {
        let per_request = self.each + self.fewer.len() as u64;
        files.saturating_sub(OTHERS) / per_request.max(1)
    }

    /// The most connections of so many requests at once.
    fn connections(&self, in_flight: u64, threads: usize) -> u64 {
        let fewer = self.fewer.iter().map(|most| match most {
            Most::Limit(limit) => *limit,
            Most::Threads => threads as u64,
        });
        fewer.map(|most| most.min(in_flight)).sum::<u64>() + in_flight * self.each
    }
}

/// What users who never think find of open files: each has a request open at all times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Open files that this process may have.
    pub files: u64,
    /// The most users of each variant for whom they are enough; at least 1.
    pub users: u32,
}

/// The room for users who never think, of whom nobody counts more than `most`; `None` if there is room for those.
pub(super) fn room(
    most: u32,
    wants: &Wants,
    threads: usize,
    context: &Context<'_>,
) -> Option<Room> {
    let files = context.open_files?;
    let fits = |users: u32| wants.connections(u64::from(users), threads) + OTHERS <= files;
    if fits(most) {
        return None;
    }
    let users = (1..most).rev().find(|users| fits(*users)).unwrap_or(1);
    Some(Room { files, users })
}

/// What must be said of a load that may need more open files than this process may have; an error if it is sure to.
pub(super) fn warning(
    model: LoadModel,
    wants: &Wants,
    threads: usize,
    context: &Context<'_>,
) -> Result<Option<String>, PlanError> {
    let Some(limit) = context.open_files else {
        return Ok(None);
    };
    let (in_flight, setting, all_at_once) = match model {
        LoadModel::Closed { users, think } => (users, "--users", think.high.is_zero()),
        LoadModel::Open { max_in_flight, .. } => (max_in_flight, "--max-in-flight", false),
    };
    let connections = wants.connections(u64::from(in_flight), threads);
    let needed = connections + OTHERS;
    if needed <= limit {
        return Ok(None);
    }
    let numbers = format!(
        "need {needed} open files ({connections} for connections), but this process may have {limit}"
    );
    // Users who never think all have a request open at all times; others, and arrivals, may get by with less.
    if all_at_once {
        return Err(PlanError::combination(format!(
            "this load would {numbers}; lower {setting}, or raise the limit (ulimit -n) and start again"
        )));
    }
    Ok(Some(format!(
        "this load may {numbers}: what finds none left cannot be sent; lower {setting}, or raise the limit (ulimit -n)"
    )))
}

#[cfg(test)]
mod tests {
    use super::super::Plan;
    use super::super::testing::planned;

    /// The context allows 1064 open files.
    fn options(options: &[&str]) -> Result<Plan, String> {
        let args: Vec<&str> = ["--a", "http://h"].iter().chain(options).copied().collect();
        planned(&args)
    }

    #[test]
    fn a_load_that_is_sure_to_need_more_than_there_can_be_is_refused_with_the_numbers() {
        let fits = options(&["--users", "1000"]).unwrap();
        assert_eq!(fits.few_files, None);
        let error = options(&["--users", "1001"]).unwrap_err();
        assert!(
            error.contains("1065 open files (1001 for connections)"),
            "{error}"
        );
        assert!(error.contains("may have 1064; lower --users"), "{error}");
        let error = options(&["--users", "600", "--b", "http://i"]).unwrap_err();
        assert!(error.contains("1264 open files"), "{error}");
        // One variant has few connections, the other one for each user.
        let one = ["--b", "http://i", "--transport-a", "max_connections=10"];
        let plan = options(&[&one[..], &["--users", "990"]].concat()).unwrap();
        assert_eq!(plan.few_files, None);
        let error = options(&[&one[..], &["--users", "991"]].concat()).unwrap_err();
        assert!(error.contains("1065 open files"), "{error}");
    }

    #[test]
    fn connections_that_are_limited_or_shared_are_no_more_than_that() {
        for transport in [
            "max_connections=10",
            "http=h2c",
            "http=h2c,streams=5",
            "http=h2c,max_connections=1000",
        ] {
            let plan = options(&["--users", "5000", "--transport-a", transport]).unwrap();
            assert_eq!(plan.few_files, None, "{transport}");
        }
        for transport in ["http=h2c,keep_alive=false", "http=h2c,max_connections=1001"] {
            let error = options(&["--users", "5000", "--transport-a", transport]).unwrap_err();
            assert!(error.contains("open files"), "{transport}: {error}");
        }
    }

    #[test]
    fn a_load_that_may_get_by_with_less_runs_with_a_warning() {
        for (load, setting) in [
            (&["--users", "1001", "--think", "0s..1s"][..], "--users"),
            (
                &["--rate", "1", "--max-in-flight", "1001"],
                "--max-in-flight",
            ),
        ] {
            let warning = options(load).unwrap().few_files.unwrap();
            let expected = format!(
                "this load may need 1065 open files (1001 for connections), but this process may have 1064: what finds none left \
                 cannot be sent; lower {setting}, or raise the limit (ulimit -n)"
            );
            assert_eq!(warning, expected);
        }
    }
}
