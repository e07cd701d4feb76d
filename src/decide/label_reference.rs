//! Every label that Stationmaster sets, in Markdown.

use std::fmt::Write as _;

use super::labels::{ESCALATED, SLA_BREACHED, STUCK, URGENT, spec};
use crate::model::{LabelFamily, LabelName, LabelSpec, Level, TaskState};

/// From the least to the most.
const LEVELS: [Level; 4] = [Level::Low, Level::Medium, Level::High, Level::Critical];

/// The labels with their colours, as the reference shows them.
#[must_use]
pub fn labels_markdown() -> String {
    let levels = || LEVELS.map(|level| level.as_str().to_owned()).to_vec();
    let states = TaskState::ALL.iter().map(|state| state.as_str().to_owned()).collect();
    let one_of = |family: LabelFamily, values: Vec<String>| {
        values.into_iter().map(move |value| family.label(&value)).collect::<Vec<_>>()
    };
    let named = |family: LabelFamily, value: &str| vec![family.label(value)];
    let flags = [URGENT, SLA_BREACHED, STUCK, ESCALATED].map(LabelName::from).to_vec();
    let parts = [
        ("Where the task stands; exactly one. Set by hand, it is put back.", one_of(LabelFamily::Status, states)),
        ("What kind of task it is, as a rule or a person says. A person's wins.", named(LabelFamily::Type, "…")),
        ("How soon it is wanted. A person's wins.", one_of(LabelFamily::Priority, levels())),
        ("How dangerous it is. A person's wins.", one_of(LabelFamily::Risk, levels())),
        ("Who could do it.", named(LabelFamily::Role, "…")),
        ("Who does it. A person's wins.", named(LabelFamily::Worker, "…")),
        ("What somebody should look at.", flags),
    ];
    let mut text = String::new();
    for (says, labels) in parts {
        // Writing to a text cannot fail.
        let _ = write!(text, "{says}\n\n| label | colour | description |\n| --- | --- | --- |\n");
        for label in labels {
            let LabelSpec { name, colour, description } = spec(&label);
            let _ = writeln!(text, "| `{name}` | `#{colour}` | {description} |");
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}
