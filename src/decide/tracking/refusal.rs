//! Why an ask is not handed on to an environment, as a sentence without its end that says what would work.

use std::fmt;

use crate::decide::quote::short_code;
use crate::model::{EnvironmentName, TagName, Timestamp};

/// What somebody wrote is cut where it is quoted.
const QUOTED_CHARS: usize = 80;

/// Why an ask is not handed on to an environment. Its sentence has no end yet, so that it can stand in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskRefusal {
    /// The policy names no such environment.
    NoSuchEnvironment {
        /// What was written.
        asked: String,
        /// Those that it names.
        known: Vec<EnvironmentName>,
    },
    /// There is no such release.
    NoSuchVersion {
        /// What was written.
        asked: String,
        /// The newest releases, newest first.
        known: Vec<TagName>,
        /// There are more.
        more: bool,
    },
    /// More than one release can be meant.
    SeveralVersions {
        /// What was written.
        asked: String,
        /// Those that can be meant.
        meant: Vec<TagName>,
    },
    /// Nothing was released that could be deployed there.
    NothingReleased {
        /// Where.
        environment: EnvironmentName,
    },
    /// The environment takes no pre-releases.
    Prerelease {
        /// The pre-release.
        tag: TagName,
        /// Where.
        environment: EnvironmentName,
    },
    /// A reason is needed.
    WhyMissing {
        /// A line that works.
        example: String,
    },
    /// That is no time.
    UntilUnreadable {
        /// What was written.
        asked: String,
    },
    /// That time has passed.
    UntilPast {
        /// What was written.
        asked: String,
        /// What it means.
        at: Timestamp,
    },
    /// Nobody froze the environment.
    NotFrozen {
        /// Where.
        environment: EnvironmentName,
    },
    /// Nothing waits for approval.
    NothingWaits {
        /// Where; `None` for everywhere.
        environment: Option<EnvironmentName>,
    },
    /// Another version waits for approval than the one that was meant.
    OthersWait {
        /// The version that was meant.
        asked: TagName,
        /// What waits where.
        waiting: Vec<(EnvironmentName, TagName)>,
    },
    /// More than one environment waits for approval.
    SeveralWait {
        /// What waits where.
        waiting: Vec<(EnvironmentName, TagName)>,
    },
}

impl fmt::Display for AskRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchEnvironment { asked, known } => match known.as_slice() {
                [] => write!(out, "there is no environment `{}`: the policy names none", quoted(asked)),
                known => write!(out, "there is no environment `{}`, only {}", quoted(asked), listed(known, "and")),
            },
            Self::NoSuchVersion { asked, known, more } => match known.as_slice() {
                [] => write!(out, "there is no version `{}`: nothing was released yet", quoted(asked)),
                known if *more => {
                    write!(
                        out,
                        "there is no version `{}`; the newest {} are {}",
                        quoted(asked),
                        known.len(),
                        listed(known, "and")
                    )
                }
                known => write!(out, "there is no version `{}`, only {}", quoted(asked), listed(known, "and")),
            },
            Self::SeveralVersions { asked, meant } => {
                write!(out, "`{}` can mean {}: write the whole tag", quoted(asked), listed(meant, "or"))
            }
            Self::NothingReleased { environment } => {
                write!(out, "nothing was released yet that could be deployed to {environment}")
            }
            Self::Prerelease { tag, environment } => {
                write!(
                    out,
                    "{tag} is a pre-release, and {environment} takes none; `prereleases = true` in the policy changes that"
                )
            }
            Self::WhyMissing { example } => write!(out, "say why, such as `{example}`"),
            Self::UntilUnreadable { asked } => write!(
                out,
                "`{}` is no time; write `2h`, `3d`, `2026-12-24`, `2026-12-24T18:00` (in UTC) or `forever`",
                quoted(asked)
            ),
            Self::UntilPast { asked, at } => write!(out, "`{}` has passed: it means {at}, in UTC", quoted(asked)),
            Self::NotFrozen { environment } => write!(
                out,
                "nobody froze {environment}; what the policy's calendar freezes thaws by itself, \
                 and `/deploy {environment} --override \"why\"` passes it"
            ),
            Self::NothingWaits { environment: Some(environment) } => {
                write!(out, "nothing waits for approval in {environment}")
            }
            Self::NothingWaits { environment: None } => write!(out, "nothing waits for approval"),
            Self::OthersWait { asked, waiting } => {
                write!(out, "{asked} does not wait for approval there; {} does", waits(waiting, "and"))
            }
            Self::SeveralWait { waiting } => {
                write!(out, "more than one waits for approval, so say which: {}", waits(waiting, "or"))
            }
        }
    }
}

impl std::error::Error for AskRefusal {}

fn quoted(asked: &str) -> String {
    short_code(asked, QUOTED_CHARS)
}

fn waits(waiting: &[(EnvironmentName, TagName)], word: &str) -> String {
    let named: Vec<String> = waiting.iter().map(|(environment, tag)| format!("{tag} in {environment}")).collect();
    listed(&named, word)
}

/// `qa`, `qa and prod`, `qa, staging and prod`.
pub(super) fn listed<T: fmt::Display>(names: &[T], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.to_string(),
        [before @ .., last] => {
            let before: Vec<String> = before.iter().map(ToString::to_string).collect();
            format!("{} {word} {last}", before.join(", "))
        }
    }
}
