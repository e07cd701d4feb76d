//! What is looked for in the audit, as the address of the page has it.

use serde::Deserialize;

use super::audit::SHOWN;
use super::fault::PageFault;
use super::href::with_query;
use super::listing::field;
use super::viewer::Viewer;
use crate::model::{Door, Item, Subject, Timestamp};
use crate::store::AuditPageQuery;

/// Every door.
pub(super) const DOORS: [Door; 6] = [Door::Github, Door::Api, Door::Page, Door::Ntfy, Door::Cli, Door::Clock];

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// 2200-01-01T00:00:00Z: later times do not fit into the number of a line.
const YEAR_2200_MS: i64 = 7_258_118_400_000;

/// The fields of the form; each may be empty or left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    pub(super) q: String,
    pub(super) actor: String,
    pub(super) kind: String,
    pub(super) door: String,
    pub(super) about: String,
    pub(super) repo: String,
    pub(super) from: String,
    pub(super) until: String,
    before: String,
}

impl Filter {
    /// The same as a query that is bound to what this viewer may read. The inner error is what cannot be understood.
    pub(super) fn query(&self, viewer: &Viewer) -> Result<Result<AuditPageQuery, Vec<String>>, PageFault> {
        let mut wrong = Vec::new();
        let mut query = AuditPageQuery {
            repositories: (!viewer.is_operator()).then(|| viewer.ids()),
            actor: field(Some(&self.actor)),
            kind: field(Some(&self.kind)),
            words: self.q.split_whitespace().map(str::to_lowercase).collect(),
            before: self.before.parse().ok(),
            limit: SHOWN,
            ..AuditPageQuery::default()
        };
        if let Some(name) = field(Some(&self.repo)) {
            let (owner, name) = name.split_once('/').ok_or(PageFault::NotFound)?;
            query.repositories = Some(vec![viewer.named(owner, name)?.repository.id]);
        }
        match field(Some(&self.about)).map(|text| text.parse::<Item>()).transpose() {
            Ok(None) => {}
            Ok(Some(item)) => {
                let seen = viewer.repositories().iter().find(|seen| seen.repository.name.is(&item.repository));
                let id = seen.ok_or(PageFault::NotFound)?.repository.id;
                // Issues and pull requests share their numbers.
                query.subjects = vec![Subject::Issue(id, item.number), Subject::Pull(id, item.number)];
            }
            Err(_) => wrong.push("“About” should be an issue or pull request such as owner/name#12.".to_owned()),
        }
        if let Some(text) = field(Some(&self.door)) {
            query.door = DOORS.into_iter().find(|door| door.as_str() == text);
            if query.door.is_none() {
                wrong.push(format!("There is no door “{text}”."));
            }
        }
        query.from = moment(("From", &self.from), 0, &mut wrong);
        query.until = moment(("Until", &self.until), DAY_MS, &mut wrong);
        Ok(if wrong.is_empty() { Ok(query) } else { Err(wrong) })
    }

    /// Where the same is looked for.
    pub(super) fn address(&self, path: &str, before: Option<i64>) -> String {
        let before = before.map(|id| id.to_string()).unwrap_or_default();
        let pairs = [
            ("q", self.q.as_str()),
            ("actor", &self.actor),
            ("kind", &self.kind),
            ("door", &self.door),
            ("about", &self.about),
            ("repo", &self.repo),
            ("from", &self.from),
            ("until", &self.until),
            ("before", &before),
        ];
        with_query(path, &pairs)
    }

    pub(super) fn is_door(&self, door: Door) -> bool {
        self.door == door.as_str()
    }

    pub(super) fn is_repository(&self, name: &str) -> bool {
        self.repo.eq_ignore_ascii_case(name)
    }

    /// Whether it is not the first page.
    pub(super) fn is_later(&self) -> bool {
        !self.before.is_empty()
    }
}

/// A day, of which the beginning counts and `later_ms` on top, or an exact time.
fn moment((what, text): (&str, &str), later_ms: i64, wrong: &mut Vec<String>) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = || {
        let midnight = text.parse::<chrono::NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?;
        Some(Timestamp(midnight.and_utc().timestamp_millis()).plus_ms(later_ms))
    };
    // Ids count milliseconds from 1970, and nothing was written before.
    let at = Timestamp::parse_rfc3339(text).or_else(day).filter(|at| (0..=YEAR_2200_MS).contains(&at.ms()));
    if at.is_none() {
        wrong.push(format!("“{what}” should be a day such as 2026-12-24 or a time such as 2026-12-24T18:00:00Z."));
    }
    at
}
