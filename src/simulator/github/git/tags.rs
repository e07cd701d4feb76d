//! Tags, bare and annotated, and what an object is.

use std::path::Path;

use git2::{ErrorCode, ObjectType, Oid, Signature, Time};

use super::{Author, Git};
use crate::model::Timestamp;

/// An annotated tag's own object.
pub struct TagView {
    pub sha: String,
    pub name: String,
    pub message: String,
    pub tagger: String,
    pub email: String,
    pub at: Timestamp,
    pub target: String,
    /// What the target is: `commit`, `tree`, `blob` or `tag`.
    pub kind: &'static str,
}

/// A tag object to be made.
pub struct NewTag<'a> {
    pub name: &'a str,
    pub message: &'a str,
    pub target: &'a str,
    pub tagger: Author<'a>,
    pub at: Timestamp,
}

impl Git {
    /// What a revision names, as (SHA, `commit`, `tag`, `tree` or `blob`).
    pub fn object(&self, revision: &str) -> Option<(String, &'static str)> {
        let object = self.repository.revparse_single(revision).ok()?;
        Some((object.id().to_string(), object.kind()?.str()))
    }

    /// What the object of exactly this SHA is.
    pub fn kind_of(&self, sha: &str) -> Option<&'static str> {
        let oid = Oid::from_str(sha).ok().filter(|_| sha.len() == 40)?;
        Some(self.repository.find_object(oid, None).ok()?.kind()?.str())
    }

    /// Makes a tag object without a ref to it.
    pub fn make_tag(&self, new: &NewTag<'_>) -> Result<String, git2::Error> {
        let target = self.repository.find_object(Oid::from_str(new.target)?, None)?;
        let tagger = Signature::new(new.tagger.name, new.tagger.email, &Time::new(new.at.seconds(), 0))?;
        Ok(self.repository.tag_annotation_create(new.name, &target, &tagger, new.message)?.to_string())
    }

    /// A tag object by its own SHA.
    pub fn tag(&self, sha: &str) -> Option<TagView> {
        let tag = self.repository.find_tag(Oid::from_str(sha).ok().filter(|_| sha.len() == 40)?).ok()?;
        let tagger = tag.tagger();
        let text = |text: Option<&[u8]>| String::from_utf8_lossy(text.unwrap_or_default()).into_owned();
        Some(TagView {
            sha: tag.id().to_string(),
            name: text(Some(tag.name_bytes())),
            message: text(tag.message_bytes()),
            tagger: text(tagger.as_ref().map(Signature::name_bytes)),
            email: text(tagger.as_ref().map(Signature::email_bytes)),
            at: Timestamp::from_seconds(tagger.as_ref().map_or(0, |tagger| tagger.when().seconds())),
            target: tag.target_id().to_string(),
            kind: tag.target_type().unwrap_or(ObjectType::Any).str(),
        })
    }

    /// Every tag with the commit that it means, by name.
    pub fn tags(&self) -> Result<Vec<(String, String)>, git2::Error> {
        let refs = self.matching("refs/tags/")?.into_iter();
        let peeled =
            refs.filter_map(|(name, sha)| Some((name.strip_prefix("refs/tags/")?.to_owned(), self.resolve(&sha)?)));
        Ok(peeled.collect())
    }

    /// Removes a ref, named in full; `false` when there is none.
    pub fn delete_reference(&self, name: &str) -> Result<bool, git2::Error> {
        match self.repository.find_reference(name) {
            Ok(mut reference) => reference.delete().map(|()| true),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a ref may have this full name.
    pub fn is_valid_reference(name: &str) -> bool {
        git2::Reference::is_valid_name(name)
    }

    /// The tree of a commit's workflow files; `None` where it has none.
    pub fn workflows(&self, sha: &str) -> Option<String> {
        let tree = self.find(sha).ok()?.tree().ok()?;
        Some(tree.get_path(Path::new(".github/workflows")).ok()?.id().to_string())
    }
}
