//! An issue or pull request as the command line names it: `owner/name#12`.

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
