//! Everybody whose work is in a release.

use super::landed;
use crate::model::{Login, ReleaseRange};

/// The addresses that GitHub makes from logins end so, on GitHub and on GitHub Enterprise
/// (<https://docs.github.com/en/account-and-profile/reference/email-addresses-reference>).
const NOREPLY: &str = "users.noreply.";

/// People who opened, wrote or are named as co-authors of what landed, each once, `known` first. Bots are no people.
pub(super) fn authors(range: &ReleaseRange, known: &[Login]) -> Vec<Login> {
    let bots: Vec<&Login> = range.pulls.iter().filter(|pull| landed::is_bot(pull)).map(|pull| &pull.author).collect();
    let opened = range.pulls.iter().map(|pull| pull.author.clone());
    let wrote = range.commits.iter().filter_map(|commit| commit.author.clone());
    let helped = range.commits.iter().flat_map(|commit| commit.message.lines()).filter_map(co_author);
    let mut authors: Vec<Login> = Vec::new();
    for login in known.iter().cloned().chain(opened).chain(wrote).chain(helped) {
        let bot = landed::is_bot_login(&login) || bots.iter().any(|bot| bot.is(&login));
        if !bot && !authors.iter().any(|author| author.is(&login)) {
            authors.push(login);
        }
    }
    authors
}

/// The account that a trailer `Co-authored-by: Name <12+login@users.noreply.github.com>` names.
fn co_author(line: &str) -> Option<Login> {
    const TRAILER: &str = "co-authored-by:";
    let line = line.trim();
    if !line.get(..TRAILER.len())?.eq_ignore_ascii_case(TRAILER) {
        return None;
    }
    let (_, address) = line.rsplit_once('<')?;
    let (local, host) = address.strip_suffix('>')?.split_once('@')?;
    let account = local.split_once('+').map_or(local, |(_, account)| account);
    host.starts_with(NOREPLY).then(|| Login::from(account))
}
