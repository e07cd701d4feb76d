//! What shows that a task is done: understanding what was handed in, and judging what was found.

mod code;
mod counts;
mod judge;
mod links;
mod named;
mod page;
mod research;
mod verdict;

pub(super) use judge::{awaited, judge};
pub use links::tasks_of_pull;

use crate::model::{Evidence, EvidenceKind, RepositoryName, TaskBlocker};

/// A text no longer than this, in characters, that shows nothing is quoted in the refusal.
const QUOTED_CHARS: usize = 40;

/// The web address of the GitHub on which an issue lives, as [`parse`] wants it: `github.com`, `ghe.example.com:8443`,
/// or with `http://` in front where its pages have no TLS. Empty where the address has no host, so that nothing fits.
#[must_use]
pub fn web_host(issue_url: &str) -> String {
    let (scheme, rest) = issue_url.split_once("://").unwrap_or(("", ""));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if scheme.eq_ignore_ascii_case("http") { format!("http://{host}") } else { host }
}

/// Understands what somebody hands in for a task of the repository `home`; `web_host` is what [`web_host`] makes of the
/// issue's address.
///
/// # Errors
/// What is missing, and what would do.
pub fn parse(
    kind: EvidenceKind,
    text: &str,
    (home, web_host): (&RepositoryName, &str),
) -> Result<Evidence, TaskBlocker> {
    let text = text.trim();
    let found = match kind {
        EvidenceKind::Code => code::read(text, home, web_host),
        EvidenceKind::Test => counts::read(text),
        EvidenceKind::Verification => named::read(text),
        EvidenceKind::Research => research::read(text),
        EvidenceKind::Documentation => page::read(text, home, web_host),
    };
    found.map_err(|mut missing| {
        missing.splice(0..0, says_nothing(text));
        TaskBlocker::EvidenceMissing { wanted: wanted(kind, home, web_host), missing }
    })
}

/// What a kind of evidence looks like, with an example that can be copied.
#[must_use]
pub fn wanted(kind: EvidenceKind, home: &RepositoryName, web_host: &str) -> String {
    match kind {
        EvidenceKind::Code => {
            let base =
                if web_host.starts_with("http://") { web_host.to_owned() } else { format!("https://{web_host}") };
            format!("the address of a pull request, such as `/complete {base}/{home}/pull/7`")
        }
        EvidenceKind::Test => "how many tests passed and failed, such as `/complete passed=12 failed=0`".to_owned(),
        EvidenceKind::Verification => {
            "each check by name and how it ended, such as `/complete smoke test: passed`, or checks of a commit, such \
             as `/complete checks: build, deploy commit 1a2b3c4d`"
                .to_owned()
        }
        EvidenceKind::Research => "a summary of at least 40 characters and its sources, such as `/complete Both \
                                   libraries retry by themselves, only one with jitter. sources: \
                                   https://docs.example.com/retry`"
            .to_owned(),
        EvidenceKind::Documentation => {
            "the address of a page or the path of a file, such as `/complete docs/signals.md`".to_owned()
        }
    }
}

/// Words alone, such as "Done" or "Fixed it", show nothing, and neither does no word at all.
fn says_nothing(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("nothing was handed in".to_owned());
    }
    let words_alone = text.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || ".!'’,".contains(c));
    (words_alone && text.chars().count() <= QUOTED_CHARS).then(|| format!("\"{text}\" alone shows nothing"))
}

/// The words of a text without the signs that people and Markdown put around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let around = |c: char| "<>()[]{}\"'`*,;!".contains(c);
    // The address of a Markdown link stands behind its text, without a space between.
    text.split_whitespace()
        .flat_map(|word| word.split("]("))
        .map(move |word| word.trim_matches(around).trim_end_matches(['.', ':']).trim_end_matches(around))
}
