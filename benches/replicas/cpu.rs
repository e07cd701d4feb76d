//! Processor time that was used, from `/proc` (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>).

use std::fs;
use std::time::Duration;

/// Linux counts in hundredths of a second everywhere (`getconf CLK_TCK`).
const TICK_MS: u64 = 10;

/// Processor time by whom it was used.
pub struct Cpu {
    /// The servers.
    pub servers: Duration,
    /// PostgreSQL with its backends, those that have ended among them.
    pub postgres: Duration,
    /// This process, with the simulated GitHub in it.
    pub simulator: Duration,
}

impl Cpu {
    /// What was used so far.
    pub fn now(servers: &[u32], postmaster: u32) -> Self {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let postgres = ids.filter_map(stat).filter(|one| one.id == postmaster || one.parent == postmaster);
        Self {
            servers: servers.iter().filter_map(|id| stat(*id)).map(|one| one.used).sum(),
            postgres: postgres.map(|one| one.used).sum(),
            simulator: stat(std::process::id()).map_or(Duration::ZERO, |one| one.alone),
        }
    }

    /// What was used since.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            servers: self.servers.saturating_sub(before.servers),
            postgres: self.postgres.saturating_sub(before.postgres),
            simulator: self.simulator.saturating_sub(before.simulator),
        }
    }
}

/// A process.
pub struct Stat {
    id: u32,
    /// Who started it.
    pub parent: u32,
    /// What it has used itself.
    alone: Duration,
    /// The same with what its ended children have used.
    used: Duration,
}

/// A process by its id, while there is one.
pub fn stat(id: u32) -> Option<Stat> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // Behind the name, which may hold anything: the state, the parent, and from the twelfth on utime, stime, cutime, cstime.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |from: usize, count: usize| -> u64 {
        fields.iter().skip(from).take(count).filter_map(|field| field.parse::<u64>().ok()).sum()
    };
    let parent = fields.get(1)?.parse().ok()?;
    let time = |ticks: u64| Duration::from_millis(ticks * TICK_MS);
    Some(Stat { id, parent, alone: time(ticks(11, 2)), used: time(ticks(11, 4)) })
}
