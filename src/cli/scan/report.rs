//! Findings as text or JSON; nothing of a secret is in them.

use std::collections::BTreeSet;
use std::io::Write;

use clap::ValueEnum;

use super::sarif;
use crate::decide::secrets::Leak;
use crate::policy::SecretRules;

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScanFormat {
    /// One line each: file, line, column, rule and what it finds
    Text,
    /// A JSON list of objects
    Json,
    /// SARIF 2.1.0, which code hosts and editors read
    Sarif,
}

/// Prints all findings.
pub(super) fn print(
    format: ScanFormat,
    (leaks, rules): (&[Leak], &SecretRules),
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        ScanFormat::Text => {
            for leak in leaks {
                let Leak { path, line, column, rule, description, fingerprint, .. } = leak;
                writeln!(out, "{path}:{line}:{column}: {rule}: {description} ({fingerprint})")?;
            }
        }
        ScanFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, leaks)?;
            writeln!(out)?;
        }
        ScanFormat::Sarif => {
            serde_json::to_writer_pretty(&mut *out, &sarif::log(leaks, rules))?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// One line about the whole.
pub(super) fn summary(leaks: &[Leak], files: u64) -> String {
    let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let looked_at = counted(files, "file", "files");
    if leaks.is_empty() {
        return format!("no secrets in {looked_at}");
    }
    let with: BTreeSet<&str> = leaks.iter().map(|leak| leak.path.as_str()).collect();
    let secrets = counted(leaks.len() as u64, "secret", "secrets");
    format!("{secrets} in {} of {looked_at}", with.len())
}
