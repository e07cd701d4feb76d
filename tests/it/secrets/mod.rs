//! The secret engine: gitleaks' format, scanning of files and changes, the shipped rules and the command.

mod allowlists;
mod changes;
mod command;
mod diff;
mod extend;
mod format;
mod shipped;

use stationmaster::decide::secrets::{Leak, ScanOptions, scan_text};
use stationmaster::policy::{RuleFile, SecretRules};

/// Rules of a file's text, which must have no faults.
#[track_caller]
fn rules(text: &str) -> SecretRules {
    SecretRules::read(RuleFile::new(".gitleaks.toml", text), None).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The faults of a file's text, a line each.
#[track_caller]
fn faults(text: &str) -> String {
    SecretRules::read(RuleFile::new(".gitleaks.toml", text), None).expect_err("the file has no faults").to_string()
}

/// The findings in a text, as `rule:line`.
fn found(rules: &SecretRules, path: &str, text: &str) -> Vec<String> {
    named(&scan_text(rules, path, text.as_bytes(), ScanOptions::default()))
}

fn named(leaks: &[Leak]) -> Vec<String> {
    leaks.iter().map(|leak| format!("{}:{}", leak.rule, leak.line)).collect()
}

/// Replaces `<a36>` and the like by made-up characters, the same ones each time.
fn filled(template: &str) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut pick = |letters: &str, count: usize| -> String {
        let letters: Vec<char> = letters.chars().collect();
        let one = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            letters[usize::try_from(state >> 33).unwrap() % letters.len()]
        };
        (0..count).map(one).collect()
    };
    let (small, capital, digit) = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789");
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (kind, after) = after.split_once('>').unwrap();
        rest = after;
        let hex = "0123456789abcdef";
        if kind == "uuid" {
            let parts: Vec<String> = [8, 4, 4, 4, 12].into_iter().map(|count| pick(hex, count)).collect();
            text.push_str(&parts.join("-"));
            continue;
        }
        let letters = match &kind[..1] {
            "a" => format!("{small}{capital}{digit}"),
            "A" => format!("{small}{capital}"),
            "l" => format!("{small}{digit}"),
            "u" => format!("{capital}{digit}"),
            "B" => format!("{capital}234567"),
            "Z" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".to_owned(),
            "h" => hex.to_owned(),
            "d" => digit.to_owned(),
            other => panic!("{other} is no kind of letters"),
        };
        text.push_str(&pick(&letters, kind[1..].parse().unwrap()));
    }
    text + rest
}
