//! What everybody sees in the end, as a text that can be compared: without times, ids, addresses and commits' names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;
use stationmaster::model::Number;
use stationmaster::simulator::github::{CheckRun, GithubSimulator, IssueView};

use super::stage::Stage;
use super::story::{REPOSITORIES, STAGING, STATION};

/// The end state.
pub fn end_state(stage: &Stage) -> String {
    let mut text = String::new();
    for repository in REPOSITORIES {
        of_repository(&mut text, &stage.github, repository);
    }
    of_shipping(&mut text, &stage.github);
    let mut messages: Vec<String> = stage
        .ntfy
        .all_messages()
        .into_iter()
        .map(|said| {
            let (title, priority) = (said.title.unwrap_or_default(), said.priority.unwrap_or_default());
            let click = said.click.unwrap_or_default();
            format!("ntfy {}: [{priority}] {title} | {} | {:?} {click}", said.topic, said.message, said.tags)
        })
        .collect();
    messages.sort();
    lines(&mut text, messages);
    lines(&mut text, stage.town.calls().into_iter().map(|(environment, tag)| format!("hook: {tag} to {environment}")));
    normal(&text, stage)
}

fn of_repository(text: &mut String, github: &GithubSimulator, repository: &str) {
    lines(text, [format!("== {repository}")]);
    let mut branches = Vec::new();
    for branch in ["main", STAGING, "points", "keys", "task/3-signal"] {
        if let Some(sha) = github.head_of(repository, branch) {
            branches.push(format!("branch {branch}: {}", github.message_of(repository, &sha)));
            let checks = github.check_runs(repository, &sha);
            branches.extend(checks.iter().map(|check| format!("  check {}", of_check(check))));
        }
    }
    lines(text, branches);
    let mut labels: Vec<String> = github.look(|view| view.labels(repository)).into_iter().map(|one| one.0).collect();
    labels.sort();
    lines(text, [format!("labels {labels:?}")]);
    for issue in github.issues(repository) {
        of_issue(text, &issue);
        if issue.is_pull {
            of_pull(text, github, (repository, issue.number));
        }
    }
}

fn of_issue(text: &mut String, issue: &IssueView) {
    let (mut labels, mut assignees) = (issue.labels.clone(), issue.assignees.clone());
    labels.sort();
    assignees.sort();
    let reason = issue.state_reason.as_deref().unwrap_or_default();
    let head = format!("#{} {} [{} {reason}] by {}", issue.number, issue.title, issue.state, issue.author);
    lines(text, [head, format!("  {labels:?} {assignees:?} {:?}", sorted(&issue.reactions))]);
    lines(text, issue.body.lines().map(|line| format!("  | {line}")));
    let mut comments: Vec<String> = issue
        .comments
        .iter()
        .map(|comment| {
            let body: Vec<_> = comment.body.lines().collect();
            format!("  {}: {:?}\n    {}", comment.author, sorted(&comment.reactions), body.join("\n    "))
        })
        .collect();
    comments.sort();
    lines(text, comments);
}

fn of_pull(text: &mut String, github: &GithubSimulator, (repository, number): (&str, i64)) {
    let pull = github.pull(repository, number).unwrap();
    let merge = pull.merge_sha.as_ref().map(|sha| github.message_of(repository, sha));
    lines(
        text,
        [format!("  {} {} into {}, merged {merge:?} by {:?}", pull.state, pull.head, pull.base, pull.merged_by)],
    );
    let checks = github.check_runs(repository, &pull.head_sha);
    lines(text, checks.iter().map(|check| format!("  check {}", of_check(check))));
    let reviews = github.reviews(repository, Number(number)).into_iter();
    lines(text, reviews.map(|review| format!("  review {:?} by {}: {}", review.state, review.author, review.body)));
}

fn of_check(check: &CheckRun) -> String {
    let notes: Vec<String> =
        check.output.annotations.iter().map(|note| format!("{}:{}", note.path, note.start_line)).collect();
    format!("{} {} {:?} {:?} {notes:?}", check.name, check.status, check.conclusion, check.output.title)
}

fn of_shipping(text: &mut String, github: &GithubSimulator) {
    let main = github.head_of(STATION, "main").unwrap();
    for (tag, sha) in github.tags(STATION) {
        lines(text, [format!("tag {tag} at main: {}", sha == main)]);
    }
    for release in github.releases(STATION) {
        let more = (release.draft, release.prerelease, release.target == main);
        lines(text, [format!("release {} {:?} {more:?}\n{}", release.tag, release.name, release.body)]);
    }
    for deployment in github.deployments(STATION) {
        let at = deployment.sha == main;
        lines(text, [format!("deployment of {} to {} at main: {at}", deployment.git_ref, deployment.environment)]);
        lines(text, deployment.statuses.iter().map(|status| format!("  {status:?}")));
    }
    for run in github.workflow_runs(STATION) {
        lines(text, [format!("run {} {:?} {} {:?}", run.file, run.inputs, run.status, run.conclusion)]);
    }
    lines(text, github.dispatches(STATION).iter().map(|dispatch| format!("dispatch {dispatch:?}")));
}

fn sorted(reactions: &[(String, String)]) -> Vec<String> {
    let mut sorted: Vec<String> = reactions.iter().map(|(who, content)| format!("{content} by {who}")).collect();
    sorted.sort();
    sorted
}

fn lines(text: &mut String, lines: impl IntoIterator<Item = String>) {
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
}

/// What differs from run to run is replaced by its kind; a commit's name by the order of its first appearance.
fn normal(text: &str, stage: &Stage) -> String {
    static TIMES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x) \d{4}-\d{2}-\d{2}[T\x20]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|\x20UTC)? | \d{4}-\d{2}-\d{2} | \b\d{2}:\d{2}(:\d{2})?\b
              | \b\d+\x20(ms|s|min|h|seconds?|minutes?)\b",
        )
        .unwrap()
    });
    static SHAS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[0-9a-f]{7}([0-9a-f]{33})?\b").unwrap());
    static IDS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b\d{5,}\b").unwrap());
    let mut text = text.replace(&stage.github.api_url(), "https://github").replace(&stage.town.url, "https://town");
    text = text.replace(stage.ntfy.url(), "https://ntfy");
    let text = TIMES.replace_all(&text, "<time>");
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let text = SHAS.replace_all(&text, |found: &regex::Captures<'_>| {
        let next = names.len() + 1;
        format!("<commit {}>", names.entry(found[0][..7].to_owned()).or_insert(next))
    });
    IDS.replace_all(&text, "<id>").into_owned()
}
