//! The one card of a release: what runs where, how far this version is, and what somebody has to write.

use std::fmt::Write as _;

use super::TrackingSeen;
use super::closing::over;
use super::standing::{Standing, approved_by, standing, who};
use crate::decide::quote::{cell, code, linked_code, moment};
use crate::model::{DeploymentRow, EnvironmentName, EnvironmentRecord, Running, Timestamp};
use crate::policy::EnvironmentSettings;

/// A card lists so many deployments.
const ROWS_MAX: usize = 20;

/// The whole text of the card, without the hidden marker.
pub(super) fn text(seen: &TrackingSeen<'_>, now: Timestamp) -> String {
    let version = &seen.snapshot.release.version;
    let tag = linked_code(version.tag.as_str(), Some(&version.url));
    let story = over(seen).map_or_else(|| story(seen, now), |over| over.to_string());
    let mut text = format!("**{tag}** ({}) {}.\n\n", version.sha.short(), story);
    if let Some(fault) = seen.unreadable {
        push(
            &mut text,
            format_args!("**The repository's policy cannot be read**, so nothing new is deployed: {}\n\n", cell(fault)),
        );
    }
    for settings in seen.environments {
        question(&mut text, seen, settings, now);
    }
    table(&mut text, seen, now);
    notes(&mut text, seen, now);
    deployments(&mut text, seen);
    text.trim_end().to_owned()
}

/// How far this version is, as the end of a sentence that begins with its tag.
pub(super) fn story(seen: &TrackingSeen<'_>, now: Timestamp) -> String {
    if seen.unreadable.is_some() {
        return "is released".to_owned();
    }
    let (mut verified, mut approval, mut underway, mut waits, mut ended) = (vec![], vec![], vec![], vec![], vec![]);
    for settings in seen.environments {
        let name = cell(settings.name.as_str());
        match standing(seen, settings, now) {
            Standing::Runs { verified: true, .. } | Standing::Was => verified.push(name),
            Standing::WaitsForApproval { .. } => approval.push(name),
            Standing::Underway(_) => underway.push(name),
            Standing::Waits(_) => waits.push(name),
            Standing::Held(_) | Standing::Ended(..) | Standing::Expired(_) | Standing::Lapsed(..) => ended.push(name),
            Standing::Runs { verified: false, .. }
            | Standing::NotForPrereleases
            | Standing::After(_)
            | Standing::OnRequest(_)
            | Standing::NotYet => {}
        }
    }
    let parts = [
        ("is verified in", verified),
        ("is on its way to", underway),
        ("waits for approval in", approval),
        ("waits in", waits),
        ("is not deployed to", ended),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(word, names)| format!("{word} {}", super::refusal::listed(names, "and")))
        .collect();
    if said.is_empty() { "is released, and not deployed yet".to_owned() } else { said.join(", ") }
}

/// What somebody has to write, where it is this version that waits for approval.
fn question(text: &mut String, seen: &TrackingSeen<'_>, settings: &EnvironmentSettings, now: Timestamp) {
    let Standing::WaitsForApproval { expires } = standing(seen, settings, now) else { return };
    let name = code(settings.name.as_str());
    let listed: Vec<String> = settings.approvers.iter().map(|login| cell(login.as_str())).collect();
    let by = match listed.as_slice() {
        [] => "somebody with write permission".to_owned(),
        listed => super::refusal::listed(listed, "or"),
    };
    push(
        text,
        format_args!(
            "> **{}** is deployed to **{}** once {by}, with no work of their own in it, writes `/approve {name}` here \
             until {}; `/reject {name} why` turns it down.\n\n",
            cell(seen.snapshot.release.version.tag.as_str()),
            cell(settings.name.as_str()),
            moment(expires),
        ),
    );
}

fn table(text: &mut String, seen: &TrackingSeen<'_>, now: Timestamp) {
    if seen.environments.is_empty() {
        return;
    }
    let tag = cell(seen.snapshot.release.version.tag.as_str());
    push(text, format_args!("| Environment | What runs there | {tag} | Approved by |\n| --- | --- | --- | --- |\n"));
    for settings in seen.environments {
        let record = seen.snapshot.environments.get(&settings.name);
        let runs = record.and_then(|record| record.running.as_ref()).map_or_else(|| "nothing known".to_owned(), runs);
        let approved = approved_by(seen.snapshot, &settings.name).unwrap_or_default();
        let name = environment(settings);
        push(text, format_args!("| {name} | {runs} | {} | {approved} |\n", standing(seen, settings, now)));
    }
    text.push('\n');
}

fn environment(settings: &EnvironmentSettings) -> String {
    linked_code(settings.name.as_str(), settings.url.as_deref().filter(|url| !url.contains('|')))
}

fn runs(running: &Running) -> String {
    let doubt = if running.verified { "" } else { ", not verified" };
    format!("{} since {}{doubt}", cell(running.version.tag.as_str()), moment(running.since))
}

/// Freezes, and asks that an environment refused.
fn notes(text: &mut String, seen: &TrackingSeen<'_>, now: Timestamp) {
    let mut said = false;
    for settings in seen.environments {
        let Some(record) = seen.snapshot.environments.get(&settings.name) else { continue };
        for note in notes_of(&settings.name, record, now) {
            said = true;
            push(text, format_args!("- {note}\n"));
        }
    }
    if said {
        text.push('\n');
    }
}

fn notes_of(name: &EnvironmentName, record: &EnvironmentRecord, now: Timestamp) -> Vec<String> {
    let name = cell(name.as_str());
    let in_force = record.freezes.iter().filter(|freeze| freeze.until.is_none_or(|until| now < until));
    let mut notes: Vec<String> = in_force
        .map(|freeze| {
            let until = freeze.until.map_or_else(
                || "until somebody writes `/unfreeze`".to_owned(),
                |until| format!("until {}", moment(until)),
            );
            format!("**{name} is frozen** {until}, by {}: {}", who(&freeze.by), cell(&freeze.why))
        })
        .collect();
    if let Some(refusal) = &record.last_refusal {
        notes.push(format!("{name} refused what was asked last: {}", cell(refusal)));
    }
    notes
}

fn deployments(text: &mut String, seen: &TrackingSeen<'_>) {
    let rows = &seen.snapshot.rows;
    if rows.is_empty() {
        return;
    }
    let tag = cell(seen.snapshot.release.version.tag.as_str());
    push(text, format_args!("<details><summary>Deployments of {tag}</summary>\n\n"));
    text.push_str("| Environment | Number | Began | How it ended | Asked for by |\n| --- | --- | --- | --- | --- |\n");
    for (name, row) in rows.iter().take(ROWS_MAX) {
        let by = row.by.as_deref().map_or_else(|| "the policy".to_owned(), cell);
        let began = moment(row.began);
        push(text, format_args!("| {} | {} | {began} | {} | {by} |\n", cell(name.as_str()), row.number, ended(row)));
    }
    if rows.len() > ROWS_MAX {
        push(text, format_args!("\n… and {} more.\n", rows.len() - ROWS_MAX));
    }
    text.push_str("\n</details>");
}

fn ended(row: &DeploymentRow) -> String {
    let end = row.end.map_or("under way", |end| end.as_str());
    let from = row.rollback_from.as_ref().map(|from| format!(", back from {}", cell(from.as_str())));
    let errors = match row.errors {
        0 => String::new(),
        1 => ", 1 error on the way".to_owned(),
        many => format!(", {many} errors on the way"),
    };
    format!("{end}{}{errors}: {}", from.unwrap_or_default(), cell(&row.note))
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(part);
}
