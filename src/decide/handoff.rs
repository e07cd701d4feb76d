//! The handoff package: everything a worker needs to begin (design §4.5).

use serde::{Deserialize, Serialize};

use crate::model::{Issue, IssueSnapshot, Item, Task, WorkerId};

/// The longest branch name that is made from a title, in characters of the title's part.
const BRANCH_TITLE_CHARS: usize = 40;

/// What a worker is handed with a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// The task as `owner/name#12`.
    pub item_id: String,
    /// Who does it.
    pub assigned_to: WorkerId,
    /// What is to be done.
    pub task: HandoffTask,
    /// What it belongs to.
    pub project_context: ProjectContext,
    /// What is to be handed in.
    pub deliverables: Vec<String>,
    /// The branch to work on; a pull request from it is linked to the task.
    pub branch: String,
    /// The lease, once the worker has claimed the task.
    pub lease: Option<String>,
    /// The number of this assignment; a stale one changes nothing.
    pub fence: i64,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffTask {
    /// The issue's title.
    pub title: String,
    /// List items under a heading "Requirements".
    pub requirements: Vec<String>,
    /// The issue's text.
    pub description: String,
    /// List items under a heading "Acceptance criteria".
    pub acceptance_criteria: Vec<String>,
}

/// What the task belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectContext {
    /// The title of the issue that it is part of; the repository where it is part of none.
    pub project_title: String,
    /// The issue that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Item>,
    /// Where people read the issue.
    pub url: String,
}

/// Packs what `worker` needs to begin.
#[must_use]
pub fn pack(snapshot: &IssueSnapshot, task: &Task, worker: &WorkerId) -> Handoff {
    let (repository, issue) = (&snapshot.repository, &snapshot.issue);
    let project = snapshot.parent.as_ref().map(|(_, title)| title.clone());
    Handoff {
        item_id: format!("{}#{}", repository.name, issue.number),
        assigned_to: worker.clone(),
        task: HandoffTask {
            title: issue.title.clone(),
            requirements: items_under(&issue.body, &["requirements"]),
            description: issue.body.clone(),
            acceptance_criteria: items_under(&issue.body, &["acceptance criteria", "acceptance"]),
        },
        project_context: ProjectContext {
            project_title: project.unwrap_or_else(|| repository.name.to_string()),
            parent: snapshot.parent.as_ref().map(|(item, _)| item.clone()),
            url: issue.url.clone(),
        },
        deliverables: items_under(&issue.body, &["deliverables", "deliver"]),
        branch: branch(issue),
        lease: task.lease.as_ref().map(|lease| lease.id.clone()),
        fence: task.fence,
    }
}

/// `task/12-short-title`: the name of the branch on which issue 12 is worked.
#[must_use]
pub fn branch(issue: &Issue) -> String {
    let mut slug = String::new();
    for character in issue.title.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= BRANCH_TITLE_CHARS {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { format!("task/{}", issue.number) } else { format!("task/{}-{slug}", issue.number) }
}

/// The list items below a Markdown heading of one of these names, up to the next heading.
fn items_under(body: &str, headings: &[&str]) -> Vec<String> {
    let mut inside = false;
    let mut items = Vec::new();
    for line in body.lines() {
        let line = line.trim();
        if let Some(heading) = heading(line) {
            inside = headings.contains(&heading.to_lowercase().as_str());
        } else if inside && let Some(item) = item(line) {
            items.push(item.to_owned());
        }
    }
    items
}

fn heading(line: &str) -> Option<&str> {
    let bold = line.strip_prefix("**").and_then(|rest| rest.strip_suffix("**").or_else(|| rest.strip_suffix("**:")));
    let text = if line.starts_with('#') { Some(line.trim_start_matches('#')) } else { bold };
    text.map(|text| text.trim().trim_end_matches(':').trim())
}

fn item(line: &str) -> Option<&str> {
    let text = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or_else(|| {
        let (number, rest) = line.split_once(". ")?;
        number.chars().all(|c| c.is_ascii_digit()).then_some(rest)
    })?;
    Some(text.trim_start_matches("[ ] ").trim_start_matches("[x] ").trim())
}
