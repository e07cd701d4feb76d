//! Issues opened, edited, closed, reopened, assigned.

use serde_json::{Value, json};

use super::{Done, from};
use crate::simulator::github::entities::{Actor, Closed, Gone, Issue, Links};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

/// An issue to be opened.
#[derive(Debug, Default)]
pub struct NewIssue {
    pub title: String,
    pub body: Option<String>,
    pub labels: Vec<String>,
    pub assignees: Vec<String>,
}

/// What an edit changes; `None` leaves a field as it is.
#[derive(Debug, Default)]
pub struct IssueEdit {
    pub title: Option<String>,
    /// Empty for no body at all, as GitHub has it after `null`.
    pub body: Option<String>,
}

impl State {
    pub fn open_issue(&mut self, repository: i64, actor: &Actor, new: NewIssue) -> Result<i64, SimulatorError> {
        let number = self.repository(repository)?.next_number();
        let mut issue = self.blank_issue(number, actor);
        issue.title = new.title;
        issue.body = new.body;
        self.repository_mut(repository)?.issues.insert(number, issue);
        let labels = self.labels_or_new(repository, &new.labels, actor)?;
        // What an issue is opened with is on it already when `opened` is told, and then told one by one.
        self.issue_mut(repository, number)?.labels.clone_from(&labels);
        self.issue_mut(repository, number)?.assignees.clone_from(&new.assignees);
        self.tell_issue((repository, number), "opened", json!({}), actor)?;
        for label in labels {
            self.tell_labeled((repository, number), label, actor)?;
        }
        for login in new.assignees {
            self.tell_assigned((repository, number), &login, true, actor)?;
        }
        Ok(number)
    }

    /// An issue with nothing in it yet.
    pub fn blank_issue(&mut self, number: i64, actor: &Actor) -> Issue {
        self.add_account(&actor.login, crate::simulator::github::entities::AccountKind::User);
        let now = self.now();
        Issue {
            id: self.fresh_id(),
            number,
            title: String::new(),
            body: None,
            author: actor.login.clone(),
            via_app: actor.via_app,
            labels: Vec::new(),
            assignees: Vec::new(),
            comments: Vec::new(),
            reactions: Vec::new(),
            history: Vec::new(),
            body_edited: None,
            links: Links::default(),
            state_reason: None,
            closed: None,
            created_at: now,
            updated_at: now,
            pull: None,
        }
    }

    /// Edits title and body; an edit that changes nothing is told to nobody.
    pub fn edit_issue(&mut self, at: (i64, i64), actor: &Actor, edit: IssueEdit) -> Done {
        let now = self.now();
        let issue = self.issue_mut(at.0, at.1)?;
        let mut changes = json!({});
        if let Some(title) = edit.title.filter(|title| *title != issue.title) {
            let before = std::mem::replace(&mut issue.title, title);
            changes["title"] = json!({"from": before});
        }
        let given = edit.body.map(|body| (!body.is_empty()).then_some(body));
        if let Some(body) = given.filter(|body| *body != issue.body) {
            let before = std::mem::replace(&mut issue.body, body);
            changes["body"] = json!({"from": before.unwrap_or_default()});
            issue.body_edited = Some((actor.login.clone(), now));
        }
        if changes == json!({}) {
            return Ok(());
        }
        issue.updated_at = now;
        if let Some(before) = changes.get("title").map(|title| title["from"].clone()) {
            let renamed = json!({"rename": {"from": before, "to": self.issue(at.0, at.1)?.title}});
            self.note(at, "renamed", renamed, actor)?;
        }
        self.tell_issue(at, "edited", json!({"changes": changes}), actor)
    }

    pub fn close_issue(&mut self, at: (i64, i64), actor: &Actor, reason: &str) -> Done {
        let now = self.now();
        let issue = self.issue_mut(at.0, at.1)?;
        if issue.closed.is_some() {
            return Ok(());
        }
        issue.closed = Some(Closed { at: now, by: actor.login.clone() });
        issue.state_reason = issue.pull.is_none().then(|| reason.to_owned());
        self.note(at, "closed", json!({"state_reason": reason}), actor)?;
        self.tell_issue(at, "closed", json!({}), actor)
    }

    pub fn reopen_issue(&mut self, at: (i64, i64), actor: &Actor) -> Done {
        let issue = self.issue_mut(at.0, at.1)?;
        if issue.closed.take().is_none() {
            return Ok(());
        }
        issue.state_reason = issue.pull.is_none().then(|| "reopened".to_owned());
        self.note(at, "reopened", json!({}), actor)?;
        self.tell_issue(at, "reopened", json!({}), actor)
    }

    /// Assigns or unassigns one account; whoever cannot be assigned is passed over in silence, as GitHub does.
    pub fn set_assigned(&mut self, at: (i64, i64), login: &str, on: bool, actor: &Actor) -> Done {
        let may = self.repository(at.0)?.is_collaborator(login);
        let Some(account) = self.account(login).map(|account| account.login.clone()) else { return Ok(()) };
        let issue = self.issue_mut(at.0, at.1)?;
        let position = issue.assignees.iter().position(|known| known.eq_ignore_ascii_case(login));
        match (position, on) {
            (None, true) if may && issue.assignees.len() < 10 => issue.assignees.push(account.clone()),
            (Some(found), false) => drop(issue.assignees.remove(found)),
            (None | Some(_), true | false) => return Ok(()),
        }
        self.tell_assigned(at, &account, on, actor)
    }

    fn tell_assigned(&mut self, at: (i64, i64), login: &str, on: bool, actor: &Actor) -> Done {
        let action = if on { "assigned" } else { "unassigned" };
        let assignee = self.views().user(login);
        let details = json!({"assignee": assignee, "assigner": self.views().user(&actor.login)});
        self.note(at, action, details, actor)?;
        self.tell_issue(at, action, json!({"assignee": assignee}), actor)
    }

    /// Deletes an issue for good.
    pub fn delete_issue(&mut self, at: (i64, i64), actor: &Actor) -> Done {
        self.tell_issue(at, "deleted", json!({}), actor)?;
        self.cut_loose(at)?;
        let home = self.repository_mut(at.0)?;
        home.issues.remove(&at.1);
        home.gone.insert(at.1, Gone::Deleted);
        Ok(())
    }

    /// Moves an issue to another repository of the same owner, where it gets a new number.
    pub fn transfer_issue(&mut self, at: (i64, i64), target: i64, actor: &Actor) -> Result<i64, SimulatorError> {
        self.cut_loose(at)?;
        let number = self.repository(target)?.next_number();
        let mut moved = self.issue(at.0, at.1)?.clone();
        moved.number = number;
        moved.id = self.fresh_id();
        moved.labels.clear();
        self.repository_mut(target)?.issues.insert(number, moved);
        let old_issue = self.views().told_issue(self.repository(at.0)?, self.issue(at.0, at.1)?);
        let home = self.repository(target)?;
        let new_issue = self.views().told_issue(home, self.issue(target, number)?);
        let changes = json!({"new_issue": new_issue, "new_repository": self.views().told_repository(home)});
        self.tell_issue(at, "transferred", json!({"changes": changes}), actor)?;
        let old = self.repository_mut(at.0)?;
        old.issues.remove(&at.1);
        old.gone.insert(at.1, Gone::Moved { repository: target, number });
        let changes =
            json!({"old_issue": old_issue, "old_repository": self.views().told_repository(self.repository(at.0)?)});
        self.tell_issue((target, number), "opened", json!({"changes": changes}), actor)?;
        Ok(number)
    }

    /// The `changes` of a body's edit.
    pub fn body_change(before: &str) -> Value {
        from("body", &before.into())
    }
}
