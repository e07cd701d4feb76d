//! `/rules`: the rules in force, what is wrong with their files, and a place to try them on a title that is typed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;

use super::fault::PageFault;
use super::looking::Looking;
use super::shell::{Part, Shell};
use super::suggested::{Suggested, suggested};
use super::trial::{Answer, Tried, answer};
use super::viewer::Viewer;
use crate::http::Door;
use crate::policy::Rule;

#[derive(Template)]
#[template(path = "rules.html", config = ".askama.toml")]
struct RulesPage {
    shell: Shell,
    tried: Tried,
    answer: Answer,
    repositories: Vec<(String, bool)>,
    rules: Vec<Line>,
    suggested: Vec<Suggested>,
    /// Which repository's rules stand before those of the server in the list.
    of: Option<String>,
    is_broken: bool,
    /// What is wrong with the files, for those who run the server.
    faults: Vec<String>,
}

struct Line {
    name: String,
    matches: Vec<(&'static str, String)>,
    task_type: String,
    role: Option<String>,
    priority: i64,
    place: String,
}

#[derive(Template)]
#[template(path = "rules_answer.html", config = ".askama.toml")]
struct AnswerPart {
    answer: Answer,
}

/// `GET /rules?title=…`
pub(super) async fn page(
    State(door): State<Arc<Door>>,
    looking: Looking,
    Query(tried): Query<Tried>,
) -> Result<Html<String>, PageFault> {
    let viewer = &looking.viewer;
    let api = door.api.as_ref().ok_or(PageFault::NotFound)?;
    let (answer, policy) = answer(&door, viewer, &tried).await?;
    let faults = api.rule_faults();
    let is_broken = faults.is_some();
    let told = faults.filter(|_| viewer.is_operator());
    let suggested = suggested(&door, viewer, tried.repo.trim()).await?;
    let names = viewer.repositories().iter().map(|seen| seen.repository.name.to_string());
    let page = RulesPage {
        shell: looking.shell(&door, Part::Rules, "Rules").await?,
        repositories: names.map(|name| (name.clone(), tried.repo.eq_ignore_ascii_case(&name))).collect(),
        rules: policy.routing.rules().iter().filter(|rule| may_see(viewer, rule)).map(|rule| line(rule)).collect(),
        of: Some(tried.repo.clone()).filter(|name| !name.is_empty()),
        suggested,
        is_broken,
        faults: told.map(|faults| faults.list().iter().map(ToString::to_string).collect()).unwrap_or_default(),
        tried,
        answer,
    };
    Ok(Html(page.render()?))
}

/// `GET /rules/try?title=…`: the answer alone, for a page that asks while somebody types.
pub(super) async fn attempt(
    State(door): State<Arc<Door>>,
    viewer: Viewer,
    Query(tried): Query<Tried>,
) -> Result<Html<String>, PageFault> {
    let (answer, _) = answer(&door, &viewer, &tried).await?;
    Ok(Html(AnswerPart { answer }.render()?))
}

/// A rule may name repositories; whoever can read none of these is not told of them.
fn may_see(viewer: &Viewer, rule: &Rule) -> bool {
    let Some(glob) = &rule.repo else { return true };
    let reads_one = || viewer.repositories().iter().any(|seen| glob.is_match(&seen.repository.name.to_string()));
    viewer.is_operator() || reads_one()
}

fn line(rule: &Rule) -> Line {
    let mut matches = Vec::new();
    if let Some(title) = &rule.title {
        matches.push(("title", title.source().to_owned()));
    }
    if let Some(body) = &rule.body {
        matches.push(("text", body.source().to_owned()));
    }
    matches.extend(rule.labels.iter().map(|glob| ("label", glob.source().to_owned())));
    if let Some(author) = &rule.author {
        matches.push(("author", author.source().to_owned()));
    }
    if let Some(repo) = &rule.repo {
        matches.push(("repository", repo.source().to_owned()));
    }
    Line {
        name: rule.name.clone(),
        matches,
        task_type: rule.task_type.to_string(),
        role: rule.role.as_ref().map(ToString::to_string),
        priority: rule.priority,
        place: rule.place(),
    }
}
