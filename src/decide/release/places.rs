//! Where a repository's pages are, as far as the addresses of what landed tell.

use super::escape::path_part;
use crate::model::{Login, ReleaseRange, Tag, TagName};

/// A GitHub and a repository on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The repository's page, without a slash at its end; `None` where nothing told it.
    repository: Option<String>,
}

impl Places {
    /// Reads it off the address of a pull request or a commit, so that it holds for GitHub Enterprise too.
    pub(super) fn of(range: &ReleaseRange) -> Self {
        let pulls = range.pulls.iter().filter_map(|pull| pull.url.rsplit_once("/pull/"));
        let commits = range.commits.iter().filter_map(|commit| commit.url.rsplit_once("/commit/"));
        Self { repository: pulls.chain(commits).map(|(page, _)| page.to_owned()).next() }
    }

    /// The page that shows what lies between two versions, or all that led to the first.
    pub(super) fn comparison(&self, previous: Option<&Tag>, tag: &TagName) -> Option<String> {
        let page = self.repository.as_ref()?;
        let tag = path_part(tag.as_str());
        Some(match previous {
            Some(previous) => format!("{page}/compare/{}...{tag}", path_part(previous.name.as_str())),
            None => format!("{page}/commits/{tag}"),
        })
    }

    /// An account's page; that of an App for a bot.
    pub(super) fn account(&self, login: &Login) -> String {
        let host = self.repository.as_deref().and_then(|page| page.rsplitn(3, '/').nth(2));
        let host = host.unwrap_or("https://github.com");
        match login.as_str().strip_suffix("[bot]") {
            Some(app) => format!("{host}/apps/{}", path_part(app)),
            None => format!("{host}/{}", path_part(login.as_str())),
        }
    }
}
