//! The merge queue: what is tested together, what lands, and who is to blame.

mod bisect;
mod builds;
mod github;
mod landing;
mod order;
mod scene;
mod simulation;
mod store;
mod verdicts;
