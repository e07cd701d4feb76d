//! What a worker says of itself when it registers.

use super::given::{Given, Wrong};
use super::keys::{Key, Kind, needed, optional};
use crate::model::{Calendar, Login, RoleName, SaidStatus, Scope, Telling, Worker, WorkerId};
use crate::policy::Rules;

/// More tasks at once than this is taken for a mistake.
const MOST_CAPACITY: i64 = 1000;
/// Names of environment variables that hold keys of the server's own, which sign nothing for workers.
const OWN_VARIABLES: [&str; 4] = ["GITHUB_", "NTFY_", "STATIONMASTER_", "DATABASE_URL"];

/// What a registration says.
pub(super) const KEYS: &[Key] = &[
    needed("role", Kind::Text, "The role that it fills; one of the rules'."),
    optional("capabilities", Kind::Texts, "What it can do; those of the role where nothing is said."),
    optional("login", Kind::Text, "Its GitHub account."),
    optional("capacity", Kind::Whole(0, MOST_CAPACITY), "How many tasks it takes at once; 1 where nothing is said."),
    optional("calendar", Kind::One("Calendar"), "When it works; around the clock for agents."),
    optional("agent", Kind::Flag, "A script or an AI agent; true where there is no login."),
    optional("tell", Kind::Many("Telling"), "How it is told of a task, beside the label."),
    optional("status", Kind::Word(&["active", "idle", "offline"]), "What it says of itself."),
];

/// Reads a registration.
pub(super) fn read(id: &WorkerId, given: &Given, rules: &Rules) -> Result<(Worker, SaidStatus), Wrong> {
    if format!("worker:{id}").parse::<Scope>().is_err() {
        return Err(Wrong::key(format!(
            "{:?} cannot be the id of a worker: at most 40 letters, digits, `_` and `-`.",
            id.as_str()
        )));
    }
    let role = role(id, RoleName::new(given.said("role")), rules)?;
    let login = given.text("login").map(|text| login(&text)).transpose()?;
    let in_files = rules.roster.worker(id);
    let agent = given.value("agent").map_or(login.is_none(), |_| given.flag("agent"));
    // Whoever the files take for a machine does not become a person by saying so.
    let agent = agent || in_files.is_some_and(|worker| worker.agent);
    let usual = if agent { Calendar::Always } else { Calendar::default() };
    let tell = given.shaped::<Vec<Telling>>("tell")?.unwrap_or_default();
    tell.iter().enumerate().try_for_each(|(index, way)| check_way(index, way, login.is_some()))?;
    let of_role = || rules.roster.roles.iter().find(|known| known.name == role).map(|known| known.capabilities.clone());
    let worker = Worker {
        id: id.clone(),
        capabilities: given
            .texts("capabilities")
            .filter(|words| !words.is_empty())
            .or_else(of_role)
            .unwrap_or_default(),
        role,
        login,
        capacity: given.whole("capacity").and_then(|number| u32::try_from(number).ok()).unwrap_or(1),
        calendar: given.shaped::<Calendar>("calendar")?.unwrap_or(usual),
        agent,
        tell,
    };
    Ok((worker, given.parsed("status")?.unwrap_or_default()))
}

/// A role that is known; whoever stands in the files has theirs.
fn role(id: &WorkerId, role: RoleName, rules: &Rules) -> Result<RoleName, Wrong> {
    if let Some(worker) = rules.roster.worker(id)
        && worker.role != role
    {
        return Err(Wrong::key(format!("`role`: rules/workers.toml says that `{id}` is {}, not {role}.", worker.role)));
    }
    let known = rules.role_names();
    if known.contains(&role) {
        return Ok(role);
    }
    let known: Vec<&str> = known.iter().map(RoleName::as_str).collect();
    Err(Wrong::key(format!("`role`: there is no role {:?}, only {}.", role.as_str(), known.join(", "))))
}

fn login(text: &str) -> Result<Login, Wrong> {
    let name = text.strip_suffix("[bot]").unwrap_or(text);
    if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Ok(Login::new(text));
    }
    Err(Wrong::key(format!("`login`: {text:?} is not a GitHub login such as octocat.")))
}

fn check_way(index: usize, way: &Telling, has_login: bool) -> Result<(), Wrong> {
    let wrong = |what: &str| Err(Wrong::key(format!("`tell[{index}]`: {what}.")));
    match way {
        Telling::Assignee | Telling::Mention if !has_login => wrong("this needs a `login`, and there is none"),
        Telling::Assignee | Telling::Mention | Telling::Ntfy { topic: None } => Ok(()),
        Telling::Ntfy { topic: Some(topic) } => {
            // ntfy's own rule for topics (<https://docs.ntfy.sh/publish/>).
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if (1..=64).contains(&topic.len()) && topic.chars().all(good) {
                Ok(())
            } else {
                wrong("a topic has 1 to 64 letters, digits, `_` and `-`")
            }
        }
        Telling::Hook { url, secret_env } => {
            let address = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if address.is_none_or(|url| !url.has_host()) {
                wrong("`url` is not the address of a page, with https:// at its beginning")
            } else if secret_env.is_empty() || !secret_env.chars().all(good) {
                wrong("`secret_env` is not the name of an environment variable")
            } else if OWN_VARIABLES.iter().any(|own| secret_env.to_ascii_uppercase().starts_with(own)) {
                wrong("`secret_env` is a key of the server's own; take a variable for this worker alone")
            } else {
                Ok(())
            }
        }
        Telling::WorkflowDispatch { workflow, .. } => {
            if workflow.is_empty() || workflow.contains('/') {
                wrong("`workflow` is the file name of a workflow, without folders")
            } else {
                Ok(())
            }
        }
    }
}
