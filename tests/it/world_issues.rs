//! The scenario language for issues: what people write, label, link and close, and what GitHub cannot say.

use stationmaster::model::{CommentId, Number};
use stationmaster::observe::{self, ObservedIssue};
use stationmaster::simulator::github::{CommentView, Fault, FaultKind, Permission};

use crate::world::{REPOSITORY, World};

impl World {
    /// Somebody comments, and the world comes to rest.
    pub async fn comment_as(&self, number: i64, login: &str, text: &str) -> CommentId {
        let comment = self.github.comment(REPOSITORY, login, Number(number), text).unwrap();
        self.settle().await;
        comment
    }

    /// Somebody edits a comment, whoever wrote it.
    pub async fn edit_comment(&self, comment: CommentId, login: &str, text: &str) {
        self.github.edit_comment(REPOSITORY, login, comment, text).unwrap();
        self.settle().await;
    }

    /// Our own comments, the card among them.
    pub fn bot_comments(&self, number: i64) -> Vec<CommentView> {
        let own = self.github.app_login();
        self.issue(number).comments.into_iter().filter(|comment| comment.author == own).collect()
    }

    /// The reactions to a comment, in order.
    pub fn reactions_to(&self, number: i64, comment: CommentId) -> Vec<String> {
        let comments = self.issue(number).comments;
        let found = comments.into_iter().find(|known| known.id == comment.0).expect("no such comment");
        found.reactions.into_iter().map(|(_, content)| content).collect()
    }

    /// Somebody edits the text of an issue.
    pub async fn edit_issue_body(&self, number: i64, login: &str, text: &str) {
        self.github.edit_body(REPOSITORY, login, Number(number), text).unwrap();
        self.settle().await;
    }

    /// Somebody puts a label on.
    pub async fn label_as(&self, number: i64, label: &str, login: &str) {
        self.github.add_label(REPOSITORY, login, Number(number), label).unwrap();
        self.settle().await;
    }

    /// Somebody takes a label off.
    pub async fn unlabel_as(&self, number: i64, label: &str, login: &str) {
        self.github.remove_label(REPOSITORY, login, Number(number), label).unwrap();
        self.settle().await;
    }

    /// Gives somebody a role on the repository. What was asked within the last minute is still believed.
    pub fn permission(&self, login: &str, permission: Permission) {
        self.github.add_user(login);
        self.github.set_permission(REPOSITORY, login, permission).unwrap();
    }

    /// The next so many questions about permissions are answered with 500.
    pub fn permissions_fail(&self, times: u32) {
        self.github.inject(Fault::new("/permission", FaultKind::Status(500)).method("GET").times(times));
    }

    /// Somebody has an issue wait for another one.
    pub async fn add_dependency(&self, number: i64, login: &str, on: i64) {
        self.github.add_dependency(REPOSITORY, login, Number(number), (REPOSITORY, Number(on))).unwrap();
        self.settle().await;
    }

    /// Somebody makes an issue part of another one.
    pub async fn add_sub_issue(&self, parent: i64, login: &str, child: i64) {
        self.github.add_sub_issue(REPOSITORY, login, Number(parent), Number(child)).unwrap();
        self.settle().await;
    }

    /// Somebody closes an issue as completed.
    pub async fn close_issue(&self, number: i64, login: &str) {
        self.github.close_issue(REPOSITORY, login, Number(number)).unwrap();
        self.settle().await;
    }

    /// What a look at an issue finds.
    pub async fn observed(&self, number: i64) -> ObservedIssue {
        let known = self.app().store.repositories().await.unwrap();
        let id = known.iter().find(|known| known.name.to_string() == REPOSITORY).expect("no repository").id;
        let installation = self.github.installation_id("octo").unwrap();
        let github = &self.app().hands.github;
        let repository = observe::repository(github, installation, id).await.unwrap().unwrap();
        observe::issue(github, repository, Number(number)).await.unwrap().expect("no such issue")
    }
}
