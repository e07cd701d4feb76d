//! `rules`: lint files of rules and policy, and run the rows that say what rules are expected to do.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::backtest::{self, BacktestArgs};
use super::learned::{self, LearnArgs};
use crate::config::{Config, Flags};
use crate::decide::review::check_examples;
use crate::decide::{Route, route};
use crate::model::RoleName;
use crate::policy::{
    Expectation, FaultStyle, Faults, Policy, RepositoryPolicy, ReviewRules, ReviewSource, RuleFile, Rules, RulesPlace,
    SecretRules, read_expectations, read_file,
};

/// Commands about rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Look for faults in rule and policy files
    Check(CheckArgs),
    /// Run rows of titles and what must come of them
    Test(TestArgs),
    /// Show what the rules would have done with issues of the past
    Backtest(BacktestArgs),
    /// Suggest rules for titles that people had to give a type by hand
    Learn(LearnArgs),
}

/// What `rules check` takes.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folders of rules, single rule files, or a repository's .github/stationmaster.toml
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The folder of rules [default: rules/ beside the program or here, else the built-in copy]
    #[arg(long, value_name = "DIR", env = "STATIONMASTER_RULES")]
    pub rules: Option<PathBuf>,
    /// How faults are printed
    #[arg(long, value_enum, default_value_t = FaultFormat::Auto)]
    pub format: FaultFormat,
}

/// What `rules test` takes.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The file with `[[expect]]` rows
    pub file: PathBuf,
    /// The folder of rules [default: rules/ beside the program or here, else the built-in copy]
    #[arg(long, value_name = "DIR", env = "STATIONMASTER_RULES")]
    pub rules: Option<PathBuf>,
    /// How faults are printed
    #[arg(long, value_enum, default_value_t = FaultFormat::Auto)]
    pub format: FaultFormat,
}

/// How faults are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FaultFormat {
    /// With the source line, in colours on a terminal
    Auto,
    /// With the source line, never in colours
    Carets,
    /// One line each: file, line, column and message
    Plain,
}

impl FaultFormat {
    fn style(self) -> FaultStyle {
        match self {
            Self::Plain => FaultStyle::Plain,
            Self::Auto if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() => {
                FaultStyle::Coloured
            }
            Self::Auto | Self::Carets => FaultStyle::Carets,
        }
    }
}

/// Runs one `rules` command.
pub async fn run(command: &RulesCommand, flags: &Flags, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match command {
        RulesCommand::Check(args) => check(args, out),
        RulesCommand::Test(args) => test(args, out),
        RulesCommand::Learn(args) => learned::run(args, Config::read(flags)?, out).await,
        RulesCommand::Backtest(args) => backtest::of_rules(args, flags, out).await,
    }
}

/// Prints every fault of the files, or one line for each path that is fine; exit status 1 when there are faults.
pub fn check(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut outcomes = Vec::new();
    if args.paths.is_empty() || (args.rules.is_some() && !args.paths.iter().any(|path| path.is_dir())) {
        let place = Rules::locate(args.rules.as_deref());
        outcomes.push(place.load().map(|rules| summary("rules", &rules)));
        outcomes.push(check_review(match &place {
            RulesPlace::Folder(folder) => ReviewSource::load(folder),
            RulesPlace::Builtin => Ok(ReviewSource::builtin()),
        }));
    }
    for path in &args.paths {
        outcomes.push(check_path(path, args.rules.as_deref()));
        if path.is_dir() && (path.join("review.toml").is_file() || path.join("structural").is_dir()) {
            outcomes.push(check_review(ReviewSource::load(path)));
        }
    }
    let mut total = 0;
    for outcome in outcomes {
        match outcome {
            Ok(line) => writeln!(out, "{line}")?,
            Err(faults) => {
                total += faults.list().len();
                write!(out, "{}", faults.render(args.format.style()))?;
            }
        }
    }
    if total == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{total} {}", if total == 1 { "fault" } else { "faults" })?;
    Ok(ExitCode::FAILURE)
}

/// Lints one path: what is in a file is told by its name.
fn check_path(path: &Path, rules: Option<&Path>) -> Result<String, Faults> {
    let shown = path.display().to_string();
    if path.is_dir() {
        return Rules::load(path).map(|rules| summary(&shown, &rules));
    }
    let file = read_file(path)?;
    let name = file.short_name().to_owned();
    let parent = path.parent().unwrap_or(Path::new("."));
    let parent_name = parent.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    if parent_name == "tests" && path.extension().is_some_and(|extension| extension == "toml") {
        return read_expectations(file).map(|rows| format!("{shown}: {} rows, no faults", rows.len()));
    }
    if matches!(name.as_str(), "secrets.toml" | ".gitleaks.toml") {
        let secrets = SecretRules::read(file, None)?;
        return Ok(format!("{shown}: {} rules for secrets, no faults", secrets.rules().len()));
    }
    let is_yaml = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
    if name == "review.toml" || is_yaml {
        return check_review_file(file, is_yaml)
            .map(|count| format!("{shown}: {count} rules of the review, no faults"));
    }
    if name == "workers.toml" {
        return Rules::from_files(vec![file]).map(|rules| summary(&shown, &rules));
    }
    if name == "commands.toml" {
        return Rules::from_files(vec![file])
            .map(|rules| format!("{shown}: {} commands, no faults", rules.commands.len()));
    }
    if name.starts_with("routing") || parent_name == "routing.d" {
        return check_routing(file, parent).map(|rules| summary(&shown, &rules));
    }
    let policy = RepositoryPolicy::parse_with_roles(&file.text, &file.name, &roles(rules)?)?;
    let environments = match policy.environments.len() {
        0 => String::new(),
        count => format!(", {count} environments"),
    };
    Ok(format!("{shown}: {} rules of a repository{environments}, no faults", policy.rules.len()))
}

/// Compiles the review's rules and tries their examples, which the built-in copy leaves out.
pub(super) fn check_review(source: Result<ReviewSource, Faults>) -> Result<String, Faults> {
    let source = source?;
    let has_examples = !source.examples.is_empty();
    let rules = ReviewRules::compile(source)?;
    let wrong = if has_examples { check_examples(&rules) } else { Vec::new() };
    let count = rules.lines.len() + rules.forbidden.len() + rules.structural.len();
    Faults::none_or(wrong, || Some(format!("review: {count} rules, no faults")))
}

/// One `review.toml`, or one file of structural rules, of the server or of a repository.
fn check_review_file(file: RuleFile, is_yaml: bool) -> Result<usize, Faults> {
    let mut source = ReviewSource::builtin();
    source.structural = Vec::new();
    if is_yaml {
        source.structural.push(file);
        return Ok(ReviewRules::compile(source)?.structural.len());
    }
    source.review = file;
    let rules = ReviewRules::compile(source)?;
    Ok(rules.lines.len() + rules.forbidden.len())
}

/// A file of rules alone is checked against the roster beside it, or else the built-in one.
fn check_routing(file: RuleFile, parent: &Path) -> Result<Rules, Faults> {
    let candidates = [parent.join("workers.toml"), parent.join("../workers.toml")];
    let roster = match candidates.iter().find(|path| path.is_file()) {
        Some(path) => read_file(path)?,
        None => Rules::builtin_roster(),
    };
    Rules::from_files(vec![file, roster])
}

fn roles(rules: Option<&Path>) -> Result<BTreeSet<RoleName>, Faults> {
    Ok(Rules::locate(rules).load()?.role_names())
}

fn summary(shown: &str, rules: &Rules) -> String {
    let Rules { routing, roster, commands, .. } = rules;
    let (role_count, worker_count) = (roster.roles.len(), roster.workers.len());
    let commands = match commands.len() {
        0 => String::new(),
        count => format!(", {count} commands"),
    };
    format!("{shown}: {} rules, {role_count} roles, {worker_count} workers{commands}, no faults", routing.len())
}

/// Runs the rows of a file and prints each one that fails, with what won and why; exit status 1 when one does.
pub fn test(args: &TestArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let loaded = Rules::locate(args.rules.as_deref())
        .load()
        .and_then(|rules| Ok((Policy::combine(&rules, None), read_expectations(read_file(&args.file)?)?)));
    let (policy, rows) = match loaded {
        Ok(loaded) => loaded,
        Err(faults) => {
            write!(out, "{}", faults.render(args.format.style()))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut failing = 0;
    for row in &rows {
        let route = route(&policy.routing, &row.input());
        let wrong = differences(row, &route);
        if wrong.is_empty() {
            continue;
        }
        failing += 1;
        writeln!(out, "{}:{}: {:?}: {}", args.file.display(), row.line, row.title, wrong.join(", "))?;
        let explanation = route.explanation();
        for reason in &explanation.reasons {
            writeln!(out, "    {reason}")?;
        }
        for blocker in &explanation.blockers {
            writeln!(out, "    {blocker}")?;
        }
    }
    writeln!(out, "{} rows, {failing} failing", rows.len())?;
    Ok(if failing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What came out otherwise than expected, a sentence part each.
fn differences(row: &Expectation, route: &Route) -> Vec<String> {
    let won = route.winner.as_ref().map(|winner| winner.rule.as_str());
    let role = route.role.as_ref().map(RoleName::as_str);
    let mut wrong = Vec::new();
    let mut compare = |what: &str, expected: Option<&str>, got: Option<&str>| {
        if expected.is_some() && expected != got {
            wrong.push(format!("expected {what} {}, got {}", expected.unwrap_or("none"), got.unwrap_or("none")));
        }
    };
    compare("type", row.task_type.as_deref(), Some(route.task_type.as_str()));
    compare("role", row.role.as_deref(), role);
    compare("rule", row.rule.as_deref(), won);
    let (expected, got) = (row.priority.map(|number| number.to_string()), route.rule_priority.to_string());
    compare("priority", expected.as_deref(), Some(&got));
    wrong
}
