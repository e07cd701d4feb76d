//! `scan`: finds secrets in files, in a diff or in a text, without a server.

mod files;
mod report;
mod sarif;

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args};

use crate::decide::secrets::{Leak, ScanOptions, scan_added, scan_text};
use crate::policy::{Extension, FaultStyle, IgnoredLeaks, RuleFile, Rules, RulesPlace, SecretRules, read_file};
use crate::receive::read_diff;
pub use report::ScanFormat;

/// Exit status where something is found.
const FOUND: u8 = 1;
/// Exit status where the scan could not be done.
const FAILED: u8 = 2;

/// What `scan` takes.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true)))]
pub struct ScanArgs {
    /// A folder, a file, or `-` for a text on stdin
    #[arg(group = "what")]
    pub path: Option<PathBuf>,
    /// A unified diff, of which only the added lines count; `-` reads it from stdin
    #[arg(long, value_name = "FILE", group = "what")]
    pub diff: Option<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = ScanFormat::Text)]
    pub format: ScanFormat,
    /// A file of rules in gitleaks' format [default: .gitleaks.toml in the folder, else the server's rules]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of the server's rules [default: rules/ beside the program or here, else the built-in copy]
    #[arg(long, value_name = "DIR", env = "STATIONMASTER_RULES")]
    pub rules: Option<PathBuf>,
    /// Also find secrets on lines that say `gitleaks:allow`
    #[arg(long)]
    pub ignore_gitleaks_allow: bool,
    /// The largest file whose content is looked at
    #[arg(long, value_name = "MIB", default_value_t = 20)]
    pub max_file_mib: u64,
}

/// What a scan came to.
#[derive(Debug, Default)]
struct Scan {
    leaks: Vec<Leak>,
    /// Files, or changed files of a diff, that were looked at.
    files: u64,
    /// Sentences about what was not looked at.
    warnings: Vec<String>,
}

/// Scans and prints; exit status 1 where something is found, 2 where the scan could not be done, else 0.
#[must_use]
pub fn run(args: &ScanArgs) -> ExitCode {
    let scanned = scan(args).and_then(|(scan, rules)| {
        // Printed at once, so that nothing half is on stdout when something fails.
        let mut out = io::stdout().lock();
        report::print(args.format, (&scan.leaks, &rules), &mut out).context("stdout cannot be written to")?;
        out.flush()?;
        Ok(scan)
    });
    // Nobody is left to tell if stderr is closed.
    match scanned {
        Ok(scan) => {
            for warning in &scan.warnings {
                let _ = writeln!(io::stderr(), "warning: {warning}");
            }
            let _ = writeln!(io::stderr(), "{}", report::summary(&scan.leaks, scan.files));
            if scan.leaks.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn scan(args: &ScanArgs) -> Result<(Scan, SecretRules)> {
    let folder = match &args.path {
        Some(path) if path.is_dir() => path.clone(),
        Some(path) if path.is_file() => path.parent().map(Path::to_owned).unwrap_or_default(),
        Some(_) | None => PathBuf::new(),
    };
    let rules = rules(args, &folder)?;
    let ignore_file = folder.join(".gitleaksignore");
    let ignored = if ignore_file.is_file() {
        let text = std::fs::read_to_string(&ignore_file);
        IgnoredLeaks::parse(&text.with_context(|| format!("{} cannot be read", ignore_file.display()))?)
    } else {
        IgnoredLeaks::default()
    };
    let options = ScanOptions {
        honour_allow_comments: !args.ignore_gitleaks_allow,
        ignored: Some(&ignored),
        ..ScanOptions::default()
    };
    let most_bytes = args.max_file_mib.saturating_mul(1 << 20);
    let scan = match (&args.path, &args.diff) {
        (Some(path), _) if path.as_os_str() == "-" => scan_stdin(&rules, options, most_bytes)?,
        (Some(path), _) => files::scan(&rules, path, (options, most_bytes))?,
        (None, Some(diff)) => scan_diff(&rules, diff, options)?,
        (None, None) => bail!("nothing to scan: give a path, `-`, or --diff FILE"),
    };
    Ok((scan, rules))
}

/// The rules that `--config` names, else those of the folder, else the server's.
fn rules(args: &ScanArgs, folder: &Path) -> Result<SecretRules> {
    let place = match &args.rules {
        Some(folder) if !folder.is_dir() => bail!("the folder of rules {} is not there", folder.display()),
        Some(folder) => RulesPlace::Folder(folder.clone()),
        None => Rules::locate(None),
    };
    let own = folder.join(".gitleaks.toml");
    let file = match &args.config {
        Some(config) => Some(config.clone()),
        None => own.is_file().then_some(own),
    };
    let read = match file {
        None => SecretRules::load(&place),
        Some(path) => (|| {
            let default = SecretRules::default_file(&place)?;
            let beside = path.parent().map(Path::to_owned).unwrap_or_default();
            let find = |wanted: &str| -> Option<RuleFile> {
                let candidates = [beside.join(wanted), PathBuf::from(wanted)];
                candidates.iter().find(|path| path.is_file()).and_then(|path| read_file(path).ok())
            };
            SecretRules::read(read_file(&path)?, Some(&Extension { default: &default, find: &find }))
        })(),
    };
    read.map_err(|faults| {
        anyhow::anyhow!("the rules for secrets have faults\n{}", faults.render(FaultStyle::Plain).trim_end())
    })
}

fn scan_stdin(rules: &SecretRules, options: ScanOptions<'_>, most_bytes: u64) -> Result<Scan> {
    let mut text = Vec::new();
    io::stdin().lock().take(most_bytes + 1).read_to_end(&mut text).context("stdin cannot be read")?;
    if text.len() as u64 > most_bytes {
        bail!("stdin holds more than {} MiB; raise --max-file-mib", most_bytes >> 20);
    }
    Ok(Scan { leaks: scan_text(rules, "-", &text, options), files: 1, ..Scan::default() })
}

fn scan_diff(rules: &SecretRules, path: &Path, options: ScanOptions<'_>) -> Result<Scan> {
    let reader: Box<dyn io::BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("{} cannot be read", path.display()))?))
    };
    let mut scan = Scan::default();
    for change in read_diff(reader) {
        let change = change.with_context(|| path.display().to_string())?;
        scan.files += 1;
        scan.leaks.extend(scan_added(rules, &change, options));
    }
    Ok(scan)
}
