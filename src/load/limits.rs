//! The operating system's limit on open files, which is a limit on connections.

use super::spec::{LoadModel, LoadSpec};

/// Descriptors that the program needs beside connections: terminal, files, timers, runtimes, libraries.
const OWN: u64 = 64;

/// The plan needs more open files than the system allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this load may need {needed} open files ({connections} connections), but the limit is {limit}; \
     lower --users or --max-in-flight, or raise the limit (ulimit -n) and start again"
)]
pub struct TooFewFiles {
    /// Descriptors that the plan may need.
    pub needed: u64,
    /// Connections among them.
    pub connections: u64,
    /// The hard limit.
    pub limit: u64,
}

/// Raises the soft limit to the hard one and returns it; `None` where there is no such limit.
pub fn raise_file_limit() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        if limit.current != limit.maximum {
            let _ = setrlimit(
                Resource::Nofile,
                Rlimit {
                    current: limit.maximum,
                    maximum: limit.maximum,
                },
            );
        }
        getrlimit(Resource::Nofile).current
    }
    #[cfg(not(unix))]
    None
}

/// Checks that `spec` for `variants` variants fits into `limit` open files. `per_connection` is how many descriptors a
/// connection takes in this process: 1, more if the servers run inside it too. An open loop's `max_in_flight` that nobody
/// chose (`cap_is_default`) is lowered to what fits.
pub fn fit_files(
    spec: &mut LoadSpec,
    variants: u64,
    per_connection: u64,
    cap_is_default: bool,
    limit: Option<u64>,
) -> Result<(), TooFewFiles> {
    let Some(limit) = limit else { return Ok(()) };
    let room = limit.saturating_sub(OWN) / (variants * per_connection).max(1);
    let each = match &mut spec.model {
        LoadModel::Closed { users, .. } => u64::from(*users),
        LoadModel::Open { max_in_flight, .. } => {
            if cap_is_default && u64::from(*max_in_flight) > room && room > 0 {
                *max_in_flight = room as u32;
            }
            u64::from(*max_in_flight)
        }
    };
    let connections = each * variants;
    let needed = connections * per_connection + OWN;
    if needed > limit {
        Err(TooFewFiles {
            needed,
            connections,
            limit,
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Arrivals, Order, Overflow, ThinkTime, Warmup};
    use std::time::Duration;

    fn spec(model: LoadModel) -> LoadSpec {
        LoadSpec {
            model,
            order: Order::Together,
            ramp: Duration::ZERO,
            warmup: Warmup::Auto,
            duration: None,
            timeout: Duration::from_secs(30),
            threads: 1,
            seed: 1,
        }
    }

    #[test]
    fn too_many_users_are_refused_with_the_numbers() {
        let think = ThinkTime {
            low: Duration::ZERO,
            high: Duration::ZERO,
        };
        let mut closed = spec(LoadModel::Closed {
            users: 5_000,
            think,
        });
        assert_eq!(fit_files(&mut closed, 2, 1, false, Some(20_000)), Ok(()));
        let error = fit_files(&mut closed, 2, 1, false, Some(1_024)).expect_err("too few");
        assert_eq!(
            error,
            TooFewFiles {
                needed: 10_064,
                connections: 10_000,
                limit: 1_024
            }
        );
        assert!(error.to_string().contains("10064") && error.to_string().contains("1024"));
    }

    #[test]
    fn only_a_default_cap_is_lowered() {
        let open = |max_in_flight| LoadModel::Open {
            rate_hz: 1.0,
            arrivals: Arrivals::Constant,
            max_in_flight,
            overflow: Overflow::Queue,
        };
        let mut by_default = spec(open(10_000));
        assert_eq!(fit_files(&mut by_default, 2, 1, true, Some(1_064)), Ok(()));
        assert_eq!(by_default.model, open(500));
        assert!(fit_files(&mut spec(open(10_000)), 2, 1, false, Some(1_064)).is_err());
    }
}
