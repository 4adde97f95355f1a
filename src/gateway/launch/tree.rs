//! What a process and all that descend from it use.

use super::TreeUse;
use std::collections::{BTreeMap, BTreeSet};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The processes of the whole machine, looked at again and again.
#[derive(Debug, Default)]
pub(super) struct Watch {
    system: System,
    /// The processor time of each process when it was seen last, by its number and the time of its start.
    known: BTreeMap<(u32, u64), u64>,
    /// What those have used that are gone.
    gone_ms: u64,
}

impl Watch {
    /// What the trees with these roots use now.
    pub(super) fn look(&mut self, roots: &[u32]) -> TreeUse {
        let kind = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_memory()
            .without_tasks();
        self.system
            .refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        let all = descend(&self.system, roots);
        let mut uses = TreeUse::default();
        let mut known = BTreeMap::new();
        for pid in all {
            let Some(process) = self.system.process(Pid::from_u32(pid)) else {
                continue;
            };
            uses.processes += 1;
            uses.memory_bytes += process.memory();
            known.insert((pid, process.start_time()), process.accumulated_cpu_time());
        }
        let before = std::mem::replace(&mut self.known, known);
        for (key, used) in before {
            if !self.known.contains_key(&key) {
                self.gone_ms += used;
            }
        }
        uses.cpu_ms = self.gone_ms + self.known.values().sum::<u64>();
        uses
    }
}

/// The numbers of `root` and of all processes that descend from it; empty where there is none.
pub(super) fn below(root: u32) -> Vec<u32> {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing()
        .with_cmd(UpdateKind::Never)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    descend(&system, &[root]).into_iter().collect()
}

fn descend(system: &System, roots: &[u32]) -> BTreeSet<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (pid, process) in system.processes() {
        if let Some(parent) = process.parent() {
            children
                .entry(parent.as_u32())
                .or_default()
                .push(pid.as_u32());
        }
    }
    let mut found = BTreeSet::new();
    let mut next: Vec<u32> = roots
        .iter()
        .copied()
        .filter(|root| system.process(Pid::from_u32(*root)).is_some())
        .collect();
    while let Some(pid) = next.pop() {
        if found.insert(pid) {
            next.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_and_its_children_are_a_tree() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .expect("sleep starts");
        let found = below(std::process::id());
        assert!(found.contains(&std::process::id()) && found.contains(&child.id()));
        assert_eq!(below(child.id()), [child.id()]);
        child.kill().expect("it is there");
        child.wait().expect("it ends");
        assert!(below(child.id()).is_empty());
    }

    #[test]
    fn processor_time_only_grows_and_memory_is_seen() {
        let mut watch = Watch::default();
        let own = [std::process::id()];
        let first = watch.look(&own);
        let mut work = 1_u64;
        let mut second = watch.look(&own);
        while second.cpu_ms < first.cpu_ms + 50 {
            for i in 0..10_000_000_u64 {
                work = work.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(i);
            }
            std::hint::black_box(work);
            second = watch.look(&own);
        }
        assert!(second.processes >= 1 && second.memory_bytes > 1 << 20);
        // What is gone keeps what it has used.
        let last = watch.look(&[]);
        assert!(last.cpu_ms >= second.cpu_ms && last.processes == 0);
    }
}
