//! One line of the table: a number, what it has to be, who asked for that, and whether it is.

use comfy_table::{Table, presets};

/// What a number has to be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// Nothing was asked for; it is shown beside those of which something was.
    Shown,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    name: String,
    target: Target,
    unit: &'static str,
    source: &'static str,
    result: String,
    met: &'static str,
}

impl Row {
    /// A number that was measured, in `unit`, and the issue that names its target.
    pub fn new(
        name: impl Into<String>,
        source: &'static str,
        (target, unit): (Target, &'static str),
        value: f64,
    ) -> Self {
        let met = match target {
            Target::AtLeast(least) => Some(value >= least),
            Target::AtMost(most) => Some(value <= most),
            Target::Shown => None,
        };
        let met = met.map_or("", |met| if met { "yes" } else { "**no**" });
        Self { name: name.into(), target, unit, source, result: format!("{}{unit}", digits(value)), met }
    }

    /// A number that is shown and of which nothing was asked.
    pub fn shown(name: impl Into<String>, result: impl Into<String>) -> Self {
        Self { name: name.into(), target: Target::Shown, unit: "", source: "", result: result.into(), met: "" }
    }

    /// A number that cannot be measured, and what to install.
    pub fn unmeasured(name: impl Into<String>, source: &'static str, why: impl Into<String>) -> Self {
        Self { source, met: "**no**", ..Self::shown(name, why) }
    }

    /// A number that a test asserts on each run, whatever the machine.
    pub fn tested(name: impl Into<String>, source: &'static str, target: (Target, &'static str), test: &str) -> Self {
        Self { target: target.0, unit: target.1, source, met: "by test", ..Self::shown(name, format!("`{test}`")) }
    }

    /// More about how the number came about, in brackets behind it.
    #[must_use]
    pub fn with(mut self, more: impl std::fmt::Display) -> Self {
        self.result = format!("{} ({more})", self.result);
        self
    }

    /// Whether it is not what it has to be.
    pub fn is_missed(&self) -> bool {
        self.met == "**no**"
    }
}

/// Three digits that count, and no more than two behind the point.
fn digits(value: f64) -> String {
    let behind = if value.abs() >= 100.0 { 0 } else { usize::from(value.abs() < 10.0) + 1 };
    format!("{value:.behind$}")
}

/// All lines, as Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["what", "target", "named in", "result", "met"]);
    for row in rows {
        let target = match row.target {
            Target::AtLeast(least) => format!("≥ {}{}", digits_of_target(least), row.unit),
            Target::AtMost(most) => format!("≤ {}{}", digits_of_target(most), row.unit),
            Target::Shown => String::new(),
        };
        table.add_row([row.name.as_str(), target.as_str(), row.source, row.result.as_str(), row.met]);
    }
    table.to_string()
}

/// A target as people write it.
fn digits_of_target(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value}") }
}
