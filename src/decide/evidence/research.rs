//! Reads what was found out, and where it is from.

use crate::model::Evidence;

/// A shorter summary, in characters, says too little to anybody who was not there.
const SUMMARY_CHARS: usize = 40;
const SOURCES: &str = "sources:";

/// A summary, and sources: addresses anywhere in the text, or a list behind `sources:`.
pub(super) fn read(text: &str) -> Result<Evidence, Vec<String>> {
    let at = text.to_ascii_lowercase().rfind(SOURCES);
    let (said, listed) = match at {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + SOURCES.len()..).unwrap_or_default()),
        None => (text, ""),
    };
    let said = said.trim().trim_end_matches("--").trim();
    let titled = said.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case("summary"));
    let said = titled.map_or(said, |(_, rest)| rest);
    let summary: String = said.split_whitespace().filter(|word| address(word).is_none()).collect::<Vec<_>>().join(" ");
    let mut sources: Vec<String> = said.split_whitespace().filter_map(address).collect();
    for entry in listed.split(['\n', ',', ';']) {
        let entry = entry.trim().trim_start_matches(['-', '*', ' ']).trim();
        let addresses: Vec<String> = entry.split_whitespace().filter_map(address).collect();
        match addresses.is_empty() {
            true if !entry.is_empty() => sources.push(entry.to_owned()),
            true => {}
            false => sources.extend(addresses),
        }
    }
    let mut missing = Vec::new();
    let chars = summary.chars().count();
    if chars < SUMMARY_CHARS {
        missing.push(format!("the summary has {chars} characters, and at least {SUMMARY_CHARS} are needed"));
    }
    if sources.is_empty() {
        missing.push("no source is named".to_owned());
    }
    if missing.is_empty() { Ok(Evidence::Research { summary, sources }) } else { Err(missing) }
}

/// The address that a word is, without the signs around it.
fn address(word: &str) -> Option<String> {
    let start = word.find("https://").or_else(|| word.find("http://"))?;
    let address = word.get(start..)?.trim_end_matches([')', ']', '>', '.', ',', ';', '`', '"', '\'']);
    // More than the scheme.
    (address.split_once("://")?.1.len() > 2).then(|| address.to_owned())
}
