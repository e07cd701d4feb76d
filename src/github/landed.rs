//! What lies between two commits: how they lie to each other, the commits, and the pull requests that brought them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::account::AccountBody;
use super::nodes::{ActorNode, NameNode, Nodes};
use super::request::Call;
use super::{ComparisonStatus, GithubError, InstallationClient, Path};
use crate::model::{
    ActorKind, Ancestry, BranchName, LabelName, LandedCommit, LandedPull, Login, Number, ReleaseRange, RepositoryName,
    Sha,
};

const FRAGMENT: &str = include_str!("graphql/landed_pulls.graphql");
/// Entries a page, GitHub's most.
const PER_PAGE: usize = 100;
/// At most so many pages of commits are read.
const PAGES: usize = 5;
/// Commits that one query asks about.
const COMMITS_A_QUERY: usize = 50;
/// At most so many authors are asked about.
const AUTHORS: usize = 20;

#[derive(Deserialize)]
struct ComparedBody {
    ahead_by: usize,
    commits: Vec<CommitBody>,
}

/// A commit as GitHub lists it (<https://docs.github.com/en/rest/commits/commits#list-commits>).
#[derive(Deserialize)]
struct CommitBody {
    sha: Sha,
    html_url: String,
    commit: MessageBody,
    author: Option<AccountBody>,
}

#[derive(Deserialize)]
struct MessageBody {
    message: String,
}

impl From<CommitBody> for LandedCommit {
    fn from(body: CommitBody) -> Self {
        Self {
            sha: body.sha,
            message: body.commit.message,
            author: AccountBody::logins(body.author.into_iter().collect()).pop(),
            url: body.html_url,
            pulls: Vec::new(),
        }
    }
}

#[derive(Serialize)]
struct Variables<'a> {
    owner: &'a str,
    name: &'a str,
}

/// The commits of one query, by their aliases.
#[derive(Deserialize)]
struct LandedData {
    repository: Option<BTreeMap<String, Option<CommitNode>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitNode {
    #[serde(default)]
    associated_pull_requests: Option<Nodes<PullNode>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullNode {
    number: i64,
    title: String,
    url: String,
    merged: bool,
    head_ref_name: BranchName,
    author: Option<ActorNode>,
    labels: Option<Nodes<NameNode>>,
}

impl From<PullNode> for LandedPull {
    fn from(node: PullNode) -> Self {
        let (author, author_kind) = ActorNode::author(node.author);
        let labels: Vec<LabelName> =
            node.labels.map(|labels| labels.into_entries().map(|label| label.name).collect()).unwrap_or_default();
        Self {
            number: Number(node.number),
            title: node.title,
            author,
            author_kind,
            labels,
            url: node.url,
            head_branch: node.head_ref_name,
            first_contribution: false,
        }
    }
}

impl InstallationClient {
    /// How `head` lies to `base` (<https://docs.github.com/en/rest/commits/commits#compare-two-commits>).
    pub async fn ancestry(&self, repository: &RepositoryName, base: &Sha, head: &Sha) -> Result<Ancestry, GithubError> {
        Ok(match self.compare(repository, base.as_str(), head.as_str()).await?.status {
            ComparisonStatus::Ahead => Ancestry::Ahead,
            ComparisonStatus::Behind => Ancestry::Behind,
            ComparisonStatus::Identical => Ancestry::Identical,
            ComparisonStatus::Diverged => Ancestry::Diverged,
        })
    }

    /// The commits that `head` has and `previous` lacks, the 500 newest of them at most, with the merged pull requests
    /// that brought them; without `previous`, the 100 newest commits.
    ///
    /// # Errors
    /// Whatever keeps any part of it from being known.
    pub async fn landed(
        &self,
        repository: &RepositoryName,
        previous: Option<&Sha>,
        head: &Sha,
    ) -> Result<ReleaseRange, GithubError> {
        let (mut commits, cut) = match previous {
            Some(previous) => self.commits_between(repository, previous, head).await?,
            None => self.newest_commits(repository, head).await?,
        };
        let mut pulls = BTreeMap::new();
        for some in commits.chunks_mut(COMMITS_A_QUERY) {
            self.add_pulls(repository, some, &mut pulls).await?;
        }
        let mut pulls: Vec<LandedPull> = pulls.into_values().collect();
        if let Some(previous) = previous {
            self.mark_first(repository, previous, &mut pulls).await?;
        }
        Ok(ReleaseRange { commits, pulls, cut })
    }

    /// GitHub lists them oldest first, so the newest are on the last pages.
    async fn commits_between(
        &self,
        repository: &RepositoryName,
        previous: &Sha,
        head: &Sha,
    ) -> Result<(Vec<LandedCommit>, bool), GithubError> {
        let path = Path::repository(repository, ["compare", &format!("{previous}...{head}")])?;
        let path = path.query("per_page", &PER_PAGE.to_string());
        let page = |number: usize| self.caller.read::<ComparedBody>(path.clone().query("page", &number.to_string()));
        let first = page(1).await?;
        let last = first.ahead_by.div_ceil(PER_PAGE).max(1);
        let from = last.saturating_sub(PAGES) + 1;
        let mut bodies = if from == 1 { first.commits } else { Vec::new() };
        for number in from.max(2)..=last {
            bodies.extend(page(number).await?.commits);
        }
        bodies.reverse();
        Ok((bodies.into_iter().map(LandedCommit::from).collect(), from > 1))
    }

    async fn newest_commits(
        &self,
        repository: &RepositoryName,
        head: &Sha,
    ) -> Result<(Vec<LandedCommit>, bool), GithubError> {
        let path = Path::repository(repository, ["commits"])?.query("sha", head.as_str());
        let call = Call::get(path.query("per_page", &PER_PAGE.to_string()));
        let response = self.caller.call(call.clone()).await?;
        let bodies: Vec<CommitBody> = response.decode(&call)?;
        Ok((bodies.into_iter().map(LandedCommit::from).collect(), super::pages::next(&response).is_some()))
    }

    /// Asks about many commits at once, each under an alias of its own
    /// (<https://docs.github.com/en/graphql/reference/objects#commit>).
    async fn add_pulls(
        &self,
        repository: &RepositoryName,
        commits: &mut [LandedCommit],
        pulls: &mut BTreeMap<Number, LandedPull>,
    ) -> Result<(), GithubError> {
        let mut objects = String::new();
        for (position, commit) in commits.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(objects, "    c{position}: object(oid: \"{}\") {{ ...Landed }}", commit.sha);
        }
        let query = format!(
            "query LandedPulls($owner: String!, $name: String!) {{\n  repository(owner: $owner, name: $name) \
             {{\n{objects}  }}\n}}\n{FRAGMENT}"
        );
        let variables = Variables { owner: &repository.owner, name: &repository.name };
        let data: LandedData = self.caller.query(&query, variables).await?;
        let mut nodes = data.repository.ok_or_else(|| GithubError::NotFound {
            call: "POST /graphql".to_owned(),
            message: format!("{repository} is not there"),
        })?;
        for (position, commit) in commits.iter_mut().enumerate() {
            let node = nodes.remove(&format!("c{position}")).flatten();
            let found = node.and_then(|node| node.associated_pull_requests).into_iter().flat_map(Nodes::into_entries);
            for pull in found.filter(|pull| pull.merged) {
                commit.pulls.push(Number(pull.number));
                pulls.entry(Number(pull.number)).or_insert_with(|| pull.into());
            }
        }
        Ok(())
    }

    /// Marks the pull requests of people who had no commit in the repository before
    /// (<https://docs.github.com/en/rest/commits/commits#list-commits>).
    async fn mark_first(
        &self,
        repository: &RepositoryName,
        previous: &Sha,
        pulls: &mut [LandedPull],
    ) -> Result<(), GithubError> {
        // Whose account is gone may have been here before under their own name.
        let gone = AccountBody::author(None).0;
        let people = pulls.iter().filter(|pull| pull.author_kind == ActorKind::User && pull.author != gone);
        let authors: BTreeSet<Login> = people.map(|pull| pull.author.clone()).collect();
        for author in authors.into_iter().take(AUTHORS) {
            let path = Path::repository(repository, ["commits"])?.query("author", author.as_str());
            let path = path.query("sha", previous.as_str()).query("per_page", "1");
            let earlier: Vec<serde::de::IgnoredAny> = self.caller.read(path).await?;
            let first = earlier.is_empty();
            pulls.iter_mut().filter(|pull| pull.author == author).for_each(|pull| pull.first_contribution = first);
        }
        Ok(())
    }
}
