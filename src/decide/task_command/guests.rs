//! People who can be given single tasks without being in the roster.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Calendar, GUEST_ROLE, Login, Permission, Presence, RoleName, Telling, Worker, WorkerId, WorkerLoad,
};

/// People decide for themselves how much they take.
const GUEST_CAPACITY: u32 = 1000;

/// People with at least triage permission can be given a task without being in the roster.
#[must_use]
pub fn guests(permissions: &BTreeMap<Login, Permission>, workers: &[WorkerLoad]) -> Vec<WorkerLoad> {
    let is_known =
        |login: &Login| workers.iter().any(|load| load.worker.login.as_ref().is_some_and(|known| known.is(login)));
    let people =
        permissions.iter().filter(|(login, permission)| **permission >= Permission::Triage && !is_known(login));
    // Who is named in another case than they write themselves is one person all the same, and nobody is a worker of the
    // roster for being called like it.
    let mut taken: BTreeSet<String> = workers.iter().map(|load| load.worker.id.as_str().to_ascii_lowercase()).collect();
    people
        .filter(|(login, _)| taken.insert(login.as_str().to_ascii_lowercase()))
        .map(|(login, _)| WorkerLoad {
            worker: Worker {
                id: WorkerId::new(login.as_str().to_ascii_lowercase()),
                role: RoleName::new(GUEST_ROLE),
                capabilities: Vec::new(),
                login: Some(login.clone()),
                capacity: GUEST_CAPACITY,
                calendar: Calendar::default(),
                agent: false,
                tell: vec![Telling::Assignee],
            },
            presence: Presence::Active,
            open_tasks: 0,
            last_assigned: None,
            version: 0,
        })
        .collect()
}
