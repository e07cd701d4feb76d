//! Reviews of pull requests.

use super::Judging;
use crate::model::Timestamp;

/// What a reviewer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewEvent {
    /// The pull may be merged.
    Approve,
    /// The pull must be changed first.
    RequestChanges,
    /// Words only.
    Comment,
}

impl ReviewEvent {
    /// Reads GitHub's word, such as `REQUEST_CHANGES`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "APPROVE" => Some(Self::Approve),
            "REQUEST_CHANGES" => Some(Self::RequestChanges),
            "COMMENT" => Some(Self::Comment),
            _ => None,
        }
    }
}

/// What a review says now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// It approves.
    Approved,
    /// It asks for changes.
    ChangesRequested,
    /// It only comments.
    Commented,
    /// It counts no more.
    Dismissed,
    /// It was begun and not yet submitted.
    Pending,
}

impl ReviewState {
    /// GitHub's word in answers; webhooks have it in lower case.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::ChangesRequested => "CHANGES_REQUESTED",
            Self::Commented => "COMMENTED",
            Self::Dismissed => "DISMISSED",
            Self::Pending => "PENDING",
        }
    }
}

/// A review as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: i64,
    /// Who reviewed.
    pub author: String,
    /// What was said.
    pub body: String,
    /// What it says now.
    pub state: ReviewState,
    /// The commit that was looked at; it stays when the head moves.
    pub commit: String,
    /// When it was submitted.
    pub submitted_at: Timestamp,
}

impl Judging {
    pub fn reviews_of(&self, number: i64) -> &[Review] {
        self.reviews.get(&number).map_or(&[], Vec::as_slice)
    }

    /// Each reviewer's last word that decides something; a comment takes nothing back, a dismissal does.
    pub fn decisive_reviews(&self, number: i64) -> Vec<&Review> {
        let all = self.reviews_of(number);
        let decides = |review: &&Review| match review.state {
            ReviewState::Approved | ReviewState::ChangesRequested | ReviewState::Dismissed => true,
            ReviewState::Commented | ReviewState::Pending => false,
        };
        let decisive: Vec<&Review> = all.iter().filter(decides).collect();
        let last = |one: &&Review| !decisive.iter().any(|other| other.author == one.author && other.id > one.id);
        decisive.iter().copied().filter(last).filter(|review| review.state != ReviewState::Dismissed).collect()
    }
}
