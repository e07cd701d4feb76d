//! What `[trust]` says: whose pull requests are merged although they have no write permission.

use serde::Serialize;

use super::fault::Complaint;
use super::reader::Section;
use crate::model::{ActorKind, Login};

/// How GitHub ends the logins of Apps.
const BOT: &str = "[bot]";

/// The table `[trust]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TrustSettings {
    /// Accounts of people.
    pub logins: Vec<Login>,
    /// Apps, by the name before `[bot]`.
    pub bots: Vec<Login>,
}

impl TrustSettings {
    /// Whether this author is listed. A person cannot pass for an App of the same name, nor the other way round.
    #[must_use]
    pub fn lists(&self, author: &Login, kind: ActorKind) -> bool {
        let listed = |list: &[Login], login: &Login| list.iter().any(|one| one.is(login));
        match kind {
            ActorKind::Bot => {
                let name = author.as_str().strip_suffix(BOT).unwrap_or(author.as_str());
                listed(&self.bots, &Login::from(name))
            }
            ActorKind::User | ActorKind::Other => listed(&self.logins, author),
        }
    }
}

/// Reads the table `[trust]`.
pub(super) fn read_trust(top: &mut Section<'_>) -> TrustSettings {
    let mut settings = TrustSettings::default();
    let Some(mut section) = top.table("trust") else { return settings };
    for login in section.texts("logins").unwrap_or_default() {
        if login.get_ref().ends_with(BOT) {
            let complaint = Complaint::new(
                format!("`{}` is an App", login.get_ref()),
                "the account of a person",
                "move it to `bots`, which lists Apps",
            );
            section.document.fault(login.span(), complaint);
        }
        settings.logins.push(Login::new(login.get_ref().trim_start_matches('@')));
    }
    for bot in section.texts("bots").unwrap_or_default() {
        settings.bots.push(Login::new(bot.get_ref().trim_end_matches(BOT)));
    }
    section.finish();
    settings
}
