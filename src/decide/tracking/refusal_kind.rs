//! What kind of refusal it is: whoever asks by command line or API is answered by kind as well as by sentence.

use super::refusal::AskRefusal;

/// What would have to change for the ask to be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// It names what does not exist.
    Unknown,
    /// It cannot be understood, or lacks something.
    Unclear,
    /// It is clear, and does not fit to how things stand.
    Unfitting,
}

impl AskRefusal {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> RefusalKind {
        match self {
            Self::NoSuchEnvironment { .. } | Self::NoSuchVersion { .. } => RefusalKind::Unknown,
            Self::SeveralVersions { .. }
            | Self::WhyMissing { .. }
            | Self::UntilUnreadable { .. }
            | Self::UntilPast { .. } => RefusalKind::Unclear,
            Self::NothingReleased { .. }
            | Self::Prerelease { .. }
            | Self::NotFrozen { .. }
            | Self::NothingWaits { .. }
            | Self::OthersWait { .. }
            | Self::SeveralWait { .. } => RefusalKind::Unfitting,
        }
    }

    /// What it displays as a sentence of its own.
    #[must_use]
    pub fn sentence(&self) -> String {
        let text = self.to_string();
        // A tag at the beginning stays as it is written.
        let is_word = text.split(' ').next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
        match text.chars().next() {
            Some(first) if is_word => format!("{}{}.", first.to_ascii_uppercase(), &text[first.len_utf8()..]),
            Some(_) | None => format!("{text}."),
        }
    }
}
