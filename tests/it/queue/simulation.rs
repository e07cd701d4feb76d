//! The whole loop at random: pulls come, change and are held, the base moves, checks end when they like; whatever
//! happens, only what was tested lands, in order, and whoever breaks the tests is found.

use std::collections::{BTreeMap, BTreeSet};

use stationmaster::decide::queue;
use stationmaster::model::{
    Action, Batch, BatchState, BranchName, Check, Conclusion, Login, Member, MergeBlocker, Number, QueueDecision,
    QueueRecord, QueueSnapshot, QueuedPull, Sha, StagingReport, Timestamp,
};

use super::scene::*;

const RUNS: u64 = 400;
const EVENTS: usize = 120;
const PULLS: i64 = 14;

/// A small generator of our own, so that a seed means the same for ever.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }
}

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "what may be so of a pull is so independently")]
struct Change {
    head: Sha,
    breaks_tests: bool,
    conflicts_with: Option<Number>,
    priority: i64,
    mergeability_known: bool,
    held: bool,
    merged: bool,
}

#[derive(Clone)]
struct Commit {
    on: Sha,
    contents: BTreeSet<Member>,
}

struct Town {
    chance: Chance,
    now: Timestamp,
    base: Sha,
    staging: Option<Sha>,
    commits: BTreeMap<Sha, Commit>,
    changes: BTreeMap<Number, Change>,
    /// What each staging commit's check came to; one that is not here is running.
    ended: BTreeMap<Sha, Conclusion>,
    entries: Vec<QueuedPull>,
    record: QueueRecord,
    reports: Vec<(i64, StagingReport)>,
    waiting: Vec<(String, Action)>,
    put_out: BTreeSet<Member>,
    builds: BTreeSet<i64>,
    fresh: i64,
}

impl Town {
    fn new(seed: u64) -> Self {
        let root = Commit { on: sha("nothing"), contents: BTreeSet::new() };
        Self {
            chance: Chance(seed),
            now: NOW,
            base: sha("root"),
            staging: None,
            commits: BTreeMap::from([(sha("root"), root)]),
            changes: BTreeMap::new(),
            ended: BTreeMap::new(),
            entries: Vec::new(),
            record: QueueRecord::default(),
            reports: Vec::new(),
            waiting: Vec::new(),
            put_out: BTreeSet::new(),
            builds: BTreeSet::new(),
            fresh: 0,
        }
    }

    fn new_sha(&mut self, kind: &str) -> Sha {
        self.fresh += 1;
        Sha::new(format!("{kind}-{}", self.fresh))
    }

    fn member(&self, number: Number) -> Member {
        Member { number, head: self.changes[&number].head.clone() }
    }

    fn conflicts(&self, number: Number, contents: &BTreeSet<Member>) -> bool {
        let enemy = self.changes[&number].conflicts_with;
        contents.iter().any(|there| Some(there.number) == enemy)
    }

    fn blockers(&self, number: Number) -> Vec<MergeBlocker> {
        let change = &self.changes[&number];
        let mut blockers = Vec::new();
        if change.merged {
            blockers.push(MergeBlocker::NotOpen);
        }
        if change.held {
            blockers.push(MergeBlocker::Held { by: Login::from("bob"), why: "wait".to_owned() });
        }
        if !change.mergeability_known {
            blockers.push(MergeBlocker::MergeabilityUnknown);
        } else if !change.merged && self.conflicts(number, &self.commits[&self.base].contents) {
            blockers.push(MergeBlocker::Conflict);
        }
        blockers
    }

    /// What each pull's own decision does: it enters what is ready, and takes out what is not.
    fn pulls_decide(&mut self) {
        for number in self.changes.keys().copied().collect::<Vec<_>>() {
            let (member, blockers) = (self.member(number), self.blockers(number));
            let fit = blockers.iter().all(|blocker| *blocker == MergeBlocker::MergeabilityUnknown);
            let entered = self.entries.iter().position(|pull| pull.entry.number == number);
            if let Some(at) = entered {
                if !fit || self.entries[at].entry.head != member.head {
                    self.entries.remove(at);
                }
            } else if blockers.is_empty() && !self.put_out.contains(&member) {
                let mut entering = pull(number.0);
                entering.entry.head = member.head;
                entering.entry.priority = self.changes[&number].priority;
                entering.entry.entered = self.now;
                self.entries.push(entering);
            }
        }
    }

    fn snapshot(&self) -> QueueSnapshot {
        let tested = self.record.batch.as_ref().and_then(|batch| self.tested_commit(batch));
        let checks: Vec<Check> = tested
            .into_iter()
            .map(|sha| self.ended.get(&sha).map_or_else(|| running("test"), |conclusion| check("test", *conclusion)))
            .collect();
        let pulls = self.entries.iter().map(|queued| QueuedPull {
            head: Some(self.changes[&queued.entry.number].head.clone()),
            blockers: self.blockers(queued.entry.number),
            ..queued.clone()
        });
        let batch = self.record.batch.as_ref().map_or(0, |batch| batch.id);
        let mut seen = queue_with(pulls.collect());
        seen.base_sha = Some(self.base.clone());
        seen.staging_sha.clone_from(&self.staging);
        seen.checks = checks;
        seen.record = self.record.clone();
        seen.reports = self.reports.iter().filter(|(of, _)| *of == batch).map(|(_, report)| report.clone()).collect();
        seen
    }

    fn tested_commit(&self, batch: &Batch) -> Option<Sha> {
        match &batch.state {
            BatchState::Testing { staging, .. } | BatchState::Landing { staging, .. } => Some(staging.clone()),
            BatchState::Building { .. } => self.reports.iter().find_map(|(of, report)| {
                let StagingReport::Built { staging, .. } = report else { return None };
                (*of == batch.id).then(|| staging.clone())
            }),
        }
    }

    fn queue_decides(&mut self) {
        let seen = self.snapshot();
        let decision = queue(&seen, &settings(), self.now);
        assert_order(&seen, &decision);
        if let Some(withdrawal) = &decision.withdraws {
            self.waiting.retain(|(known, _)| *known != withdrawal.key);
        }
        for out in &decision.put_out {
            self.put_out.insert(Member { number: out.number, head: out.head.clone() });
        }
        self.entries.retain(|pull| decision.places.iter().any(|place| place.number == pull.entry.number));
        self.record = decision.record;
        for planned in decision.actions {
            if let Action::BuildStaging { batch, .. } = &planned.action {
                assert!(self.builds.insert(*batch), "batch {batch} is built once");
            }
            if let Action::LandStaging { members, .. } = &planned.action {
                // A hold that comes after this decision and before it is performed comes too late, as with any merge.
                assert!(members.iter().all(|member| !self.changes[&member.number].held), "what is held does not land");
            }
            if planned.slot.is_some() {
                // The newest in a slot takes the place of one that has not begun.
                self.waiting.clear();
                self.waiting.push((planned.key, planned.action));
            }
        }
    }

    /// Performs what waits, or loses the answer and performs it once more.
    fn act(&mut self) {
        for _ in 0..=u64::from(self.chance.one_in(5)) {
            let Some((_, action)) = self.waiting.first().cloned() else { return };
            if let Action::BuildStaging { base_sha, members, batch, .. } = &action {
                self.build(base_sha, members, *batch);
            } else if let Action::LandStaging { base_sha, staging, members, batch, .. } = &action {
                self.land((base_sha, staging), members, *batch);
            }
        }
        self.waiting.clear();
    }

    fn build(&mut self, base_sha: &Sha, members: &[Member], batch: i64) {
        if self.base != *base_sha {
            return self.reports.push((batch, StagingReport::BaseMoved));
        }
        let mut contents = self.commits[base_sha].contents.clone();
        let mut conflicts = Vec::new();
        for member in members {
            if self.conflicts(member.number, &contents) {
                conflicts.push(member.number);
            } else {
                contents.insert(member.clone());
            }
        }
        let staging = self.new_sha("staging");
        self.commits.insert(staging.clone(), Commit { on: base_sha.clone(), contents });
        self.staging = Some(staging.clone());
        self.reports.push((batch, StagingReport::Built { staging, conflicts }));
    }

    fn land(&mut self, (base_sha, staging): (&Sha, &Sha), members: &[Member], batch: i64) {
        let report = if self.base == *staging {
            StagingReport::Landed { sha: staging.clone() }
        } else if self.base != *base_sha {
            StagingReport::BaseMoved
        } else if self.staging.as_ref() != Some(staging) {
            StagingReport::StagingMoved
        } else if let Some(moved) = members.iter().find(|member| self.member(member.number) != **member) {
            StagingReport::MemberMoved { number: moved.number }
        } else {
            self.move_base(staging, members);
            StagingReport::Landed { sha: staging.clone() }
        };
        self.reports.push((batch, report));
    }

    fn move_base(&mut self, staging: &Sha, members: &[Member]) {
        let commit = self.commits[staging].clone();
        assert_eq!(self.ended.get(staging), Some(&Conclusion::Success), "{staging} was not tested green");
        assert_eq!(commit.on, self.base, "the base moves forward only");
        let added: BTreeSet<Member> = commit.contents.difference(&self.commits[&self.base].contents).cloned().collect();
        assert_eq!(added, members.iter().cloned().collect(), "what lands is the batch, whole");
        for member in added {
            let change = self.changes.get_mut(&member.number).unwrap();
            change.merged = true;
        }
        self.base = staging.clone();
    }

    fn checks_end(&mut self) {
        let Some(staging) = self.staging.clone() else { return };
        let breaks = |member: &Member| {
            let change = &self.changes[&member.number];
            change.head == member.head && change.breaks_tests || self.ended_badly_before(member)
        };
        let bad = self.commits[&staging].contents.iter().any(breaks);
        let conclusion = if bad { Conclusion::Failure } else { Conclusion::Success };
        self.ended.entry(staging).or_insert(conclusion);
    }

    /// A head of a pull that has been pushed to since: it breaks as its name says.
    fn ended_badly_before(&self, member: &Member) -> bool {
        member.head.as_str().starts_with("bad") && self.changes[&member.number].head != member.head
    }

    fn something_happens(&mut self) {
        match self.chance.below(12) {
            0 | 1 => self.open_pull(),
            2 => self.push(),
            3 if self.chance.one_in(3) => {
                let (base, on) = (self.new_sha("human"), self.base.clone());
                let contents = self.commits[&on].contents.clone();
                self.commits.insert(base.clone(), Commit { on, contents });
                self.base = base;
            }
            4 => self.at_random(|change| change.mergeability_known = !change.mergeability_known),
            5 => self.at_random(|change| change.held = !change.held),
            6 | 7 => self.checks_end(),
            8 | 9 => self.act(),
            10 => self.pulls_decide(),
            _ => self.queue_decides(),
        }
        self.now = self.now.plus_ms(i64::try_from(self.chance.below(20_000)).unwrap());
    }

    fn open_pull(&mut self) {
        let number = Number(i64::try_from(self.changes.len()).unwrap() + 1);
        if number.0 > PULLS {
            return;
        }
        let breaks_tests = self.chance.one_in(4);
        let head = self.new_sha(if breaks_tests { "bad" } else { "good" });
        let enemy = number.0 > 1 && self.chance.one_in(6);
        let conflicts_with = enemy.then(|| Number(1 + i64::try_from(self.chance.below(10)).unwrap() % (number.0 - 1)));
        let priority = if self.chance.one_in(5) { 200 } else { 0 };
        let change = Change {
            head,
            breaks_tests,
            conflicts_with,
            priority,
            mergeability_known: true,
            held: false,
            merged: false,
        };
        self.changes.insert(number, change);
    }

    fn push(&mut self) {
        let breaks_tests = self.chance.one_in(4);
        let head = self.new_sha(if breaks_tests { "bad" } else { "good" });
        self.at_random(|change| {
            change.head = head;
            change.breaks_tests = breaks_tests;
        });
    }

    fn at_random(&mut self, happens: impl FnOnce(&mut Change)) {
        let count = u64::try_from(self.changes.len()).unwrap();
        if count > 0 {
            let number = Number(1 + i64::try_from(self.chance.below(count)).unwrap());
            if let Some(change) = self.changes.get_mut(&number).filter(|change| !change.merged) {
                happens(change);
            }
        }
    }

    /// People go home; what is under way comes to its end.
    fn come_to_rest(&mut self) {
        for change in self.changes.values_mut() {
            change.mergeability_known = true;
            change.held = false;
        }
        for _ in 0..300 {
            self.pulls_decide();
            self.queue_decides();
            self.act();
            self.checks_end();
            self.now = self.now.plus_ms(1_000);
        }
    }

    fn judge(&self, seed: u64) {
        assert!(self.entries.is_empty(), "seed {seed}: nothing waits any more, but {:?}", self.entries);
        assert_eq!(self.record.batch, None, "seed {seed}");
        assert!(self.record.suspects.is_empty(), "seed {seed}");
        for (number, change) in &self.changes {
            let member = self.member(*number);
            let enemy_is_there = self.conflicts(*number, &self.commits[&self.base].contents);
            let out = self.put_out.contains(&member);
            if change.breaks_tests {
                assert!(!change.merged, "seed {seed}: #{number} breaks the tests and landed");
                assert!(out || enemy_is_there, "seed {seed}: #{number} breaks the tests and was not found");
            } else if !enemy_is_there {
                assert!(change.merged, "seed {seed}: #{number} is innocent and did not land");
                assert!(!out, "seed {seed}: #{number} is innocent and was put out");
            }
        }
    }
}

/// Whoever goes into a batch has nobody before them who could have gone.
fn assert_order(seen: &QueueSnapshot, decision: &QueueDecision) {
    let Some(batch) = decision.record.batch.as_ref().filter(|batch| batch.id > seen.record.last_batch) else { return };
    let rank = |pull: &QueuedPull| (std::cmp::Reverse(pull.entry.priority), pull.entry.entered, pull.entry.number);
    let in_batch = |pull: &&QueuedPull| batch.members.iter().any(|member| member.number == pull.entry.number);
    let ranks: Vec<_> = batch
        .members
        .iter()
        .map(|member| rank(seen.pulls.iter().find(|pull| pull.entry.number == member.number).unwrap()))
        .collect();
    assert!(ranks.is_sorted(), "within a batch");
    let suspected = |pull: &&QueuedPull| {
        decision.record.suspects.iter().flatten().any(|suspect| suspect.number == pull.entry.number)
    };
    let stays = |pull: &&QueuedPull| decision.places.iter().any(|place| place.number == pull.entry.number);
    let could_go = |pull: &&QueuedPull| {
        let unknown_at_most = pull.blockers.iter().all(|blocker| *blocker == MergeBlocker::MergeabilityUnknown);
        pull.head.as_ref() == Some(&pull.entry.head) && unknown_at_most
    };
    let others = seen.pulls.iter().filter(|pull| !in_batch(pull) && !suspected(pull) && stays(pull) && could_go(pull));
    for other in others {
        let before = if batch.suspected { ranks.first() } else { ranks.last() };
        assert!(
            before.is_none_or(|rank_of| *rank_of < rank(other))
                || batch.suspected && !goes_before_all(seen, decision, other),
            "#{} was overtaken",
            other.entry.number
        );
    }
}

/// Parts of a failed batch are overtaken only by what comes before every one of them.
fn goes_before_all(seen: &QueueSnapshot, decision: &QueueDecision, pull: &QueuedPull) -> bool {
    let rank = |pull: &QueuedPull| (std::cmp::Reverse(pull.entry.priority), pull.entry.entered, pull.entry.number);
    let batch = decision.record.batch.iter().flat_map(|batch| &batch.members);
    let mut parts = decision.record.suspects.iter().flatten().chain(batch);
    parts.all(|part| {
        seen.pulls.iter().find(|other| other.entry.number == part.number).is_none_or(|other| rank(pull) < rank(other))
    })
}

#[test]
fn only_what_was_tested_lands_and_every_culprit_is_found() {
    let (mut landed, mut found, mut batches) = (0, 0, 0);
    for seed in 0..RUNS {
        let mut town = Town::new(seed);
        for _ in 0..EVENTS {
            town.something_happens();
        }
        town.come_to_rest();
        town.judge(seed);
        landed += town.changes.values().filter(|change| change.merged).count();
        found += town.put_out.len();
        batches += town.builds.len();
    }
    assert!(landed > 1_000 && found > 300, "the runs exercise the queue: {landed} landed, {found} found");
    assert!(batches > landed / 5, "{batches} batches");
}

#[test]
fn the_staging_branch_is_named_after_its_base() {
    let base = BranchName::from("release/1.x");
    let staging = stationmaster::model::queue_branch(&base);
    assert_eq!(staging.as_str(), "stationmaster/queue/release/1.x");
    assert_eq!(stationmaster::model::queue_base(&staging), Some(base.clone()));
    assert_eq!(stationmaster::model::queue_base(&base), None);
}
