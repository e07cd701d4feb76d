//! How a story ends: everything that people can see of it, in lines that are the same whenever it was played.

use std::sync::LazyLock;

use regex::Regex;
use stationmaster::model::Number;

use crate::world::{REPOSITORY, TOPIC, World};
use crate::world_releases::Town;

/// What differs from one play to the next: commits, times, ports, ids.
static DIFFERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"/(\w+/)*\.tmp\w+", "FOLDER"),
        // It is said of the look that found it closed, and of that one alone.
        (r"- the issue was closed by hand, without evidence\n", ""),
        (r"http://127\.0\.0\.1:\d+", "URL"),
        (r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?", "TIME"),
        (r"\b\d\d:\d\d(:\d\d)?\b", "TIME"),
        (r"\b[0-9a-f]{7,40}\b", "SHA"),
        (r"\b\d{6,}\b", "ID"),
        (r"\b\d+ (ms|s|min|h|seconds?|minutes?|hours?)\b", "SPAN"),
    ]
    .map(|(pattern, word)| (Regex::new(pattern).unwrap(), word))
    .into()
});

pub fn same(text: &str) -> String {
    DIFFERS.iter().fold(text.to_owned(), |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned())
}

/// Everything that can be seen on GitHub, on ntfy and where things are deployed to; cards and comments word by word.
pub fn of(world: &World, town: Option<&Town>) -> Vec<String> {
    let mut lines = Vec::new();
    let ours = world.github.app_login();
    for issue in world.github.issues(REPOSITORY) {
        let (number, mut labels) = (issue.number, issue.labels.clone());
        labels.sort();
        let (state, reason) = (&issue.state, &issue.state_reason);
        lines.push(format!("#{number} {} is {state} {reason:?} {labels:?} {:?}", issue.title, issue.assignees));
        for comment in issue.comments {
            let mut reactions = comment.reactions.clone();
            reactions.sort();
            lines.push(format!("#{number} {}: {} {reactions:?}", comment.author, same(&comment.body)));
        }
        if issue.is_pull {
            pull(world, number, &ours, &mut lines);
        }
    }
    for (path, content) in world.github.files_at(REPOSITORY, "main") {
        lines.push(format!("main has {path}: {}", same(&String::from_utf8_lossy(&content))));
    }
    for (tag, sha) in world.github.tags(REPOSITORY) {
        lines.push(format!("{tag} is {}", same(&world.github.message_of(REPOSITORY, &sha))));
    }
    for release in world.github.releases(REPOSITORY) {
        let (tag, draft) = (&release.tag, release.draft);
        lines.push(format!("release {tag} {} draft {draft}: {}", release.name, same(&release.body)));
    }
    for deployment in world.github.deployments(REPOSITORY) {
        let states: Vec<&String> = deployment.statuses.iter().map(|(state, ..)| state).collect();
        lines.push(format!("deployment of {} to {}: {states:?}", same(&deployment.git_ref), deployment.environment));
    }
    for message in world.ntfy.messages(TOPIC) {
        lines.push(format!("told: {}", same(&message.title.unwrap_or_default())));
    }
    for (environment, tag) in town.map(Town::calls).unwrap_or_default() {
        lines.push(format!("called: {environment} {tag}"));
    }
    lines.sort();
    lines
}

fn pull(world: &World, number: i64, ours: &str, lines: &mut Vec<String>) {
    let pull = world.pull(number);
    let merged = pull.merge_sha.is_some();
    let branch = world.github.head_of(REPOSITORY, &pull.head).is_some();
    lines.push(format!("#{number} of {} is merged: {merged}, its branch is there: {branch}", pull.head));
    for run in world.github.look(|view| view.check_runs(REPOSITORY, &pull.head_sha)) {
        lines.push(format!("#{number} check {} of {}: {:?}", run.name, run.app.slug, run.conclusion));
    }
    for review in world.github.look(|view| view.reviews(REPOSITORY, Number(number))) {
        let whose = if review.author == ours { "our review" } else { "a review" };
        lines.push(format!("#{number} {whose}: {:?}", review.state));
    }
}

/// Nothing was merged but the head that was judged, with its own check green and none red.
pub fn expect_no_wrong_merge(world: &World) {
    for issue in world.github.issues(REPOSITORY).into_iter().filter(|issue| issue.is_pull) {
        let pull = world.pull(issue.number);
        if pull.merge_sha.is_some() {
            expect_green(world, &pull.head_sha);
        }
    }
    for request in world.github.requests() {
        if request.method == "PATCH" && request.path.ends_with("/git/refs/heads/main") && request.status == Some(200) {
            let body: serde_json::Value = serde_json::from_slice(&request.request_body).unwrap();
            assert_eq!(body["force"], false, "main was forced");
            expect_green(world, body["sha"].as_str().unwrap());
        }
    }
}

fn expect_green(world: &World, sha: &str) {
    let runs = world.github.look(|view| view.check_runs(REPOSITORY, sha));
    let of_ci: Vec<_> = runs.iter().filter(|run| run.name == "build").collect();
    let green = |conclusion: &Option<String>| conclusion.as_deref() == Some("success");
    assert!(
        !of_ci.is_empty() && of_ci.iter().all(|run| green(&run.conclusion)),
        "{sha} was merged though its checks are {of_ci:#?}"
    );
}
