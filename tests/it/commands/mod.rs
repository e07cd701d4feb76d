//! Slash-commands, from the text of a comment to what it does to a pull request.

mod parsing;
mod performing;
mod pulls;
pub mod stage;
