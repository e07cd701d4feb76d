//! What `[[freeze]]` says: times in which nothing is merged.

use serde::{Serialize, Serializer};

use super::fault::Complaint;
use super::merge::{globs, labels};
use super::pattern::Wildcard;
use super::reader::Section;
use crate::model::{BranchName, LabelName, Timestamp};

/// One `[[freeze]]`.
#[derive(Debug, Clone, Serialize)]
pub struct FreezeWindow {
    /// Its beginning; `None` when it is in force already.
    #[serde(serialize_with = "as_text")]
    pub from: Option<Timestamp>,
    /// Its end, which is the first moment without it; `None` when it has none.
    #[serde(serialize_with = "as_text")]
    pub until: Option<Timestamp>,
    /// Why.
    pub why: String,
    /// The bases that it is for; empty for all.
    pub bases: Vec<Wildcard>,
    /// Labels whose pulls are merged all the same.
    pub except_labels: Vec<LabelName>,
}

impl FreezeWindow {
    /// Whether it keeps a pull with these labels from this base at this time.
    #[must_use]
    pub fn stops(&self, base: &BranchName, labels: &[LabelName], now: Timestamp) -> bool {
        let in_force = self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until);
        let meant = self.bases.is_empty() || self.bases.iter().any(|glob| glob.is_match(base.as_str()));
        let excepted = self
            .except_labels
            .iter()
            .any(|except| labels.iter().any(|label| label.as_str().eq_ignore_ascii_case(except.as_str())));
        in_force && meant && !excepted
    }
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn as_text<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(Timestamp::to_rfc3339).serialize(serializer)
}

/// Reads the tables `[[freeze]]`.
pub(super) fn read_freezes(top: &mut Section<'_>) -> Vec<FreezeWindow> {
    top.tables("freeze").into_iter().map(read_freeze).collect()
}

fn read_freeze(mut section: Section<'_>) -> FreezeWindow {
    let from = section.time("from");
    let until = section.time("until");
    let why = section.required_text("why", "\"the fair\"");
    if let (Some(from), Some(until)) = (&from, &until)
        && from.get_ref() >= until.get_ref()
    {
        let complaint =
            Complaint::new("`until` is not after `from`", "a later time", "swap the two, or mend the later one");
        section.document.fault(until.span(), complaint);
    }
    let bases = globs(&mut section, "bases").unwrap_or_default();
    let except_labels = labels(&mut section, "except_labels").unwrap_or_default();
    section.finish();
    FreezeWindow {
        from: from.map(toml::Spanned::into_inner),
        until: until.map(toml::Spanned::into_inner),
        why: why.map(|why| why.into_inner().to_owned()).unwrap_or_default(),
        bases,
        except_labels,
    }
}
