//! What the command line names: an issue or pull request as `owner/name#12`, releases as `owner/name`, an environment as `owner/name@prod`.

use std::str::FromStr;

pub use crate::model::Item;
use crate::model::{IdError, RepositoryName};

/// Whatever has reasons that `why` can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An issue or a pull request.
    Item(Item),
    /// A repository's releases.
    Releases(RepositoryName),
    /// An environment of a repository, by its name.
    Environment(RepositoryName, String),
}

impl FromStr for Named {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.contains('#') {
            return text.parse().map(Self::Item);
        }
        let expected = "an issue or pull request such as owner/name#12, releases such as owner/name, or an environment \
                        such as owner/name@prod";
        let wrong = || IdError { text: text.to_owned(), expected };
        match text.split_once('@') {
            Some((_, "")) => Err(wrong()),
            Some((repository, name)) => {
                Ok(Self::Environment(repository.parse().map_err(|_| wrong())?, name.to_owned()))
            }
            None => text.parse().map(Self::Releases).map_err(|_| wrong()),
        }
    }
}
