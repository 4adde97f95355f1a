//! The memory of this process, where the system tells it.

/// Resident memory in bytes; `None` where the system does not tell it as Linux does.
pub fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1024))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_in_it() {
        let before = resident().expect("Linux tells");
        let much = vec![1u8; 64 << 20];
        let after = resident().expect("Linux tells");
        assert!(after >= before + (50 << 20), "{before} {after}");
        drop(much);
    }
}
