//! The issue on which a release is followed: asks, commands, card, and when it is closed.

mod asks;
mod card;
mod closing;
mod commands;
mod scene;
