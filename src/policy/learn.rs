//! What `[learn]` says: which conclusions are drawn from what happened before, and what becomes of them.

use serde::Serialize;

use super::fault::Complaint;
use super::reader::{Section, nearest};

/// What becomes of rules that history suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LearnRules {
    /// None are looked for.
    Off,
    /// They are shown to whoever looks.
    #[default]
    Show,
    /// They are proposed by a pull request, too.
    Pull,
}

impl LearnRules {
    const ALL: [Self; 3] = [Self::Off, Self::Show, Self::Pull];

    /// The word in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Show => "show",
            Self::Pull => "pull",
        }
    }
}

/// The table `[learn]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LearnSettings {
    /// What becomes of rules that history suggests.
    pub rules: LearnRules,
    /// Whether it is said how long pulls like one took until they were merged.
    pub merge_time: bool,
    /// Whether it is said how likely the answer to a task is late.
    pub sla_risk: bool,
    /// Whether checks are named that fail and then pass.
    pub flaky: bool,
}

impl Default for LearnSettings {
    fn default() -> Self {
        Self { rules: LearnRules::default(), merge_time: true, sla_risk: true, flaky: true }
    }
}

/// Reads the table `[learn]`.
pub(super) fn read_learn(top: &mut Section<'_>) -> LearnSettings {
    let mut settings = LearnSettings::default();
    let Some(mut section) = top.table("learn") else { return settings };
    if let Some(word) = section.text("rules") {
        let known = LearnRules::ALL.into_iter().find(|known| known.as_str() == *word.get_ref());
        if known.is_none() {
            section.document.fault(word.span(), not_known(word.get_ref()));
        }
        settings.rules = known.unwrap_or_default();
    }
    let switches = [
        ("merge_time", &mut settings.merge_time),
        ("sla_risk", &mut settings.sla_risk),
        ("flaky", &mut settings.flaky),
    ];
    for (key, switch) in switches {
        if let Some(on) = section.boolean(key) {
            *switch = on.into_inner();
        }
    }
    section.finish();
    settings
}

fn not_known(word: &str) -> Complaint {
    let known = LearnRules::ALL.map(LearnRules::as_str);
    let help = nearest(word, &known).map_or_else(
        || "`show` shows what history suggests, and `pull` also opens a pull request".to_owned(),
        |near| format!("did you mean \"{near}\"?"),
    );
    let message = format!("{word:?} is nothing that can become of learned rules");
    Complaint::new(message, "\"off\", \"show\" or \"pull\"", help)
}
