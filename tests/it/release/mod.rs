//! Releases: which commit is released, under which version, with which notes, and what is told of it.

mod level;
mod notes;
mod promotion;
mod scene;
mod turn;
mod version;
