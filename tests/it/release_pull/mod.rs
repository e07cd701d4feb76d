//! Release pull requests as they are planned: the changelog, the files that state the version, and the order itself.

mod cargo;
mod changelog;
mod npm;
mod order;
mod python;
mod scene;
