//! The past as files: issues as `gh issue list --json` prints them, pull requests as `policy backtest --export` writes them.

use std::path::Path;

use anyhow::Result;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::source::{text_of, write};
use crate::model::{LabelName, Login, Number, PastIssue, PastPulls};

/// What a file of issues is to be.
const ISSUES: &str = "a list of issues as `rules backtest --export` writes it, or as `gh issue list --state all --limit \
                      1000 --json number,title,body,labels,author,state` prints it";
/// What a file of pull requests is to be.
const PULLS: &str = "what `policy backtest --export` writes";

/// An issue in a file. What it says beside this is left alone.
#[derive(Serialize, Deserialize)]
struct IssueLine {
    #[serde(default)]
    number: Option<Number>,
    title: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    author: Option<Author>,
    #[serde(default)]
    state: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Label {
    Object { name: LabelName },
    Name(LabelName),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Author {
    Object { login: Login },
    Login(Login),
}

impl From<IssueLine> for PastIssue {
    fn from(line: IssueLine) -> Self {
        Self {
            number: line.number,
            title: line.title,
            body: line.body.unwrap_or_default(),
            labels: line.labels.into_iter().map(|(Label::Object { name } | Label::Name(name))| name).collect(),
            author: line.author.map(|(Author::Object { login } | Author::Login(login))| login),
            closed: line.state.is_some_and(|state| state.eq_ignore_ascii_case("closed")),
        }
    }
}

impl From<&PastIssue> for IssueLine {
    fn from(issue: &PastIssue) -> Self {
        Self {
            number: issue.number,
            title: issue.title.clone(),
            body: Some(issue.body.clone()),
            labels: issue.labels.iter().map(|name| Label::Object { name: name.clone() }).collect(),
            author: issue.author.clone().map(|login| Author::Object { login }),
            state: Some(if issue.closed { "CLOSED" } else { "OPEN" }.to_owned()),
        }
    }
}

/// Reads issues from a file.
pub(super) fn read_issues(path: &Path) -> Result<Vec<PastIssue>> {
    let lines: Vec<IssueLine> = read(path, ISSUES)?;
    Ok(lines.into_iter().map(PastIssue::from).collect())
}

/// Writes issues to a file.
pub(super) fn write_issues(path: &Path, issues: &[PastIssue]) -> Result<()> {
    let lines: Vec<IssueLine> = issues.iter().map(IssueLine::from).collect();
    write(path, &format!("{}\n", serde_json::to_string_pretty(&lines)?))
}

/// Reads pull requests from a file.
pub(super) fn read_pulls(path: &Path) -> Result<PastPulls> {
    read(path, PULLS)
}

/// Writes pull requests to a file.
pub(super) fn write_pulls(path: &Path, past: &PastPulls) -> Result<()> {
    write(path, &format!("{}\n", serde_json::to_string_pretty(past)?))
}

fn read<T: DeserializeOwned>(path: &Path, expected: &str) -> Result<T> {
    let text = text_of(path)?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let fault = |place: &str, fault: &serde_json::Error| {
        let at = if place == "." { String::new() } else { format!(" (at {place})") };
        let (line, column) = (fault.line(), fault.column());
        anyhow::anyhow!("{}:{line}:{column}: {fault}{at}; expected {expected}", path.display())
    };
    let read = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| fault(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| fault(".", &error))?;
    Ok(read)
}
