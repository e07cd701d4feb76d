//! What a command shows on stderr while it takes long: on a terminal only, and gone when it ends.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often it moves.
const TICK: Duration = Duration::from_millis(120);

/// Something goes on, and nobody can say how long.
pub(super) fn waiting(what: &str) -> ProgressBar {
    // Drawn to stderr, and not at all where that is no terminal.
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(TICK);
    bar
}

/// So many of so many, and what is under way.
pub(super) fn counting() -> ProgressBar {
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A size as people read it.
pub(super) fn bytes(size: u64) -> String {
    indicatif::HumanBytes(size).to_string()
}
