//! Roles and workers as files know them.

use std::collections::{BTreeSet, HashMap};

use toml::Spanned;

use super::assignment::{AssignmentSettings, read_assignment};
use super::calendar::read_calendar;
use super::clocks::{ClockSettings, read_clocks};
use super::fault::Complaint;
use super::reader::{Document, Section};
use super::rule::check_known_role;
use super::telling::read_telling;
use crate::model::{Login, Presence, RoleName, Worker, WorkerId, WorkerLoad};

/// More tasks at once than this is taken for a mistake.
const MOST_CAPACITY: u32 = 1000;

/// What a group of workers is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// A sentence for people.
    pub description: String,
    /// What its workers can do unless they say otherwise.
    pub capabilities: Vec<String>,
}

/// Everybody that files know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// The roles, in the order of the file.
    pub roles: Vec<Role>,
    /// The workers, in the order of the file.
    pub workers: Vec<Worker>,
    /// How tasks are given out.
    pub assignment: AssignmentSettings,
    /// How long everything may take.
    pub clocks: ClockSettings,
}

impl Roster {
    /// Every worker as if none held anything, for questions that are not about a real task.
    #[must_use]
    pub fn idle(&self) -> Vec<WorkerLoad> {
        let idle = |worker: &Worker| WorkerLoad {
            worker: worker.clone(),
            presence: Presence::Active,
            open_tasks: 0,
            last_assigned: None,
            version: 0,
        };
        self.workers.iter().map(idle).collect()
    }

    /// The worker of this id.
    #[must_use]
    pub fn worker(&self, id: &WorkerId) -> Option<&Worker> {
        self.workers.iter().find(|worker| worker.id == *id)
    }

    pub(super) fn role_names(&self) -> BTreeSet<RoleName> {
        self.roles.iter().map(|role| role.name.clone()).collect()
    }
}

/// Reads `[[role]]`, `[[worker]]`, `[assignment]` and `[clocks]`.
pub(super) fn read_roster(top: &mut Section<'_>) -> Roster {
    let mut seen = HashMap::new();
    let roles: Vec<Role> = top.tables("role").into_iter().filter_map(|section| read_role(section, &mut seen)).collect();
    let mut roster = Roster { roles, ..Roster::default() };
    let names = roster.role_names();
    let mut seen = HashMap::new();
    for section in top.tables("worker") {
        roster.workers.extend(read_worker(section, &roster.roles, &mut seen));
    }
    roster.assignment = read_assignment(top, Some(&names));
    roster.clocks = read_clocks(top);
    roster
}

fn read_role(mut section: Section<'_>, seen: &mut HashMap<String, usize>) -> Option<Role> {
    let name = section.required_text("name", "\"development\"");
    let description = section.text("description").map(|text| text.into_inner().to_owned()).unwrap_or_default();
    let capabilities = words(section.texts("capabilities")).unwrap_or_default();
    if let Some(name) = &name {
        check_id(section.document, name, "role", seen);
    }
    section.finish();
    Some(Role { name: RoleName::new(name?.into_inner()), description, capabilities })
}

fn read_worker(mut section: Section<'_>, roles: &[Role], seen: &mut HashMap<String, usize>) -> Option<Worker> {
    let id = section.required_text("id", "\"dev_worker1\"");
    let role = section.required_text("role", "\"development\"");
    let capabilities = words(section.texts("capabilities"));
    let login = section.text("login").and_then(|text| read_login(section.document, &text));
    let capacity = read_capacity(&mut section);
    let calendar = read_calendar(&mut section);
    // Whoever has no account is taken for a machine, which approves nothing.
    let agent = section.boolean("agent").map_or(login.is_none(), toml::Spanned::into_inner);
    let tell = read_telling(&mut section, login.is_some());
    if let Some(id) = &id {
        check_id(section.document, id, "worker", seen);
    }
    if let Some(role) = &role {
        check_known_role(section.document, role, &roles.iter().map(|role| role.name.clone()).collect());
    }
    section.finish();
    let role = RoleName::new(role?.into_inner());
    let of_role = || roles.iter().find(|known| known.name == role).map(|known| known.capabilities.clone());
    let capabilities = capabilities.or_else(of_role).unwrap_or_default();
    let id = WorkerId::new(id?.into_inner());
    Some(Worker { id, role, capabilities, login, capacity, calendar, agent, tell })
}

fn words(texts: Option<Vec<Spanned<&str>>>) -> Option<Vec<String>> {
    texts.map(|texts| texts.into_iter().map(|text| text.into_inner().to_owned()).collect())
}

/// A login as GitHub writes it; anything else is a fault.
pub(super) fn read_login(document: &Document<'_>, text: &Spanned<&str>) -> Option<Login> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = text.get_ref().strip_suffix("[bot]").unwrap_or(text.get_ref());
    if !name.is_empty() && name.chars().all(good) {
        return Some(Login::new(*text.get_ref()));
    }
    let message = format!("{:?} is not a GitHub login", text.get_ref());
    let complaint = Complaint::new(message, "a login such as \"octocat\"", "write it without @ and without an address");
    document.fault(text.span(), complaint);
    None
}

fn read_capacity(section: &mut Section<'_>) -> u32 {
    let Some(capacity) = section.integer("capacity") else { return 1 };
    match u32::try_from(*capacity.get_ref()) {
        Ok(number) if number <= MOST_CAPACITY => number,
        Ok(_) | Err(_) => {
            let message = format!("a worker cannot hold {} tasks", capacity.get_ref());
            let help = "write how many tasks the worker takes at once; 0 keeps it from being given any";
            let complaint = Complaint::new(message, format!("a number from 0 to {MOST_CAPACITY}"), help);
            section.document.fault(capacity.span(), complaint);
            1
        }
    }
}

/// Ids become labels, so they are plain words; and nothing is defined twice.
fn check_id(document: &Document<'_>, id: &Spanned<&str>, what: &str, seen: &mut HashMap<String, usize>) {
    let line = document.file.position(id.span().start).0;
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if id.get_ref().len() > 40 || !id.get_ref().chars().all(good) {
        let message = format!("{:?} cannot be the name of a {what}, which becomes the label `{what}/…`", id.get_ref());
        let complaint = Complaint::new(message, "at most 40 letters, digits, `_` and `-`", "write one word");
        document.fault(id.span(), complaint);
    }
    if let Some(first) = seen.insert((*id.get_ref()).to_owned(), line) {
        let message = format!("there is a {what} `{}` already, at line {first}", id.get_ref());
        document.fault(id.span(), Complaint::new(message, "a name of its own", "rename or remove one of the two"));
    }
}
