//! Reasons why a pull request is not merged, and on whom each waits.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BranchName, Conclusion, Login, Number, RepositoryName, Sha, Timestamp};

/// Who or what must do something before a blocker goes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "waits_on", content = "name", rename_all = "snake_case")]
pub enum WaitsOn {
    /// The pull's author.
    Author(Login),
    /// Somebody in particular.
    Person(Login),
    /// Anybody with write permission.
    Reviewer,
    /// Whoever may change the repository's policy or settings.
    Maintainer,
    /// A check.
    Check(String),
    /// Another pull request or issue.
    Dependency(RepositoryName, Number),
    /// GitHub itself.
    GitHub,
    /// This server.
    Stationmaster,
    /// The clock.
    Time(Timestamp),
}

impl WaitsOn {
    /// Every kind of whom something waits on, by the word that [`WaitsOn::kind`] has for it.
    pub const KINDS: [&'static str; 9] =
        ["author", "person", "reviewer", "maintainer", "check", "dependency", "github", "stationmaster", "time"];

    /// The word for the kind, without which one it is.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Author(_) => "author",
            Self::Person(_) => "person",
            Self::Reviewer => "reviewer",
            Self::Maintainer => "maintainer",
            Self::Check(_) => "check",
            Self::Dependency(..) => "dependency",
            Self::GitHub => "github",
            Self::Stationmaster => "stationmaster",
            Self::Time(_) => "time",
        }
    }
}

impl fmt::Display for WaitsOn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Author(login) => write!(out, "the author, {login}"),
            Self::Person(login) => write!(out, "{login}"),
            Self::Reviewer => out.write_str("somebody with write permission"),
            Self::Maintainer => out.write_str("a maintainer"),
            Self::Check(name) => write!(out, "the check `{name}`"),
            Self::Dependency(repository, number) => write!(out, "{repository}#{number}"),
            Self::GitHub => out.write_str("GitHub"),
            Self::Stationmaster => out.write_str("Stationmaster"),
            Self::Time(until) => write!(out, "the clock, until {until}"),
        }
    }
}

/// A reason why a pull request is not merged now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum MergeBlocker {
    /// It is closed, or merged already.
    NotOpen,
    /// The policy merges nothing in this repository.
    MergingOff,
    /// Its author says that it is not ready.
    Draft,
    /// Head and base conflict.
    Conflict,
    /// GitHub has not computed yet whether they do.
    MergeabilityUnknown,
    /// The base's protection demands that the head has the base's newest commits.
    Behind,
    /// A required check has not been reported for this head.
    CheckMissing {
        /// Its name.
        name: String,
        /// Who demands it.
        demanded_by: String,
    },
    /// A check that counts is not over.
    CheckRunning {
        /// Its name.
        name: String,
    },
    /// A check that counts went badly.
    CheckFailed {
        /// Its name.
        name: String,
        /// How.
        conclusion: Conclusion,
        /// Where people read about it.
        url: Option<String>,
    },
    /// A required check was reported under its name, but by somebody else than the App it must come from.
    CheckForged {
        /// Its name.
        name: String,
        /// Who reported it.
        by: String,
    },
    /// Nothing has checked this head at all.
    NoChecks,
    /// We have not reviewed this head yet.
    ReviewPending,
    /// Our review found what must not be merged.
    ReviewFailed {
        /// Blocking findings that are not secrets.
        findings: u32,
    },
    /// Our review found secrets.
    SecretFound {
        /// How many.
        findings: u32,
    },
    /// Our review could not be made, so nothing is known.
    ReviewImpossible {
        /// The file, line and fault in one sentence.
        fault: String,
    },
    /// A person holds it.
    Held {
        /// Who.
        by: Login,
        /// Why.
        why: String,
    },
    /// It carries a label that forbids merging.
    ForbiddenByLabel {
        /// The label.
        label: String,
    },
    /// Somebody with write permission wants changes.
    ChangesRequested {
        /// Who.
        by: Login,
    },
    /// Too few approvals for this head.
    ApprovalsMissing {
        /// How many count.
        have: u32,
        /// How many are needed.
        need: u32,
    },
    /// An approval was given for an older head.
    ApprovalStale {
        /// Who gave it.
        by: Login,
        /// For which head.
        commit: Option<Sha>,
    },
    /// GitHub's protection still waits for reviews.
    ReviewRequired,
    /// The author has no write permission, is not listed, and nobody who has approved this head.
    AuthorNotTrusted {
        /// The author.
        author: Login,
    },
    /// The policy merges nothing into this branch.
    WrongBase {
        /// The branch.
        base: BranchName,
        /// The branches that it merges into, as globs.
        allowed: Vec<String>,
    },
    /// Nothing is merged at this time.
    Frozen {
        /// The end, where it is known.
        until: Option<Timestamp>,
        /// Why.
        why: String,
    },
    /// The repository's policy cannot be read, so nothing is merged.
    PolicyUnreadable {
        /// The file, line and fault in one sentence.
        fault: String,
    },
    /// Something that must come first has not come.
    DependencyOpen {
        /// Its repository.
        repository: RepositoryName,
        /// Its number.
        number: Number,
        /// What is known of it, as a sentence part.
        state: String,
    },
    /// The policy merges only what somebody asks for by `/merge` or a label.
    NotAsked,
    /// It was put out of the queue.
    PutOut {
        /// Why.
        why: String,
    },
    /// It waits in the queue, or is being tested there.
    Queued {
        /// Its place, beginning with 1.
        place: u32,
        /// What is going on there, as a sentence part.
        state: String,
    },
    /// GitHub refused the merge.
    MergeRefused {
        /// What it said.
        message: String,
        /// When it is tried again; `None` when something must change first.
        again: Option<Timestamp>,
    },
    /// GitHub's own merge queue is on for this branch.
    GithubQueue,
}

impl fmt::Display for MergeBlocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => out.write_str("it is not open"),
            Self::MergingOff => out.write_str("the policy has merging switched off"),
            Self::Draft => out.write_str("it is a draft"),
            Self::Conflict => out.write_str("it conflicts with its base"),
            Self::MergeabilityUnknown => {
                out.write_str("GitHub has not computed yet whether it conflicts with its base")
            }
            Self::Behind => {
                out.write_str("its base has newer commits, and the protection demands that it has them too")
            }
            Self::CheckMissing { name, demanded_by } => {
                write!(out, "the check `{name}` has not been reported for this head; {demanded_by} demands it")
            }
            Self::CheckRunning { name } => write!(out, "the check `{name}` is not over"),
            Self::CheckFailed { name, conclusion, url } => {
                let how = if *conclusion == Conclusion::Failure {
                    "failed".to_owned()
                } else {
                    format!("ended as {conclusion}")
                };
                match url {
                    Some(url) => write!(out, "the check [`{name}`]({url}) {how}"),
                    None => write!(out, "the check `{name}` {how}"),
                }
            }
            Self::CheckForged { name, by } => {
                write!(out, "the check `{name}` was reported by {by}, from whom it does not count")
            }
            Self::NoChecks => out.write_str("no check has been reported for this head"),
            Self::ReviewPending => out.write_str("this head has not been reviewed yet"),
            Self::ReviewFailed { findings } => {
                write!(out, "the review has {findings} blocking {}", plural(*findings, "finding"))
            }
            Self::SecretFound { findings } => {
                write!(out, "the review found {findings} {}", plural(*findings, "secret"))
            }
            Self::ReviewImpossible { fault } => write!(out, "the review could not be made: {fault}"),
            Self::Held { by, why } => write!(out, "{by} holds it: {why}"),
            Self::ForbiddenByLabel { label } => write!(out, "it carries the label `{label}`"),
            Self::ChangesRequested { by } => write!(out, "{by} requested changes"),
            Self::ApprovalsMissing { have, need } => write!(out, "it has {have} of {need} approvals for this head"),
            Self::ApprovalStale { by, commit } => match commit {
                Some(commit) => write!(out, "the approval of {by} is for the older head {}", commit.short()),
                None => write!(out, "the approval of {by} is for a head that is gone"),
            },
            Self::ReviewRequired => out.write_str("the branch's protection waits for a review"),
            Self::AuthorNotTrusted { author } => {
                write!(out, "its author {author} has no write permission, and nobody who has it has approved this head")
            }
            Self::WrongBase { base, allowed } => {
                write!(out, "the policy merges into {} only, and this is for `{base}`", allowed.join(", "))
            }
            Self::Frozen { until: Some(until), why } => write!(out, "merging is frozen until {until}: {why}"),
            Self::Frozen { until: None, why } => write!(out, "merging is frozen: {why}"),
            Self::PolicyUnreadable { fault } => write!(out, "the repository's policy cannot be read: {fault}"),
            Self::DependencyOpen { repository, number, state } => {
                write!(out, "it depends on {repository}#{number}, which is {state}")
            }
            Self::NotAsked => out.write_str("the policy merges only what is asked for by `/merge`"),
            Self::PutOut { why } => write!(out, "it was put out of the queue: {why}"),
            Self::Queued { place, state } => write!(out, "it is number {place} in the queue: {state}"),
            Self::MergeRefused { message, again: Some(again) } => {
                write!(out, "GitHub refused the merge, which is tried again at {again}: {message}")
            }
            Self::MergeRefused { message, again: None } => write!(out, "GitHub refused the merge: {message}"),
            Self::GithubQueue => out.write_str("GitHub's own merge queue is switched on for its base"),
        }
    }
}

fn plural(count: u32, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

impl MergeBlocker {
    /// On whom it waits, given the pull's author.
    #[must_use]
    pub fn waits_on(&self, author: &Login) -> WaitsOn {
        match self {
            Self::NotOpen
            | Self::Draft
            | Self::Conflict
            | Self::Behind
            | Self::ReviewFailed { .. }
            | Self::SecretFound { .. }
            | Self::WrongBase { .. }
            | Self::CheckFailed { .. }
            | Self::PutOut { .. } => WaitsOn::Author(author.clone()),
            Self::CheckMissing { name, .. } | Self::CheckRunning { name } | Self::CheckForged { name, .. } => {
                WaitsOn::Check(name.clone())
            }
            Self::NoChecks => WaitsOn::Check("any".to_owned()),
            Self::MergeabilityUnknown | Self::GithubQueue => WaitsOn::GitHub,
            Self::ReviewPending | Self::Queued { .. } => WaitsOn::Stationmaster,
            Self::Held { by, .. } | Self::ChangesRequested { by } | Self::ApprovalStale { by, .. } => {
                WaitsOn::Person(by.clone())
            }
            Self::ApprovalsMissing { .. }
            | Self::ReviewRequired
            | Self::AuthorNotTrusted { .. }
            | Self::ForbiddenByLabel { .. }
            | Self::NotAsked => WaitsOn::Reviewer,
            Self::Frozen { until: Some(until), .. } => WaitsOn::Time(*until),
            Self::MergingOff
            | Self::Frozen { until: None, .. }
            | Self::PolicyUnreadable { .. }
            | Self::ReviewImpossible { .. }
            | Self::MergeRefused { again: None, .. } => WaitsOn::Maintainer,
            Self::DependencyOpen { repository, number, .. } => WaitsOn::Dependency(repository.clone(), *number),
            Self::MergeRefused { again: Some(again), .. } => WaitsOn::Time(*again),
        }
    }
}
