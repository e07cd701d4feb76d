//! Comments written, edited and deleted.

use serde_json::{Value, json};

use super::{Done, Happening};
use crate::simulator::github::entities::{AccountKind, Actor, Comment};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

impl State {
    pub fn add_comment(&mut self, at: (i64, i64), actor: &Actor, body: &str) -> Result<i64, SimulatorError> {
        self.add_account(&actor.login, AccountKind::User);
        let (id, now) = (self.fresh_id(), self.now());
        let issue = self.issue_mut(at.0, at.1)?;
        issue.updated_at = now;
        issue.comments.push(Comment {
            id,
            body: body.to_owned(),
            author: actor.login.clone(),
            via_app: actor.via_app,
            created_at: now,
            updated_at: now,
            edits: 0,
            editor: None,
            reactions: Vec::new(),
        });
        self.tell_comment((at, id), "created", json!({}), actor)?;
        Ok(id)
    }

    pub fn edit_comment(&mut self, repository: i64, id: i64, actor: &Actor, body: &str) -> Done {
        let number = self.issue_of_comment(repository, id)?;
        let now = self.now();
        let comment = self.comment_mut(repository, id)?;
        let before = std::mem::replace(&mut comment.body, body.to_owned());
        if before == body {
            return Ok(());
        }
        comment.edits += 1;
        comment.editor = Some(actor.login.clone());
        comment.updated_at = now;
        self.issue_mut(repository, number)?.updated_at = now;
        let changes = json!({"changes": Self::body_change(&before)});
        self.tell_comment(((repository, number), id), "edited", changes, actor)
    }

    pub fn delete_comment(&mut self, repository: i64, id: i64, actor: &Actor) -> Done {
        let number = self.issue_of_comment(repository, id)?;
        self.tell_comment(((repository, number), id), "deleted", json!({}), actor)?;
        self.issue_mut(repository, number)?.comments.retain(|comment| comment.id != id);
        Ok(())
    }

    pub fn comment_mut(&mut self, repository: i64, id: i64) -> Result<&mut Comment, SimulatorError> {
        let number = self.issue_of_comment(repository, id)?;
        let mut comments = self.issue_mut(repository, number)?.comments.iter_mut();
        comments.find(|comment| comment.id == id).ok_or(SimulatorError::UnknownComment(id))
    }

    fn tell_comment(
        &mut self,
        (at, id): ((i64, i64), i64),
        action: &'static str,
        mut fields: Value,
        actor: &Actor,
    ) -> Done {
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let comment = issue.comments.iter().find(|comment| comment.id == id);
        let comment = comment.ok_or(SimulatorError::UnknownComment(id))?;
        fields["issue"] = self.views().told_issue(home, issue);
        fields["comment"] = self.views().comment(home, issue, comment);
        self.tell(at.0, Happening { event: "issue_comment", action: Some(action), fields, actor })
    }
}
