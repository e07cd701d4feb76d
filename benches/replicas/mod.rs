//! What two and four servers on one PostgreSQL do against one: a backlog of issues, and a GitHub that takes its time.
//!
//! All of it runs on one machine, so each row says how busy that was, and by whom: where its cores are used up, they are
//! the limit and not the servers.

mod cpu;
mod fleet;

use std::time::{Duration, Instant};

use cpu::Cpu;
use fleet::Fleet;

use crate::postgres::Cluster;
use crate::row::{Row, Target};

/// How long the simulated GitHub takes for an answer, in milliseconds.
const ANSWER_MS: u64 = 100;
/// Above this share of all cores they are the limit, in percent.
const BUSY: f64 = 85.0;

/// Rates of one, two and four servers.
pub async fn rows(cluster: Option<&Cluster>) -> Vec<Row> {
    let Some(cluster) = cluster else {
        let why = "install PostgreSQL (Debian: postgresql), which the servers share";
        return vec![Row::unmeasured("two replicas to one, on one PostgreSQL", "issue 7", why)];
    };
    let issues = u32::try_from(crate::setting("STATIONMASTER_BENCH_ISSUES", 400)).unwrap_or(400);
    let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    let mut rows = Vec::new();
    let mut alone = None;
    for (servers, words, target) in
        [(1, "one", Target::Shown), (2, "two", Target::AtLeast(1.6)), (4, "four", Target::Shown)]
    {
        crate::progress(&format!("replicas: {servers} on one PostgreSQL"));
        let address = cluster.new_database(&format!("replicas_{servers}"));
        let (took, cpu) = drained(&address, servers, issues).await;
        let rate = f64::from(issues) / took.as_secs_f64();
        let ratio = rate / *alone.get_or_insert(rate);
        let more = format!("{rate:.1} issues/s; {}", shares(&cpu, took, cores));
        let (name, source) = match target {
            Target::Shown => (format!("issues routed by {words} servers, to one"), ""),
            Target::AtLeast(_) | Target::AtMost(_) => (
                format!("{words} replicas to one, on one PostgreSQL, GitHub answering after {ANSWER_MS} ms"),
                "issue 7",
            ),
        };
        rows.push(Row::new(name, source, (target, "×"), ratio).with(more));
    }
    rows
}

/// Who used how much of one core, and what was the limit.
fn shares(cpu: &Cpu, took: Duration, cores: u32) -> String {
    let share = |busy: Duration| 100.0 * busy.as_secs_f64() / took.as_secs_f64();
    let (servers, postgres, simulator) = (share(cpu.servers), share(cpu.postgres), share(cpu.simulator));
    let all = (servers + postgres + simulator) / f64::from(cores);
    let limit = match (all > BUSY, postgres > servers && postgres > simulator) {
        (false, _) => "GitHub's answers are the limit",
        (true, true) => "the cores are the limit, PostgreSQL most",
        (true, false) => "the cores are the limit",
    };
    format!("CPU {servers:.0} % servers, {postgres:.0} % PostgreSQL, {simulator:.0} % simulator; {limit}")
}

/// From when the servers listen until every issue has its card.
async fn drained(address: &str, servers: usize, issues: u32) -> (Duration, Cpu) {
    let mut fleet = Fleet::with_backlog(address, issues).await;
    let postmaster = fleet.postmaster().await;
    fleet.start(servers).await;
    let (began, before) = (Instant::now(), Cpu::now(&fleet.ids(), postmaster));
    fleet.drained(issues).await;
    let took = began.elapsed();
    (took, Cpu::now(&fleet.ids(), postmaster).since(&before))
}
