//! Tables: with borders and a bold header on a terminal, plain and one line a row when piped.

use std::fmt;
use std::io::IsTerminal as _;

use comfy_table::{ContentArrangement, Row, Table, presets};

/// A table that is put together row by row and printed at the end.
pub(super) struct Listing {
    table: Table,
    style: Style,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// For programs and files.
    Plain,
    /// For people, at this width; in bold where colours are welcome.
    Bordered { bold: bool },
}

impl Listing {
    /// A table for stdout with these columns.
    pub(super) fn new(header: &[&str]) -> Self {
        let style = if std::io::stdout().is_terminal() {
            // https://no-color.org
            let bold = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            Style::Bordered { bold }
        } else {
            Style::Plain
        };
        Self::styled(header, style, width())
    }

    fn styled(header: &[&str], style: Style, width: Option<u16>) -> Self {
        let mut table = Table::new();
        let preset = match style {
            Style::Plain => presets::NOTHING,
            Style::Bordered { .. } => presets::UTF8_FULL_CONDENSED,
        };
        table.load_style(preset).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
        if let (Style::Bordered { .. }, Some(width)) = (style, width) {
            table.set_width(width);
        }
        Self { table, style }
    }

    /// One more row.
    pub(super) fn add_row<T: Into<Row>>(&mut self, row: T) -> &mut Self {
        self.table.add_row(row);
        self
    }

    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.table.to_string();
        if self.style != (Style::Bordered { bold: true }) {
            return out.write_str(&text);
        }
        // The header is what stands above the first rule that crosses the whole table.
        let mut in_header = true;
        for (number, line) in text.lines().enumerate() {
            in_header &= !line.starts_with(['╞', '├']);
            let newline = if number == 0 { "" } else { "\n" };
            if in_header && number > 0 {
                write!(out, "{newline}\u{1b}[1m{line}\u{1b}[0m")?;
            } else {
                write!(out, "{newline}{line}")?;
            }
        }
        Ok(())
    }
}

/// How wide the terminal is, if stdout is one.
fn width() -> Option<u16> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0)
}

#[cfg(test)]
mod tests;
