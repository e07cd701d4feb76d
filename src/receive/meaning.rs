//! What each event that we know means, and which subjects it tells us to look at again.

use crate::model::{
    BranchName, EventKind, InstallationChange, Number, RepositoryChange, RepositoryId, RepositoryName, Subject,
};

use super::lenient::{Object, Objects};
use super::payload::{Checked, Numbered, Payload, Repository};
use super::webhook::WebhookFault;

/// What came of reading one event.
pub(super) enum Meaning {
    Known(EventKind, Vec<Subject>),
    Ignored(String),
}

type Read<'a> = fn(&Reading<'a>) -> Result<Meaning, WebhookFault>;

/// Every event that something of ours depends on.
pub(super) fn reader<'a>(event: &str) -> Option<Read<'a>> {
    Some(match event {
        "issues" => Reading::issue,
        "issue_comment" => Reading::comment,
        "sub_issues" => Reading::sub_issue,
        "issue_dependencies" => Reading::dependency,
        "pull_request" | "pull_request_review" | "pull_request_review_comment" | "pull_request_review_thread" => {
            Reading::pull
        }
        "check_run" | "check_suite" | "workflow_run" => Reading::check,
        "status" => Reading::status,
        "push" => Reading::push,
        "deployment_status" => Reading::deployment_status,
        "create" | "delete" => Reading::branch,
        "installation" => Reading::installation,
        "installation_repositories" => Reading::installation_repositories,
        "repository" | "label" => Reading::repository,
        _ => return None,
    })
}

/// One event under its name.
pub(super) struct Reading<'a> {
    pub(super) event: &'a str,
    pub(super) payload: &'a Payload,
}

impl Reading<'_> {
    fn missing(&self, field: &'static str) -> WebhookFault {
        WebhookFault::Missing { event: self.event.to_owned(), field }
    }

    /// GitHub's `action`; empty when it is not given.
    fn action(&self) -> String {
        self.payload.action.0.clone().unwrap_or_default()
    }

    fn repository_id(&self) -> Result<RepositoryId, WebhookFault> {
        id_of(&self.payload.repository).ok_or_else(|| self.missing("repository.id"))
    }

    fn number(&self, of: &Object<Numbered>, field: &'static str) -> Result<Number, WebhookFault> {
        of.0.as_ref().and_then(|numbered| numbered.number.0).map(Number).ok_or_else(|| self.missing(field))
    }

    fn issue_number(&self) -> Result<Number, WebhookFault> {
        let number = self.payload.issue.0.as_ref().and_then(|issue| issue.number.0);
        number.map(Number).ok_or_else(|| self.missing("issue.number"))
    }

    fn issue(&self) -> Result<Meaning, WebhookFault> {
        let subject = Subject::Issue(self.repository_id()?, self.issue_number()?);
        Ok(Meaning::Known(EventKind::Issue { action: self.action() }, vec![subject]))
    }

    /// A pull request is an issue too, and its comments come as those of an issue.
    fn comment(&self) -> Result<Meaning, WebhookFault> {
        let (repository, number, action) = (self.repository_id()?, self.issue_number()?, self.action());
        let on_pull = self.payload.issue.0.as_ref().is_some_and(|issue| issue.pull_request.0);
        Ok(if on_pull {
            Meaning::Known(EventKind::Pull { action }, vec![Subject::Pull(repository, number)])
        } else {
            Meaning::Known(EventKind::IssueComment { action }, vec![Subject::Issue(repository, number)])
        })
    }

    fn sub_issue(&self) -> Result<Meaning, WebhookFault> {
        let payload = self.payload;
        self.linked([
            (&payload.parent_issue, &payload.parent_issue_repo, "parent_issue.number"),
            (&payload.sub_issue, &payload.sub_issue_repo, "sub_issue.number"),
        ])
    }

    fn dependency(&self) -> Result<Meaning, WebhookFault> {
        let payload = self.payload;
        self.linked([
            (&payload.blocked_issue, &payload.blocked_issue_repo, "blocked_issue.number"),
            (&payload.blocking_issue, &payload.blocking_issue_repo, "blocking_issue.number"),
        ])
    }

    /// Both ends of a link change; an end that lies in another repository names it beside itself. GitHub may leave
    /// out the end that it does not tell of.
    fn linked(
        &self,
        ends: [(&Object<Numbered>, &Object<Repository>, &'static str); 2],
    ) -> Result<Meaning, WebhookFault> {
        let mut subjects = Vec::with_capacity(2);
        for (issue, repository, _) in &ends {
            let Some(number) = issue.0.as_ref().and_then(|issue| issue.number.0) else { continue };
            let repository = id_of(repository).map_or_else(|| self.repository_id(), Ok)?;
            subjects.push(Subject::Issue(repository, Number(number)));
        }
        if subjects.is_empty() {
            return Err(self.missing(ends[0].2));
        }
        Ok(Meaning::Known(EventKind::Issue { action: self.action() }, subjects))
    }

    fn pull(&self) -> Result<Meaning, WebhookFault> {
        let number = self.number(&self.payload.pull_request, "pull_request.number")?;
        let subject = Subject::Pull(self.repository_id()?, number);
        Ok(Meaning::Known(EventKind::Pull { action: self.action() }, vec![subject]))
    }

    fn check(&self) -> Result<Meaning, WebhookFault> {
        let (check, field) = match self.event {
            "check_run" => (&self.payload.check_run, "check_run.head_sha"),
            "check_suite" => (&self.payload.check_suite, "check_suite.head_sha"),
            _ => (&self.payload.workflow_run, "workflow_run.head_sha"),
        };
        let repository = self.repository_id()?;
        let check = check.0.as_ref().ok_or_else(|| self.missing(field))?;
        let mut subjects = checked_pulls(repository, check);
        let of_suite = check.check_suite.0.as_ref().and_then(|suite| suite.head_branch.0.as_deref());
        let branch = check.head_branch.0.as_deref().or(of_suite);
        subjects.extend(branch.map(|name| Subject::Branch(repository, BranchName::new(name))));
        let head_sha = check.head_sha.0.clone();
        if head_sha.is_none() && subjects.is_empty() {
            return Err(self.missing(field));
        }
        let action = self.action();
        let kind = match self.event {
            "workflow_run" => EventKind::Run { action, head_sha },
            _ => EventKind::Check { action, head_sha },
        };
        Ok(Meaning::Known(kind, subjects))
    }

    fn status(&self) -> Result<Meaning, WebhookFault> {
        let repository = self.repository_id()?;
        let names = self.payload.branches.0.iter().filter_map(|branch| branch.name.0.as_deref());
        let subjects: Vec<_> = names.map(|name| Subject::Branch(repository, BranchName::new(name))).collect();
        let head_sha = self.payload.sha.0.clone();
        if head_sha.is_none() && subjects.is_empty() {
            return Err(self.missing("sha"));
        }
        let action = self.payload.state.0.clone().unwrap_or_default();
        Ok(Meaning::Known(EventKind::Check { action, head_sha }, subjects))
    }

    /// Which environment is meant is known by what is being deployed there.
    fn deployment_status(&self) -> Result<Meaning, WebhookFault> {
        self.repository_id()?;
        Ok(Meaning::Known(EventKind::Deployment { action: self.action() }, Vec::new()))
    }

    fn push(&self) -> Result<Meaning, WebhookFault> {
        let repository = self.repository_id()?;
        let git_ref = self.payload.git_ref.0.as_deref().ok_or_else(|| self.missing("ref"))?;
        Ok(match git_ref.strip_prefix("refs/heads/") {
            Some(branch) => self.on_branch(repository, branch),
            None => Meaning::Ignored(format!("`{git_ref}` is not a branch")),
        })
    }

    /// `create` and `delete` give the short name, and say whether it is a branch.
    fn branch(&self) -> Result<Meaning, WebhookFault> {
        let repository = self.repository_id()?;
        let git_ref = self.payload.git_ref.0.as_deref().ok_or_else(|| self.missing("ref"))?;
        Ok(match self.payload.ref_type.0.as_deref().ok_or_else(|| self.missing("ref_type"))? {
            "branch" => self.on_branch(repository, git_ref),
            other => Meaning::Ignored(format!("`{git_ref}` is a {other}, not a branch")),
        })
    }

    /// The policy is on the default branch, so a push there concerns the whole repository.
    fn on_branch(&self, repository: RepositoryId, branch: &str) -> Meaning {
        let mut subjects = vec![Subject::Branch(repository, BranchName::new(branch))];
        // Without a word about the default branch, any branch may be it.
        let default = self.payload.repository.0.as_ref().and_then(|repository| repository.default_branch.0.as_deref());
        if default.is_none_or(|default| default == branch) {
            subjects.push(Subject::Repository(repository));
        }
        Meaning::Known(EventKind::Branch { action: self.event.to_owned() }, subjects)
    }

    fn installation(&self) -> Result<Meaning, WebhookFault> {
        self.installation_id()?;
        let action = self.action();
        let change = match action.as_str() {
            "created" | "new_permissions_accepted" | "unsuspend" => {
                InstallationChange::Usable { added: all_named(&self.payload.repositories) }
            }
            "suspend" => InstallationChange::Suspended,
            "deleted" => InstallationChange::Deleted,
            _ => return Ok(self.unknown_change(&action)),
        };
        Ok(Meaning::Known(EventKind::Installation(change), Vec::new()))
    }

    fn installation_repositories(&self) -> Result<Meaning, WebhookFault> {
        self.installation_id()?;
        let action = self.action();
        let change = match action.as_str() {
            "added" => InstallationChange::Usable { added: all_named(&self.payload.repositories_added) },
            "removed" => {
                let ids = self.payload.repositories_removed.0.iter().filter_map(|repository| repository.id.0);
                InstallationChange::Removed { removed: ids.map(RepositoryId).collect() }
            }
            _ => return Ok(self.unknown_change(&action)),
        };
        Ok(Meaning::Known(EventKind::Installation(change), Vec::new()))
    }

    fn installation_id(&self) -> Result<i64, WebhookFault> {
        let id = self.payload.installation.0.as_ref().and_then(|installation| installation.id.0);
        id.ok_or_else(|| self.missing("installation.id"))
    }

    fn unknown_change(&self, action: &str) -> Meaning {
        Meaning::Ignored(format!("nothing here depends on the action `{action}` of `{}` events", self.event))
    }

    /// A label of the repository that is changed or deleted changes what all its issues show.
    fn repository(&self) -> Result<Meaning, WebhookFault> {
        let id = self.repository_id()?;
        let change = match (self.event, self.payload.action.0.as_deref()) {
            ("repository", Some("renamed" | "transferred")) => RepositoryChange::Renamed,
            ("repository", Some("deleted")) => RepositoryChange::Deleted,
            _ => RepositoryChange::Changed,
        };
        Ok(Meaning::Known(EventKind::Repository(change), vec![Subject::Repository(id)]))
    }
}

/// The pulls into this repository that a check names. A head may also be that of a pull into another repository,
/// where this check does not count.
fn checked_pulls(repository: RepositoryId, check: &Checked) -> Vec<Subject> {
    let into_here = check.pull_requests.0.iter().filter(|pull| {
        let base = pull.base.0.as_ref().and_then(|base| id_of(&base.repo));
        base.is_none_or(|base| base == repository)
    });
    into_here.filter_map(|pull| pull.number.0).map(|number| Subject::Pull(repository, Number(number))).collect()
}

fn id_of(repository: &Object<Repository>) -> Option<RepositoryId> {
    repository.0.as_ref().and_then(|repository| repository.id.0).map(RepositoryId)
}

/// A repository's id and name, where it has both.
pub(super) fn named(repository: &Repository) -> Option<(RepositoryId, RepositoryName)> {
    Some((RepositoryId(repository.id.0?), repository.full_name.0.as_deref()?.parse().ok()?))
}

fn all_named(repositories: &Objects<Repository>) -> Vec<(RepositoryId, RepositoryName)> {
    repositories.0.iter().filter_map(named).collect()
}
