//! What processes and all that descend from them use.

use super::TreeUse;
use std::collections::{BTreeMap, BTreeSet};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The processes of the whole machine, looked at again and again.
#[derive(Debug, Default)]
pub(super) struct Watch {
    system: System,
    /// What each tree had used when it was seen last, by its root and whose it is.
    known: BTreeMap<u32, (usize, u64)>,
    /// What the trees have used that are gone, by whose they were.
    gone_ms: BTreeMap<usize, u64>,
}

impl Watch {
    /// What the trees of each owner use now. `roots` are guards with their owners: a guard is not counted itself, but it
    /// inherits whatever loses its parent, and the time of whatever has ended.
    pub(super) fn look(&mut self, roots: &[(usize, u32)]) -> BTreeMap<usize, TreeUse> {
        let kind = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_memory()
            .without_tasks();
        self.system
            .refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        let children = children(&self.system);
        let mut known = BTreeMap::new();
        let mut uses: BTreeMap<usize, TreeUse> = BTreeMap::new();
        for (owner, root) in roots {
            let total = uses.entry(*owner).or_default();
            let mut spent = time_of_ended_ms(*root);
            for pid in descend(&self.system, &children, *root) {
                let process = self.system.process(Pid::from_u32(pid));
                let Some(process) = process.filter(|_| pid != *root) else {
                    continue;
                };
                total.processes += 1;
                total.memory_bytes += process.memory();
                spent += process.accumulated_cpu_time() + time_of_ended_ms(pid);
            }
            known.insert(*root, (*owner, spent));
        }
        for (root, (owner, used)) in std::mem::replace(&mut self.known, known) {
            if !self.known.contains_key(&root) {
                *self.gone_ms.entry(owner).or_default() += used;
            }
        }
        for (owner, total) in &mut uses {
            let mine = self.known.values().filter(|(of, _)| of == owner);
            let now: u64 = mine.map(|(_, used)| used).sum();
            total.cpu_ms = now + self.gone_ms.get(owner).copied().unwrap_or(0);
        }
        uses
    }
}

/// The processor time of all children of `pid` that have ended and were waited for, and of theirs, in milliseconds; 0 where the
/// system does not tell it.
#[cfg(target_os = "linux")]
fn time_of_ended_ms(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    ended_ticks(&stat) * 1_000 / rustix::param::clock_ticks_per_second().max(1)
}

#[cfg(not(target_os = "linux"))]
fn time_of_ended_ms(_pid: u32) -> u64 {
    0
}

/// `cutime` and `cstime`, the 16th and 17th field; the name before them, in brackets, may hold anything.
#[cfg(target_os = "linux")]
fn ended_ticks(stat: &str) -> u64 {
    let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields = rest.split(' ').skip(13).take(2);
    fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The numbers of `root` and of all processes that descend from it; empty where there is none.
pub(super) fn below(root: u32) -> Vec<u32> {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let children = children(&system);
    descend(&system, &children, root).into_iter().collect()
}

/// The children of each process.
fn children(system: &System) -> BTreeMap<u32, Vec<u32>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (pid, process) in system.processes() {
        if let Some(parent) = process.parent() {
            let parent = children.entry(parent.as_u32()).or_default();
            parent.push(pid.as_u32());
        }
    }
    children
}

fn descend(system: &System, children: &BTreeMap<u32, Vec<u32>>, root: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut next = vec![root];
    next.retain(|root| system.process(Pid::from_u32(*root)).is_some());
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
    #[cfg(target_os = "linux")]
    fn the_time_of_children_that_have_ended_is_read() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 5";
        assert_eq!(ended_ticks(stat), 70);
        assert_eq!(ended_ticks("") + ended_ticks("7 (x) S 1"), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_short_lived_processes_use_is_not_lost() {
        // A shell that works by children which are gone before anybody looks.
        let script = "for i in 1 2 3 4 5 6; do sh -c 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'; done; read wait";
        let mut shell = std::process::Command::new("sh")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut watch = Watch::default();
        let root = [(0, std::process::id())];
        let since = std::time::Instant::now();
        // Its own children do the work: what it has inherited says when they are done.
        while time_of_ended_ms(shell.id()) < 50 {
            assert!(since.elapsed().as_secs() < 30, "they are done");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let seen = watch.look(&root)[&0];
        assert!(seen.cpu_ms >= 50 && seen.processes >= 1, "{seen:?}");
        shell.kill().expect("it is there");
        shell.wait().expect("it ends");
        // What is gone keeps what it has used.
        let last = watch.look(&[]);
        assert!(last.is_empty());
        let again = watch.look(&root)[&0];
        assert!(again.cpu_ms >= seen.cpu_ms, "{again:?} after {seen:?}");
    }
}
