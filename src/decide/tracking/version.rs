//! Which release somebody means: by its tag with or without the prefix, or by the first digits of its commit.

use super::refusal::AskRefusal;
use crate::model::{Released, TagName};

/// GitHub shows this many digits of a commit, and so people write no fewer.
const SHA_MIN_DIGITS: usize = 7;
/// A refusal lists so many versions.
const LISTED_MAX: usize = 10;

/// The release that is meant.
pub(super) fn meant<'a>(asked: &str, releases: &'a [Released]) -> Result<&'a Released, AskRefusal> {
    let asked = asked.trim();
    let tag = |release: &Released| release.version.tag.as_str().to_ascii_lowercase();
    let lower = asked.to_ascii_lowercase();
    if let Some(exact) = releases.iter().find(|release| tag(release) == lower) {
        return Ok(exact);
    }
    let is_sha = lower.len() >= SHA_MIN_DIGITS && lower.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (prefix, number) = split(&lower);
    let fits = |release: &&Released| {
        let its_tag = tag(release);
        let (its_prefix, its_number) = split(&its_tag);
        let same_number = number.is_some() && number == its_number;
        let by_tag = same_number && (prefix.is_empty() || prefix == "v" || prefix == its_prefix);
        by_tag || (is_sha && release.version.sha.as_str().starts_with(&lower))
    };
    let fitting: Vec<&Released> = releases.iter().filter(fits).collect();
    match fitting.as_slice() {
        [] => Err(unknown(asked, releases)),
        [one] => Ok(one),
        // A pre-release and what became of it stand at one commit: the newer is meant, and it is the same code.
        [newest, others @ ..] if others.iter().all(|other| other.version.sha == newest.version.sha) => Ok(newest),
        several => Err(AskRefusal::SeveralVersions {
            asked: asked.to_owned(),
            meant: tags(several.iter().copied().take(LISTED_MAX)),
        }),
    }
}

fn unknown(asked: &str, releases: &[Released]) -> AskRefusal {
    AskRefusal::NoSuchVersion {
        asked: asked.to_owned(),
        known: tags(releases.iter().take(LISTED_MAX)),
        more: releases.len() > LISTED_MAX,
    }
}

fn tags<'a>(releases: impl Iterator<Item = &'a Released>) -> Vec<TagName> {
    releases.map(|release| release.version.tag.clone()).collect()
}

/// What stands before the number, and the number, where there is one.
fn split(tag: &str) -> (&str, Option<semver::Version>) {
    let mut starts = tag.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at);
    starts
        .find_map(|at| Some((&tag[..at], semver::Version::parse(&tag[at..]).ok()?)))
        .map_or((tag, None), |(prefix, number)| (prefix, Some(number)))
}
