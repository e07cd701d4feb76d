//! The scenario language for pull requests: pushes, checks, reviews, and what people see of them.

use stationmaster::model::{Number, Subject};
use stationmaster::simulator::github::{CheckApp, NewPull, PullView, ReviewEvent};

use crate::world::{REPOSITORY, World};

/// How checks end in scenarios.
pub const SUCCESS: &str = "success";

impl World {
    /// Writes the repository's policy to its default branch.
    pub async fn set_policy(&self, text: &str) {
        self.github.write_file(REPOSITORY, "main", (".github/stationmaster.toml", text), "Change the policy").unwrap();
        self.settle().await;
    }

    /// Pushes files to a branch, which begins at `main` where it is new, and returns its head.
    pub fn push(&self, who: &str, branch: &str, files: &[(&str, &str)]) -> String {
        let files: Vec<(&str, Option<Vec<u8>>)> =
            files.iter().map(|(path, text)| (*path, Some(text.as_bytes().to_vec()))).collect();
        self.github.commit_files(REPOSITORY, who, branch, &files, &format!("Change {branch}")).unwrap()
    }

    /// Opens a pull request of a branch with these files, without letting anything happen yet.
    pub fn propose(&self, who: &str, branch: &str, files: &[(&str, &str)]) -> i64 {
        self.push(who, branch, files);
        let pull = NewPull {
            title: format!("Add {branch}"),
            body: Some(format!("Adds {branch}.")),
            head: branch.to_owned(),
            base: "main".to_owned(),
            ..NewPull::default()
        };
        self.github.open_pull(REPOSITORY, who, pull).unwrap().0
    }

    /// Opens a pull request by alice, who may write, and lets the world come to rest.
    pub async fn open_pull(&self, branch: &str, files: &[(&str, &str)]) -> i64 {
        let number = self.propose("alice", branch, files);
        self.settle().await;
        number
    }

    pub fn pull(&self, number: i64) -> PullView {
        self.github.pull(REPOSITORY, number).unwrap_or_else(|| panic!("there is no pull {number}"))
    }

    pub fn head(&self, number: i64) -> String {
        self.pull(number).head_sha
    }

    /// A check of GitHub Actions begins on the pull's head.
    pub fn check_begins(&self, number: i64, name: &str) -> i64 {
        self.github.start_check(REPOSITORY, &self.head(number), CheckApp::actions(), name).unwrap()
    }

    /// A check of GitHub Actions begins and ends on the pull's head.
    pub async fn check(&self, number: i64, name: &str, conclusion: &str) {
        let id = self.check_begins(number, name);
        self.github.finish_check(id, conclusion).unwrap();
        self.settle().await;
    }

    /// The one check of scenarios that are about something else.
    pub async fn ci_passes(&self, number: i64) {
        self.check(number, "build", SUCCESS).await;
    }

    pub async fn review(&self, number: i64, who: &str, event: ReviewEvent) {
        self.github.review(REPOSITORY, who, Number(number), (event, None)).unwrap();
        self.settle().await;
    }

    pub async fn say(&self, number: i64, who: &str, text: &str) {
        self.github.comment(REPOSITORY, who, Number(number), text).unwrap();
        self.settle().await;
    }

    pub async fn expect_merged(&self, number: i64) {
        let trouble = self.trouble(number).await;
        assert!(
            self.pull(number).merge_sha.is_some(),
            "pull {number} is not merged: {}\n{trouble:#?}",
            self.pull_state(number)
        );
    }

    /// What the server says of a pull that does not do as a scenario expects.
    async fn trouble(&self, number: i64) -> Vec<String> {
        let store = &self.app().store;
        let subject = self.pull_subject(number).await;
        let error = store.last_error(&subject).await.unwrap();
        let actions = store.actions(None, 20).await.unwrap();
        let decision = store.last_decision(&subject).await.unwrap();
        vec![format!("{error:?}"), format!("{decision:?}"), format!("{actions:#?}")]
    }

    /// Not merged, and the card says why in these words.
    pub fn expect_waiting(&self, number: i64, words: &[&str]) {
        assert!(self.pull(number).merge_sha.is_none(), "pull {number} is merged");
        let card = self.card(number);
        for words in words {
            assert!(card.contains(words), "the card of {number} does not say {words:?}:\n{card}");
        }
    }

    /// All that could tell why a scenario went otherwise.
    fn pull_state(&self, number: i64) -> String {
        let comments: Vec<String> = self.issue(number).comments.into_iter().map(|comment| comment.body).collect();
        format!("{:#?}\ncomments: {comments:#?}", self.pull(number))
    }

    /// The pull as a subject of the server's.
    pub async fn pull_subject(&self, number: i64) -> Subject {
        let known = self.app().store.repositories().await.unwrap();
        let id = known.iter().find(|known| known.name.to_string() == REPOSITORY).expect("no repository").id;
        Subject::Pull(id, Number(number))
    }

    /// Why the pull is not merged, as stored with the last decision about it.
    pub async fn why(&self, number: i64) -> Vec<String> {
        let subject = self.pull_subject(number).await;
        let decision = self.app().store.last_decision(&subject).await.unwrap().expect("nothing was decided");
        decision.explanation.blockers.iter().map(ToString::to_string).collect()
    }

    /// How often anything was decided about the pull.
    pub async fn looks(&self, number: i64) -> i64 {
        let subject = self.pull_subject(number).await;
        self.app().store.decisions_about(&subject).await.unwrap()
    }
}
