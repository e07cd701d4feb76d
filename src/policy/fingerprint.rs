//! A name for the exact words of rules and policy, so that a change of them can be seen.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 in hexadecimal over named texts, in order.
#[must_use]
pub fn fingerprint<'t>(parts: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut hash = Sha256::new();
    for (name, text) in parts {
        // Lengths first, so that no two different lists run together to the same bytes.
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
