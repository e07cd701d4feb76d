//! Plans the pull request that prepares a release: the changelog's new section, and the version in the files that state it.

mod cargo;
mod changelog;
mod json;
mod npm;
mod order;
mod python;
mod sheet;
mod toml_version;
mod version_file;

pub use order::{NextRelease, plan, version_of_title, wanted_files};
