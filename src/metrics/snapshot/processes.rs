//! What the processes of a launched gateway use, as shown and saved.

use serde::{Deserialize, Serialize};

/// The process trees of the commands that were launched for a variant, looked at once a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Processes {
    /// Processes that run now.
    pub processes: u64,
    /// Processor time in the last second, in cores; `None` before there are two looks.
    pub cpu_cores: Option<f64>,
    /// Resident memory now, summed over the processes: what they share is counted for each.
    pub memory_bytes: u64,
    /// Processor time per second of the run's measured time, in cores.
    pub run_cpu_cores: Option<f64>,
    /// The most resident memory in the run's measured time.
    pub run_memory_bytes: Option<u64>,
    /// How often a gateway has ended without being asked.
    pub exits: u64,
}
