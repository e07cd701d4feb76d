//! Where commands that call a server speak: the bare result on stdout, prose on stderr.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

/// The two handles, and whether the result is wanted as JSON.
pub struct Spoken<'a> {
    /// For results.
    pub out: &'a mut dyn Write,
    /// For prose.
    pub prose: &'a mut dyn Write,
    /// Whether results are JSON.
    pub json: bool,
}

impl Spoken<'_> {
    /// Prints the result: as it is for scripts and people, or all that is known of it as one line of JSON.
    pub fn result(&mut self, bare: &str, all: &impl Serialize) -> Result<()> {
        if self.json {
            writeln!(self.out, "{}", serde_json::to_string(all)?)?;
        } else if !bare.is_empty() {
            writeln!(self.out, "{bare}")?;
        }
        Ok(())
    }

    /// Says something beside the result.
    pub fn say(&mut self, sentence: &str) {
        // What was asked for is done; that nobody listens to the prose changes nothing.
        let _ = writeln!(self.prose, "{sentence}");
    }
}
