//! What a line is about: its subject as people call it, and the page where more of it stands.

use super::href::segment;
use super::viewer::Viewer;
use crate::model::Subject;

/// A subject for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    pub(super) text: String,
    /// Its page, if there is one.
    pub(super) href: Option<String>,
}

/// A stored subject as this viewer is told of it. One of a repository that is not known any more keeps its plain name.
pub(super) fn about(viewer: &Viewer, stored: &str) -> About {
    let plain = || About { text: stored.to_owned(), href: None };
    let Ok(subject) = stored.parse::<Subject>() else { return plain() };
    let Some(seen) = viewer.repository(subject.repository()) else { return plain() };
    let name = &seen.repository.name;
    let (text, href) = match &subject {
        Subject::Issue(_, number) => (format!("{name}#{number}"), Some(format!("/tasks/{name}/{number}"))),
        Subject::Pull(_, number) => (format!("{name}#{number}"), Some(format!("/pulls/{name}/{number}"))),
        Subject::Branch(_, branch) => (format!("{name}:{branch}"), None),
        Subject::Repository(_) => (name.to_string(), None),
        Subject::Releases(_) => (format!("{name} releases"), Some("/releases".to_owned())),
        Subject::Environment(_, environment) => {
            let page = format!("/releases/{name}/{}", segment(environment.as_str()));
            (format!("{name}@{environment}"), Some(page))
        }
    };
    About { text, href }
}
