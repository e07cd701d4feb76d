//! Environments: what is deployed where, whether it is healthy, and what is gone back to.

mod approvals;
mod asks;
mod begins;
mod ends;
mod rollbacks;
mod scene;
mod steps;
mod walk;
