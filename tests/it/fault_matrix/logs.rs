//! What people would find in the log: collected on this test's own thread, and counted.

use serde_json::Value;
use stationmaster::config::LogFormat;
use stationmaster::logging::subscriber;
use tracing::subscriber::DefaultGuard;

use crate::log_lines::LogLines;

/// The log from now on; all that a world does, it does on the thread of its test.
pub struct Logs {
    lines: LogLines,
    _guard: DefaultGuard,
}

impl Logs {
    pub fn begin() -> Self {
        let lines = LogLines::new();
        let writer = lines.clone();
        let filter = "warn,stationmaster::trouble=info";
        let to = subscriber(LogFormat::Json, filter, (move || writer.clone(), None)).unwrap();
        Self { lines, _guard: tracing::subscriber::set_default(to) }
    }

    fn all(&self) -> Vec<Value> {
        let text = self.lines.text();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What was said when a trouble began, by its cause.
    pub fn begun(&self, cause: &str) -> Vec<String> {
        self.said("WARN", cause)
    }

    /// What was said when it was over.
    pub fn over(&self, cause: &str) -> Vec<String> {
        self.said("INFO", cause)
    }

    fn said(&self, level: &str, cause: &str) -> Vec<String> {
        let told = |line: &Value| line["level"] == level && line["trouble"] == cause;
        self.all().into_iter().filter(told).map(|line| line.to_string()).collect()
    }

    /// Causes that began more often than they ended.
    pub fn unended(&self) -> Vec<String> {
        let mut open: Vec<String> = Vec::new();
        for line in self.all() {
            let Some(cause) = line["trouble"].as_str() else { continue };
            if line["level"] == "WARN" {
                open.push(cause.to_owned());
            } else if let Some(at) = open.iter().position(|known| known == cause) {
                open.remove(at);
            }
        }
        open
    }

    /// Warnings and errors that belong to no trouble.
    pub fn others(&self) -> Vec<String> {
        let other = |line: &Value| line["level"] != "INFO" && line["trouble"].is_null();
        self.all().into_iter().filter(other).map(|line| line.to_string()).collect()
    }
}
