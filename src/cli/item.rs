//! What the command line names: an issue or pull request as `owner/name#12`, releases as `owner/name`, an environment as `owner/name@prod`.

use std::str::FromStr;

use crate::model::{IdError, Number, RepositoryName};

/// A repository and a number in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The repository.
    pub repository: RepositoryName,
    /// The number.
    pub number: Number,
}

impl FromStr for Item {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError { text: text.to_owned(), expected: "an issue or pull request such as owner/name#12" };
        let (repository, number) = text.split_once('#').ok_or_else(wrong)?;
        let number: i64 = number.parse().map_err(|_| wrong())?;
        let repository = repository.parse().map_err(|_| wrong())?;
        if number < 1 { Err(wrong()) } else { Ok(Self { repository, number: Number(number) }) }
    }
}

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
