//! How likely the answer to a task comes too late: as often as others like it did, and by how much of its time is gone.

use serde::Serialize;

use crate::model::{AnsweredBefore, Level, ResponseClock, Task, Timestamp, WorkerId};

/// Of fewer nothing is said.
const EXAMPLES_MIN: usize = 5;

/// How likely it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Others were seldom late, and there is time.
    Low,
    /// Either others were late, or time runs short.
    Medium,
    /// Both.
    High,
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlaRisk {
    /// By others like it.
    Known {
        /// How likely.
        level: RiskLevel,
        /// How many like it were late.
        late: usize,
        /// How many like it there were.
        of: usize,
        /// They had this priority.
        priority: Level,
        /// They were given to this worker too; `None` where they were given to anybody.
        worker: Option<WorkerId>,
        /// So much of its time is gone, in percent.
        gone_percent: i64,
    },
    /// There are too few to say.
    TooFew {
        /// How many there are.
        of: usize,
        /// They had this priority.
        priority: Level,
    },
}

impl SlaRisk {
    /// The same in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Known { level, late, of, priority, worker, gone_percent } => {
                let word = match level {
                    RiskLevel::Low => "Low",
                    RiskLevel::Medium => "Some",
                    RiskLevel::High => "High",
                };
                let whose = worker.as_ref().map(|worker| format!(", given to {worker}")).unwrap_or_default();
                format!(
                    "{word} risk of a late answer: {late} of {of} like it (priority {priority}{whose}) were late, and \
                     {gone_percent} % of its time is gone."
                )
            }
            Self::TooFew { of, priority } => format!(
                "There is too little history to say whether the answer comes in time ({of} of the {EXAMPLES_MIN} tasks of \
                 priority {priority} that it takes)."
            ),
        }
    }
}

/// The clock of an answer that runs and can still be missed, with its name in the database.
#[must_use]
pub fn running_clock(task: &Task) -> Option<(&'static str, &ResponseClock)> {
    let clocks = &task.work.clocks;
    let runs = |clock: &&ResponseClock| clock.stopped.is_none() && clock.breached.is_none();
    let response = clocks.response.as_ref().filter(runs).map(|clock| ("response", clock));
    response.or_else(|| clocks.urgent.as_ref().filter(runs).map(|clock| ("urgent", clock)))
}

/// How likely the answer to a task is late, by what became of others of its priority; `None` where nobody waits for one.
#[must_use]
pub fn sla_risk(task: &Task, before: &[AnsweredBefore], now: Timestamp) -> Option<SlaRisk> {
    let (_, clock) = running_clock(task)?;
    let of_worker = |answered: &&AnsweredBefore| task.worker.is_some() && answered.worker == task.worker;
    let same_worker: Vec<&AnsweredBefore> = before.iter().filter(of_worker).collect();
    let by_worker = same_worker.len() >= EXAMPLES_MIN;
    let like: Vec<&AnsweredBefore> = if by_worker { same_worker } else { before.iter().collect() };
    if like.len() < EXAMPLES_MIN {
        return Some(SlaRisk::TooFew { of: like.len(), priority: task.priority });
    }
    let (late, of) = (like.iter().filter(|answered| answered.late).count(), like.len());
    let gone_percent = gone_percent(clock, now);
    Some(SlaRisk::Known {
        level: level((late, of), gone_percent),
        late,
        of,
        priority: task.priority,
        worker: task.worker.clone().filter(|_| by_worker),
        gone_percent,
    })
}

fn gone_percent(clock: &ResponseClock, now: Timestamp) -> i64 {
    let whole = clock.due.since_ms(clock.began).max(1);
    (now.since_ms(clock.began).saturating_mul(100) / whole).clamp(0, 100)
}

/// Half of the others late, and half of the time gone, is high; a third late, or four fifths gone, is some.
const fn level((late, of): (usize, usize), gone_percent: i64) -> RiskLevel {
    let (often, sometimes) = (late * 2 >= of, late * 3 >= of);
    if often && gone_percent >= 50 || sometimes && gone_percent >= 80 {
        RiskLevel::High
    } else if sometimes || gone_percent >= 80 {
        RiskLevel::Medium
    } else {
        RiskLevel::Low
    }
}
