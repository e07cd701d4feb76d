//! `/learnings`: what was learned while doing tasks, found by words, tags, category and weight.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::fault::PageFault;
use super::href::with_query;
use super::listing::field;
use super::looking::Looking;
use super::shell::{Part, Shell};
use super::viewer::Viewer;
use super::when::When;
use crate::http::Door;
use crate::model::{Impact, Timestamp};
use crate::store::{FoundLearning, LearningPageQuery};

/// So many stand on a page.
const SHOWN: usize = 30;
/// One more is asked for, to know whether there are more.
const ASKED: i64 = 31;
/// What is offered as the least impact.
const IMPACTS: [(&str, &str); 4] =
    [("", "any"), ("0.3", "0.3 or more"), ("0.5", "0.5 or more"), ("0.8", "0.8 or more")];

#[derive(Template)]
#[template(path = "learnings.html", config = ".askama.toml")]
struct LearningsPage {
    shell: Shell,
    filter: Filter,
    categories: Vec<(String, i64, bool)>,
    impacts: Vec<(&'static str, &'static str, bool)>,
    repositories: Vec<(String, bool)>,
    found: Vec<Shown>,
    is_filtered: bool,
    more: Option<String>,
}

struct Shown {
    id: i64,
    title: String,
    description: Option<String>,
    category: String,
    category_href: String,
    impact: String,
    /// In percent of the most that something can matter.
    weight: i64,
    tags: Vec<(String, String)>,
    by: String,
    item: String,
    href: String,
    at: When,
}

/// The fields of the form; each may be empty or left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    q: String,
    tag: String,
    category: String,
    impact: String,
    repo: String,
    after: String,
}

impl Filter {
    fn query(&self, viewer: &Viewer) -> Result<LearningPageQuery, PageFault> {
        let repositories = match field(Some(&self.repo)) {
            Some(name) => {
                let (owner, name) = name.split_once('/').ok_or(PageFault::NotFound)?;
                vec![viewer.named(owner, name)?.repository.id]
            }
            None => viewer.ids(),
        };
        let impact = match field(Some(&self.impact)) {
            Some(text) => text.parse().map_err(|_| {
                PageFault::Unfitting("The least impact should be a number from 0 to 1, such as 0.8.".to_owned())
            })?,
            None => Impact::default(),
        };
        let after = self.after.split_once('.').and_then(|(impact, id)| Some((impact.parse().ok()?, id.parse().ok()?)));
        Ok(LearningPageQuery {
            repositories,
            words: self.q.split_whitespace().map(str::to_lowercase).collect(),
            category: field(Some(&self.category)),
            tag: field(Some(&self.tag)).map(|tag| tag.trim_start_matches('#').to_owned()),
            impact,
            after,
            limit: ASKED,
        })
    }

    fn address(&self, after: &str) -> String {
        let pairs = [
            ("q", self.q.as_str()),
            ("tag", &self.tag),
            ("category", &self.category),
            ("impact", &self.impact),
            ("repo", &self.repo),
            ("after", after),
        ];
        with_query("/learnings", &pairs)
    }
}

/// `GET /learnings`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let query = filter.query(viewer)?;
    let store = door.doors.store();
    let mut found = store.learning_page(&query).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let more = last.map(|last| filter.address(&format!("{}.{}", last.learning.impact.thousandths(), last.id)));
    let categories = store.learning_categories(&viewer.ids()).await?;
    let names = viewer.repositories().iter().map(|seen| seen.repository.name.to_string());
    let now = door.clock.now();
    let page = LearningsPage {
        shell: looking.shell(&door, Part::Learnings, "Learnings").await?,
        categories: categories
            .into_iter()
            .map(|(name, count)| {
                let chosen = name == filter.category;
                (name, count, chosen)
            })
            .collect(),
        impacts: IMPACTS.into_iter().map(|(value, says)| (value, says, value == filter.impact)).collect(),
        repositories: names.map(|name| (name.clone(), filter.repo.eq_ignore_ascii_case(&name))).collect(),
        found: found.into_iter().filter_map(|found| shown(viewer, found, now)).collect(),
        is_filtered: filter.address("") != "/learnings",
        more,
        filter,
    };
    Ok(Html(page.render()?))
}

fn shown(viewer: &Viewer, found: FoundLearning, now: Timestamp) -> Option<Shown> {
    let name = &viewer.repository(found.repository)?.repository.name;
    let learning = found.learning;
    let tags = learning.tags.into_iter().map(|tag| (with_query("/learnings", &[("tag", &tag)]), tag));
    Some(Shown {
        id: found.id,
        description: (learning.description != learning.title).then_some(learning.description),
        title: learning.title,
        category_href: with_query("/learnings", &[("category", &learning.category.to_lowercase())]),
        category: learning.category,
        impact: learning.impact.to_string(),
        weight: learning.impact.thousandths() / 10,
        tags: tags.collect(),
        by: learning.by,
        item: format!("{name}#{}", found.number),
        href: format!("/tasks/{name}/{}", found.number),
        at: When::new(learning.at, now),
    })
}
