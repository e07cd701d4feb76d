//! Faults of rule and policy files: where, what, what was expected and what to do about it.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

/// So many faults are told of all files together.
const FAULTS_TOLD_MAX: usize = 200;

/// A file of rules or policy as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// The name that faults show, such as `rules/routing.toml`.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl RuleFile {
    /// A file that is already in memory.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The name without folders.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    /// Line and column of a byte offset, both counted from 1, columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
    }
}

/// What is wrong, in three parts that every fault has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong.
    pub message: String,
    /// What would have been right, so that it reads after "expected".
    pub expected: String,
    /// What to do.
    pub help: String,
}

impl Complaint {
    /// The three parts in that order.
    pub fn new(message: impl Into<String>, expected: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), expected: expected.into(), help: help.into() }
    }
}

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// The file, or the folder when files are missing from it.
    pub file: String,
    /// From 1; 0 when the fault is not at a place within the file.
    pub line: usize,
    /// From 1, in characters; 0 when the fault is not at a place within the file.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would have been right.
    pub expected: String,
    /// What to do.
    pub help: String,
    place: Option<(Arc<RuleFile>, Range<usize>)>,
}

impl RuleFault {
    /// A fault at a byte range of a file.
    #[must_use]
    pub fn at(file: &Arc<RuleFile>, span: Range<usize>, complaint: Complaint) -> Self {
        let (line, column) = file.position(span.start);
        let Complaint { message, expected, help } = complaint;
        let place = Some((Arc::clone(file), span));
        Self { file: file.name.clone(), line, column, message, expected, help, place }
    }

    /// A fault of a file or folder as a whole.
    pub fn of_file(file: impl Into<String>, complaint: Complaint) -> Self {
        let Complaint { message, expected, help } = complaint;
        Self { file: file.into(), line: 0, column: 0, message, expected, help, place: None }
    }

    /// The fault with its source line, a mark under the place and the help, as `style` says.
    #[must_use]
    pub fn render(&self, style: FaultStyle) -> String {
        let theme = match style {
            FaultStyle::Plain => return format!("{self}\n"),
            FaultStyle::Carets => GraphicalTheme::none(),
            FaultStyle::Coloured => GraphicalTheme::unicode(),
        };
        let shown = MietteDiagnostic::new(&self.message).with_help(&self.help);
        let report = match &self.place {
            Some((file, span)) => {
                let label = LabeledSpan::at(span.clone(), format!("expected {}", self.expected));
                Report::from(shown.with_label(label)).with_source_code(NamedSource::new(&file.name, file.text.clone()))
            }
            None => {
                Report::from(MietteDiagnostic::new(format!("{}: {}", self.file, self.message)).with_help(&self.help))
            }
        };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_width(120).with_context_lines(1).with_links(false);
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            return format!("{self}\n");
        }
        text
    }
}

impl fmt::Display for RuleFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:", self.file)?;
        if self.line > 0 {
            write!(out, "{}:{}:", self.line, self.column)?;
        }
        write!(out, " {}: expected {}; {}", self.message, self.expected, self.help)
    }
}

/// How faults are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultStyle {
    /// One line each: `file:line:column: message`.
    Plain,
    /// The source line with carets under the place, without colours: for pipes and logs.
    Carets,
    /// The source line with the place underlined, in colours: for terminals.
    Coloured,
}

/// Every fault that was found, in the order of files and lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<RuleFault>);

impl Faults {
    /// `Ok(value)` when there are no faults.
    pub fn none_or<T>(mut faults: Vec<RuleFault>, value: impl FnOnce() -> Option<T>) -> Result<T, Self> {
        if faults.is_empty()
            && let Some(value) = value()
        {
            return Ok(value);
        }
        faults.truncate(FAULTS_TOLD_MAX);
        // Stable, so that files stay in the order in which they were read.
        faults.sort_by(|a, b| {
            if a.file == b.file { (a.line, a.column).cmp(&(b.line, b.column)) } else { std::cmp::Ordering::Equal }
        });
        Err(Self(faults))
    }

    /// The faults.
    #[must_use]
    pub fn list(&self) -> &[RuleFault] {
        &self.0
    }

    /// All of them, printed as `style` says.
    #[must_use]
    pub fn render(&self, style: FaultStyle) -> String {
        let mut text = String::new();
        for fault in &self.0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}", fault.render(style));
        }
        text
    }
}

impl From<RuleFault> for Faults {
    fn from(fault: RuleFault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            fault.fmt(out)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
