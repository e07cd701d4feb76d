//! What people do: each act goes through the same changes as the API and fires the same webhooks.

use super::GithubSimulator;
use super::changes::{IssueEdit, MergeRequest, NewIssue, NewPull, Reacted};
use super::entities::{AccountKind, Actor};
use super::error::SimulatorError;
use super::git::{Author, Changes, MergeMethod, email};
use super::state::State;
use crate::model::{CommentId, Number};

/// A file to be committed to a branch.
#[derive(Debug, Clone, Copy)]
pub struct FileWrite<'a> {
    /// The branch; a new one starts at the default branch.
    pub branch: &'a str,
    /// The path in the repository.
    pub path: &'a str,
    /// The whole content; `None` deletes the file.
    pub content: Option<&'a str>,
    /// The commit's message.
    pub message: &'a str,
}

impl GithubSimulator {
    pub(super) fn act<T>(
        &self,
        repository: &str,
        who: &str,
        act: impl FnOnce(&mut State, i64, &Actor) -> Result<T, SimulatorError>,
    ) -> Result<T, SimulatorError> {
        self.shared.change(|state| {
            let id = state.repository_id(repository)?;
            state.add_account(who, AccountKind::User);
            act(state, id, &Actor::person(who))
        })
    }

    /// Commits one file as `who` and returns the commit's SHA; open pulls of that branch are synchronized.
    pub fn push_file(&self, repository: &str, who: &str, file: FileWrite<'_>) -> Result<String, SimulatorError> {
        self.act(repository, who, |state, id, actor| {
            let changes = Changes {
                branch: file.branch,
                files: &[(file.path, file.content.map(str::as_bytes))],
                message: file.message,
                author: Author { name: who, email: &email(who) },
                at: state.now(),
            };
            state.push_files(id, actor, &changes)
        })
    }

    /// Commits one file as the repository's owner and returns the commit's SHA.
    pub fn write_file(
        &self,
        repository: &str,
        branch: &str,
        (path, content): (&str, &str),
        message: &str,
    ) -> Result<String, SimulatorError> {
        let owner = repository.split('/').next().unwrap_or_default();
        self.push_file(repository, owner, FileWrite { branch, path, content: Some(content), message })
    }

    /// Opens an issue and returns its number.
    pub fn open_issue(&self, repository: &str, who: &str, title: &str, body: &str) -> Result<Number, SimulatorError> {
        self.open_labelled_issue(repository, who, (title, body), &[])
    }

    /// Opens an issue that wears these labels from the start.
    pub fn open_labelled_issue(
        &self,
        repository: &str,
        who: &str,
        (title, body): (&str, &str),
        labels: &[&str],
    ) -> Result<Number, SimulatorError> {
        let new = NewIssue {
            title: title.to_owned(),
            body: (!body.is_empty()).then(|| body.to_owned()),
            labels: labels.iter().map(|&name| name.to_owned()).collect(),
            assignees: Vec::new(),
        };
        self.act(repository, who, |state, id, actor| state.open_issue(id, actor, new)).map(Number)
    }

    /// Changes an issue's title.
    pub fn edit_title(&self, repository: &str, who: &str, number: Number, title: &str) -> Result<(), SimulatorError> {
        let edit = IssueEdit { title: Some(title.to_owned()), ..IssueEdit::default() };
        self.act(repository, who, |state, id, actor| state.edit_issue((id, number.0), actor, edit))
    }

    /// Changes an issue's body.
    pub fn edit_body(&self, repository: &str, who: &str, number: Number, body: &str) -> Result<(), SimulatorError> {
        let edit = IssueEdit { body: Some(body.to_owned()), ..IssueEdit::default() };
        self.act(repository, who, |state, id, actor| state.edit_issue((id, number.0), actor, edit))
    }

    /// Closes an issue as completed, or a pull request unmerged.
    pub fn close_issue(&self, repository: &str, who: &str, number: Number) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.close_issue((id, number.0), actor, "completed"))
    }

    /// Reopens an issue or pull request.
    pub fn reopen_issue(&self, repository: &str, who: &str, number: Number) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.reopen_issue((id, number.0), actor))
    }

    /// Puts a label on an issue, creating it in grey where the repository has none of that name.
    pub fn add_label(&self, repository: &str, who: &str, number: Number, label: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.add_labels((id, number.0), &[label.to_owned()], actor))
    }

    /// Takes a label off an issue.
    pub fn remove_label(&self, repository: &str, who: &str, number: Number, label: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.remove_label((id, number.0), label, actor).map(drop))
    }

    /// Assigns an account, which must be a collaborator.
    pub fn assign(&self, repository: &str, who: &str, number: Number, assignee: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.set_assigned((id, number.0), assignee, true, actor))
    }

    /// Takes an assignment away.
    pub fn unassign(&self, repository: &str, who: &str, number: Number, assignee: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.set_assigned((id, number.0), assignee, false, actor))
    }

    /// Comments on an issue or pull request.
    pub fn comment(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        body: &str,
    ) -> Result<CommentId, SimulatorError> {
        self.act(repository, who, |state, id, actor| state.add_comment((id, number.0), actor, body)).map(CommentId)
    }

    /// Edits a comment, whoever wrote it.
    pub fn edit_comment(
        &self,
        repository: &str,
        who: &str,
        comment: CommentId,
        body: &str,
    ) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.edit_comment(id, comment.0, actor, body))
    }

    /// Deletes a comment.
    pub fn delete_comment(&self, repository: &str, who: &str, comment: CommentId) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.delete_comment(id, comment.0, actor))
    }

    /// Reacts to a comment with `+1`, `eyes`, …
    pub fn react(&self, repository: &str, who: &str, comment: CommentId, content: &str) -> Result<(), SimulatorError> {
        let to = Reacted::Comment(comment.0);
        self.act(repository, who, |state, id, actor| state.react(id, to, actor, content).map(drop))
    }

    /// Deletes an issue for good.
    pub fn delete_issue(&self, repository: &str, who: &str, number: Number) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.delete_issue((id, number.0), actor))
    }

    /// Moves an issue to another repository and returns its number there.
    pub fn transfer_issue(
        &self,
        repository: &str,
        who: &str,
        number: Number,
        target: &str,
    ) -> Result<Number, SimulatorError> {
        self.act(repository, who, |state, id, actor| {
            let target = state.repository_id(target)?;
            state.transfer_issue((id, number.0), target, actor)
        })
        .map(Number)
    }

    /// Opens a pull request between two branches and returns its number.
    pub fn open_pull(&self, repository: &str, who: &str, pull: NewPull) -> Result<Number, SimulatorError> {
        self.act(repository, who, |state, id, actor| state.open_pull(id, actor, pull)).map(Number)
    }

    /// Merges a pull request with a merge commit, as its button does; `false` when there is a conflict.
    pub fn merge_pull(&self, repository: &str, who: &str, number: Number) -> Result<bool, SimulatorError> {
        let request = MergeRequest { method: MergeMethod::Merge, title: None, message: None };
        self.act(repository, who, |state, id, actor| state.merge_pull((id, number.0), &request, actor))
            .map(|merged| merged.is_some())
    }

    /// Marks a draft as ready for review, or turns a pull request back into a draft.
    pub fn set_draft(&self, repository: &str, who: &str, number: Number, draft: bool) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.set_draft((id, number.0), draft, actor))
    }

    /// Deletes a branch, which closes its open pull requests.
    pub fn delete_branch(&self, repository: &str, who: &str, branch: &str) -> Result<(), SimulatorError> {
        self.act(repository, who, |state, id, actor| state.delete_branch(id, branch, actor).map(drop))
    }

    /// Gives a repository another name.
    pub fn rename_repository(&self, repository: &str, name: &str) -> Result<(), SimulatorError> {
        let owner = repository.split('/').next().unwrap_or_default();
        self.act(repository, owner, |state, id, actor| state.rename_repository(id, name, actor))
    }

    /// Gives a repository to another account.
    pub fn transfer_repository(&self, repository: &str, owner: &str) -> Result<(), SimulatorError> {
        let giver = repository.split('/').next().unwrap_or_default();
        self.act(repository, giver, |state, id, actor| state.transfer_repository(id, owner, actor))
    }
}
