//! What somebody looks for on the board: read from the address, and written into links that keep it.

use super::super::fault::PageFault;
use super::super::form::Fields;
use super::super::viewer::Viewer;
use crate::model::{LabelName, Level, RepositoryId, RoleName, TaskState, TaskType, WorkerId};
use crate::store::{BoardQuery, WaitsFor};

/// Flags that can be looked for.
pub(super) const FLAGS: [&str; 4] = ["urgent", "stuck", "sla-breached", "escalated"];
/// The names of the fields, as the form has them.
const NAMES: [&str; 8] = ["q", "repository", "type", "role", "worker", "priority", "flag", "mine"];
/// Nobody turns more pages than this.
const PAGE_MAX: i64 = 10_000;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    fields: Fields,
    repository: Option<RepositoryId>,
    priority: Option<Level>,
    /// One state alone, by pages.
    pub(super) state: Option<TaskState>,
    /// The page, beginning with 1.
    pub(super) page: i64,
}

impl Filter {
    /// Reads the query of an address. What names something that the viewer may not see is not found.
    pub(super) fn read(query: &str, viewer: &Viewer) -> Result<Self, PageFault> {
        let fields = Fields::read(query.as_bytes());
        let repository = fields.get("repository").map(|name| {
            let (owner, name) = name.split_once('/').ok_or(PageFault::NotFound)?;
            viewer.named(owner, name).map(|seen| seen.repository.id)
        });
        let unknown = |what: &str| PageFault::Unfitting(format!("There is no such {what}: choose one of the list."));
        let priority = fields.get("priority").map(|word| word.parse().map_err(|_| unknown("priority")));
        let state = fields.get("state").map(|word| word.parse().map_err(|_| unknown("state")));
        let page = fields.get("page").map_or(Ok(1), |word| word.parse::<i64>().map_err(|_| unknown("page")))?;
        Ok(Self {
            repository: repository.transpose()?,
            priority: priority.transpose()?,
            state: state.transpose()?,
            page: page.clamp(1, PAGE_MAX),
            fields,
        })
    }

    /// What stands in a field of the form.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }

    /// Whether only what waits for the viewer is shown.
    pub(super) fn is_mine(&self) -> bool {
        self.fields.get("mine").is_some()
    }

    /// Whether anything is looked for.
    pub(super) fn is_set(&self) -> bool {
        NAMES.iter().any(|name| self.fields.get(name).is_some())
    }

    /// The query of the store. `waits_for` is who looks.
    pub(super) fn query(&self, viewer: &Viewer, waits_for: &WaitsFor) -> BoardQuery {
        let text = |name: &str| self.fields.get(name).map(ToOwned::to_owned);
        BoardQuery {
            repositories: self.repository.map_or_else(|| viewer.ids(), |id| vec![id]),
            task_type: text("type").map(TaskType::new),
            role: text("role").map(RoleName::new),
            worker: text("worker").map(WorkerId::new),
            priority: self.priority,
            flag: text("flag").map(LabelName::new),
            text: text("q"),
            waits_for: self.is_mine().then(|| waits_for.clone()),
        }
    }

    /// The board with the same filters, of one state, at a page.
    pub(super) fn href(&self, state: TaskState, page: i64) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("state", state.as_str());
        if page > 1 {
            pairs.append_pair("page", &page.to_string());
        }
        self.kept(pairs)
    }

    /// The whole board with the same filters.
    pub(super) fn whole(&self) -> String {
        self.kept(url::form_urlencoded::Serializer::new(String::new()))
    }

    fn kept(&self, mut pairs: url::form_urlencoded::Serializer<'_, String>) -> String {
        for name in NAMES {
            if let Some(value) = self.fields.get(name) {
                pairs.append_pair(name, value);
            }
        }
        let query = pairs.finish();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }
}
