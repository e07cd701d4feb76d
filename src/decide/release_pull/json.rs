//! Finds members of JSON objects by their place in the text, so that nothing else of the file has to be written anew.

use std::ops::Range;

/// The members of the object that begins at `object.start`: names with the places of their values, in the order of the
/// file. The text has been found to be JSON; of anything else the answer may be incomplete, but is never a wrong place.
pub(super) fn members(text: &str, object: Range<usize>) -> Vec<(String, Range<usize>)> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: object.start };
    let mut found = Vec::new();
    scanner.skip_space();
    if scanner.here() != Some(b'{') {
        return found;
    }
    scanner.at += 1;
    loop {
        scanner.skip_space();
        if scanner.here() == Some(b',') {
            scanner.at += 1;
            continue;
        }
        if scanner.here() != Some(b'"') {
            return found;
        }
        let name = scanner.text();
        scanner.skip_space();
        if scanner.here() != Some(b':') {
            return found;
        }
        scanner.at += 1;
        scanner.skip_space();
        let value = scanner.value();
        // A name may be written with escapes.
        let name = text.get(name).and_then(|name| serde_json::from_str::<String>(name).ok());
        if let Some(name) = name {
            found.push((name, value));
        }
    }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn here(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.here(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over a text in quotes, both of them included.
    fn text(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.here() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
        start..self.at
    }

    /// Passes over a value, however deep it is nested.
    fn value(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.here() {
            match byte {
                b'"' => {
                    self.text();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => break,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                break;
            }
        }
        start..self.at
    }
}
