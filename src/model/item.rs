//! What people call an issue or a pull request: `owner/name#12`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{IdError, Number, RepositoryName};

/// A repository and a number in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Item {
    /// The repository.
    pub repository: RepositoryName,
    /// The number.
    pub number: Number,
}

impl Item {
    /// Reads `owner/name#12`, `#12` or `12`, where the last two mean an item of `home`.
    ///
    /// # Errors
    /// Anything else.
    pub fn near(text: &str, home: &RepositoryName) -> Result<Self, IdError> {
        let own = text.strip_prefix('#').unwrap_or(text);
        match own.parse::<i64>() {
            Ok(number) if number > 0 => Ok(Self { repository: home.clone(), number: Number(number) }),
            Ok(_) | Err(_) => text.parse(),
        }
    }

    /// The same item by name, whatever the case.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.number == other.number && self.repository.is(&other.repository)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}#{}", self.repository, self.number)
    }
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

impl TryFrom<String> for Item {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Item> for String {
    fn from(item: Item) -> Self {
        item.to_string()
    }
}
