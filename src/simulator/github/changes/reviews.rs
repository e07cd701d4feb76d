//! Reviews submitted and dismissed.

use serde_json::json;

use super::{Done, Happening};
use crate::simulator::github::entities::{AccountKind, Actor};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::judging::{Review, ReviewEvent, ReviewState};
use crate::simulator::github::state::State;

/// A review to be submitted; without an event it stays pending.
#[derive(Debug)]
pub struct NewReview {
    /// The commit that was looked at; the head, where none is named.
    pub commit: Option<String>,
    pub body: String,
    pub event: Option<ReviewEvent>,
}

impl State {
    /// Submits a review. Nobody approves their own pull or asks themselves for changes.
    ///
    /// <https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request>
    pub fn review_pull(&mut self, at: (i64, i64), actor: &Actor, new: NewReview) -> Result<i64, SimulatorError> {
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let unknown = || SimulatorError::UnknownIssue { repository: home.full_name(), number: at.1 };
        let pull = issue.pull.as_ref().ok_or_else(unknown)?;
        let own = issue.author.eq_ignore_ascii_case(&actor.login);
        let refuse =
            |what: &str| Err(SimulatorError::Forbidden(format!("Review Can not {what} your own pull request")));
        let state = match new.event {
            Some(ReviewEvent::Approve) if own => return refuse("approve"),
            Some(ReviewEvent::RequestChanges) if own => return refuse("request changes on"),
            Some(ReviewEvent::Approve) => ReviewState::Approved,
            Some(ReviewEvent::RequestChanges) => ReviewState::ChangesRequested,
            Some(ReviewEvent::Comment) => ReviewState::Commented,
            None => ReviewState::Pending,
        };
        let commit = new.commit.unwrap_or_else(|| pull.head_sha.clone());
        if home.git.view(&commit).is_none() {
            return Err(SimulatorError::Forbidden("The given commit_id is not part of the pull request".to_owned()));
        }
        self.add_account(&actor.login, AccountKind::User);
        let (id, submitted_at) = (self.fresh_id(), self.now());
        let review = Review { id, author: actor.login.clone(), body: new.body, state, commit, submitted_at };
        self.repository_mut(at.0)?.judging.reviews.entry(at.1).or_default().push(review);
        if state != ReviewState::Pending {
            self.tell_review((at, id), "submitted", actor)?;
        }
        Ok(id)
    }

    /// Takes an approval or a request for changes out of account.
    pub fn dismiss_review(&mut self, at: (i64, i64), id: i64, actor: &Actor) -> Done {
        let reviews = self.repository_mut(at.0)?.judging.reviews.get_mut(&at.1);
        let review = reviews.and_then(|all| all.iter_mut().find(|review| review.id == id));
        let review = review.ok_or(SimulatorError::UnknownReview(id))?;
        match review.state {
            ReviewState::Approved | ReviewState::ChangesRequested => {}
            ReviewState::Commented | ReviewState::Dismissed | ReviewState::Pending => {
                let state = review.state.word().to_lowercase();
                return Err(SimulatorError::Forbidden(format!("Can not dismiss a {state} pull request review")));
            }
        }
        review.state = ReviewState::Dismissed;
        self.tell_review((at, id), "dismissed", actor)
    }

    /// After a push: dismisses the approvals of a pull whose base wants that.
    pub fn dismiss_stale_reviews(&mut self, at: (i64, i64), actor: &Actor) -> Done {
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let base = issue.pull.as_ref().map(|pull| pull.base.clone()).unwrap_or_default();
        if !home.judging.required(&base).dismiss_stale {
            return Ok(());
        }
        let approvals = home.judging.reviews_of(at.1).iter().filter(|review| review.state == ReviewState::Approved);
        let stale: Vec<i64> = approvals.map(|review| review.id).collect();
        stale.into_iter().try_for_each(|id| self.dismiss_review(at, id, actor))
    }

    fn tell_review(&mut self, (at, id): ((i64, i64), i64), action: &'static str, actor: &Actor) -> Done {
        let (home, issue) = (self.repository(at.0)?, self.issue(at.0, at.1)?);
        let Some(pull) = &issue.pull else { return Ok(()) };
        let review = home.judging.reviews_of(at.1).iter().find(|review| review.id == id);
        let review = review.ok_or(SimulatorError::UnknownReview(id))?;
        let mut told = self.views().review(home, issue, review);
        told["state"] = review.state.word().to_lowercase().into();
        let fields = json!({"review": told, "pull_request": self.views().pull_simple(home, issue, pull)});
        self.tell(at.0, Happening { event: "pull_request_review", action: Some(action), fields, actor })
    }
}
