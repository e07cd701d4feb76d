//! The causes of trouble, with what each means for people and what they can do about it.

use std::fmt;

use crate::model::InstallationId;

/// What keeps something from being done. One message stands for all that one of these brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// GitHub fails, cuts connections, says nothing, or says what nobody understands.
    Github,
    /// A rate limit of GitHub's is used up.
    GithubLimit(Option<InstallationId>),
    /// GitHub does not accept the App's key.
    AppKey,
    /// GitHub does not let the App do something.
    Forbidden,
    /// A repository was deleted, or taken away from the App.
    OutOfReach,
    /// An installation was suspended.
    Suspended(Option<InstallationId>),
    /// ntfy fails or cannot be reached.
    Ntfy,
    /// ntfy wants fewer messages.
    NtfyLimit,
    /// The database fails or cannot be reached.
    Database,
    /// Nothing more can be written to the disk.
    Disk,
}

impl Cause {
    /// Its name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::GithubLimit(_) => "github_limit",
            Self::AppKey => "app_key",
            Self::Forbidden => "forbidden",
            Self::OutOfReach => "out_of_reach",
            Self::Suspended(_) => "suspended",
            Self::Ntfy => "ntfy",
            Self::NtfyLimit => "ntfy_limit",
            Self::Database => "database",
            Self::Disk => "disk",
        }
    }

    /// The installation that it concerns, if it is one alone.
    #[must_use]
    pub const fn installation(self) -> Option<InstallationId> {
        match self {
            Self::GithubLimit(installation) | Self::Suspended(installation) => installation,
            Self::Github
            | Self::AppKey
            | Self::Forbidden
            | Self::OutOfReach
            | Self::Ntfy
            | Self::NtfyLimit
            | Self::Database
            | Self::Disk => None,
        }
    }

    /// What it means, and what to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Github => {
                "what waits for it is tried again by itself, for seven days; https://www.githubstatus.com knows more, \
                 and `stationmaster doctor` shows whether it can be reached from here"
            }
            Self::GithubLimit(_) => "nothing is asked until it is renewed, and what waits is done then",
            Self::AppKey => {
                "nothing can be done on GitHub until GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are those of the App \
                 and the clock is right; `stationmaster doctor` tells which it is, and nothing is lost meanwhile"
            }
            Self::Forbidden => {
                "what was refused is given up; grant what it names, then `stationmaster outbox replay` tries it again"
            }
            Self::OutOfReach => {
                "what was still to be done there is given up; should it come back, `stationmaster outbox replay` tries \
                 it again"
            }
            Self::Suspended(_) => "nothing can be done there until its owner lifts that, and nothing is lost meanwhile",
            Self::Ntfy => {
                "messages wait and are sent in their order; everything else goes on. See that NTFY_URL answers and that \
                 NTFY_TOKEN may publish there"
            }
            Self::NtfyLimit => "messages wait until it takes more, and are sent in their order",
            Self::Database => {
                "webhooks are refused, so that GitHub knows, and nothing is decided; see that the database of \
                 DATABASE_URL runs and that nothing else holds it, and it goes on by itself"
            }
            Self::Disk => {
                "webhooks are refused, so that GitHub knows, and nothing is decided; see that the database's disk has room \
                 and that the server's user may write the file and its folder, and it goes on by itself"
            }
        }
    }

    /// What is told once it is over.
    #[must_use]
    pub const fn over(self) -> &'static str {
        match self {
            Self::Github => "GitHub answers again, and what waited is done",
            Self::GithubLimit(_) => "GitHub's rate limit is renewed, and what waited is done",
            Self::AppKey => "GitHub accepts the App's key again, and what waited is done",
            Self::Forbidden => "GitHub has refused nothing more for lack of a permission",
            Self::OutOfReach => "nothing more was to be done in a repository out of reach",
            Self::Suspended(_) => "nothing waits for the suspended installation any more",
            Self::Ntfy => "ntfy answers again, and what waited is sent",
            Self::NtfyLimit => "ntfy takes messages again, and what waited is sent",
            Self::Database => "the database answers again",
            Self::Disk => "the disk can be written to again",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Github => "GitHub fails or does not answer",
            Self::GithubLimit(_) => "a rate limit of GitHub's is used up",
            Self::AppKey => "GitHub does not accept the App's key",
            Self::Forbidden => "GitHub does not let the App do something",
            Self::OutOfReach => "a repository is out of the App's reach",
            Self::Suspended(_) => "an installation is suspended",
            Self::Ntfy => "ntfy fails or cannot be reached",
            Self::NtfyLimit => "ntfy takes no more messages for now",
            Self::Database => "the database fails or cannot be reached",
            Self::Disk => "the disk cannot be written to",
        })
    }
}
