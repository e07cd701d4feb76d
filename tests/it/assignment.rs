//! Who of a role gets a task, and what is said of the others.

use stationmaster::decide::choose;
use stationmaster::model::{Blocker, Calendar, Presence, RoleName, Timestamp, Worker, WorkerId, WorkerLoad};
use stationmaster::policy::{Policy, RepositoryPolicy, Rules, Strategy};

const NOW: Timestamp = Timestamp(100_000_000);

fn load(id: &str, open_tasks: u32, capacity: u32, minutes_ago: Option<i64>) -> WorkerLoad {
    let worker = Worker {
        id: id.into(),
        role: "development".into(),
        capabilities: vec![],
        login: None,
        capacity,
        calendar: Calendar::Always,
        agent: true,
        tell: vec![],
    };
    WorkerLoad {
        worker,
        presence: Presence::Active,
        open_tasks,
        last_assigned: minutes_ago.map(|minutes| NOW.plus_ms(-minutes * 60_000)),
        version: 0,
    }
}

fn role() -> RoleName {
    "development".into()
}

fn sentences(strategy: Strategy, workers: &[WorkerLoad]) -> (Option<String>, Vec<String>) {
    let chosen = choose(strategy, &role(), workers, NOW);
    let all = chosen.reasons.into_iter().chain(chosen.blockers.iter().map(ToString::to_string)).collect();
    (chosen.worker.map(|id| id.to_string()), all)
}

#[test]
fn least_loaded_compares_shares_and_tells_why_each_other_was_passed_over() {
    let workers = [
        load("half", 1, 2, None),
        load("third", 1, 3, Some(5)),
        load("full", 2, 2, None),
        load("third-too", 2, 6, Some(65)),
    ];
    let (chosen, said) = sentences(Strategy::LeastLoaded, &workers);
    assert_eq!(chosen.as_deref(), Some("third-too"));
    assert_eq!(
        said,
        [
            "`third-too` holds 2 of 6 and was last given a task 1 h ago: the first by `least_loaded` of 3 with room",
            "`third` was passed over: it was given a task 1 h after `third-too` was",
            "`half` was passed over: it holds 1 of 2, `third-too` holds 2 of 6",
            "`full` is full: it holds 2 of 2",
        ]
    );
}

#[test]
fn a_complete_tie_goes_by_name() {
    let (chosen, said) = sentences(Strategy::LeastLoaded, &[load("b", 0, 1, None), load("a", 0, 9, None)]);
    assert_eq!(chosen.as_deref(), Some("a"));
    assert_eq!(said[1], "`b` was passed over: nothing tells the two apart but the name, and `a` comes first");
}

#[test]
fn round_robin_takes_whoever_waited_longest_whatever_they_hold() {
    let workers = [load("idle", 0, 5, Some(1)), load("busy", 4, 5, Some(90)), load("full", 5, 5, None)];
    let (chosen, said) = sentences(Strategy::RoundRobin, &workers);
    assert_eq!(chosen.as_deref(), Some("busy"));
    assert_eq!(said[1], "`idle` was passed over: it was given a task 1 h after `busy` was");
    let (chosen, said) = sentences(Strategy::RoundRobin, &[load("old", 0, 5, Some(1)), load("new", 4, 5, None)]);
    assert_eq!(chosen.as_deref(), Some("new"));
    assert_eq!(said[1], "`old` was passed over: it was given a task before, `new` never was");
}

#[test]
fn manual_an_empty_role_and_full_workers_leave_the_task_with_nobody_and_say_why() {
    let one = [load("a", 1, 1, None)];
    let manual = choose(Strategy::Manual, &role(), &one, NOW);
    assert_eq!((manual.worker, manual.blockers), (None, vec![Blocker::ManualAssignment { role: role() }]));
    let nobody = choose(Strategy::LeastLoaded, &"watchdog".into(), &one, NOW);
    assert_eq!((nobody.worker, nobody.blockers), (None, vec![Blocker::NoWorkerForRole { role: "watchdog".into() }]));
    let full = choose(Strategy::LeastLoaded, &role(), &one, NOW);
    let blocker = Blocker::WorkerFull { worker: WorkerId::new("a"), open_tasks: 1, capacity: 1 };
    assert_eq!((full.worker, full.reasons.len(), full.blockers), (None, 0, vec![blocker]));
    let none = choose(Strategy::LeastLoaded, &role(), &[load("z", 0, 0, None)], NOW);
    assert_eq!(none.worker, None, "a capacity of 0 takes nothing");
}

#[test]
fn a_repository_decides_before_the_server_and_a_role_before_the_rest() {
    let own = "[assignment]\nstrategy = \"round_robin\"\n[assignment.roles]\nwatchdog = \"manual\"\n";
    let own = RepositoryPolicy::parse(own, "stationmaster.toml").unwrap();
    let rules = Rules::builtin().unwrap();
    let policy = Policy::combine(&rules, Some(&own));
    assert_eq!(policy.strategy(&"watchdog".into()), Strategy::Manual);
    assert_eq!(policy.strategy(&role()), Strategy::RoundRobin);
    assert_eq!(Policy::combine(&rules, None).strategy(&role()), Strategy::LeastLoaded);
}
