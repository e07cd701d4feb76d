//! Labels of a repository, and labels put on and taken off issues.

use serde_json::{Value, json};

use super::{Done, Happening, from};
use crate::simulator::github::entities::{Actor, Label};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

/// The labels that every new repository starts with.
///
/// <https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels#about-default-labels>
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
];

/// A label to be created.
#[derive(Debug)]
pub struct NewLabel {
    pub name: String,
    pub color: String,
    pub description: Option<String>,
}

impl NewLabel {
    /// A label that somebody used without creating it first is grey.
    fn grey(name: &str) -> Self {
        Self { name: name.to_owned(), color: "ededed".to_owned(), description: None }
    }
}

impl State {
    pub fn default_labels(&mut self) -> Vec<Label> {
        let make = |(name, color, description): &(&str, &str, &str)| Label {
            id: self.fresh_id(),
            name: (*name).to_owned(),
            color: (*color).to_owned(),
            description: Some((*description).to_owned()),
            default: true,
        };
        DEFAULTS.iter().map(make).collect()
    }

    pub fn create_label(&mut self, repository: i64, new: NewLabel, actor: &Actor) -> Result<i64, SimulatorError> {
        let id = self.fresh_id();
        let label = Label { id, name: new.name, color: new.color, description: new.description, default: false };
        self.repository_mut(repository)?.labels.push(label);
        self.tell_of_label(repository, id, ("created", json!({})), actor)?;
        Ok(id)
    }

    /// Replaces name, colour and description.
    pub fn edit_label(&mut self, repository: i64, id: i64, new: NewLabel, actor: &Actor) -> Done {
        let mut labels = self.repository_mut(repository)?.labels.iter_mut();
        let Some(label) = labels.find(|label| label.id == id) else { return Ok(()) };
        let mut changes = json!({});
        if label.name != new.name {
            changes["name"] = from("name", &label.name.clone().into())["name"].take();
        }
        if label.color != new.color {
            changes["color"] = json!({"from": label.color});
        }
        if label.description != new.description {
            changes["description"] = json!({"from": label.description.clone().unwrap_or_default()});
        }
        (label.name, label.color, label.description) = (new.name, new.color, new.description);
        self.tell_of_label(repository, id, ("edited", json!({"changes": changes})), actor)
    }

    pub fn delete_label(&mut self, repository: i64, id: i64, actor: &Actor) -> Done {
        self.tell_of_label(repository, id, ("deleted", json!({})), actor)?;
        let repository = self.repository_mut(repository)?;
        repository.labels.retain(|label| label.id != id);
        for issue in repository.issues.values_mut() {
            issue.labels.retain(|worn| *worn != id);
        }
        Ok(())
    }

    fn tell_of_label(
        &mut self,
        repository: i64,
        id: i64,
        (action, mut fields): (&'static str, Value),
        actor: &Actor,
    ) -> Done {
        fields["label"] = self.label_view(repository, id)?;
        self.tell(repository, Happening { event: "label", action: Some(action), fields, actor })
    }

    fn label_view(&self, repository: i64, id: i64) -> Result<Value, SimulatorError> {
        let home = self.repository(repository)?;
        Ok(home.label_by_id(id).map_or(Value::Null, |label| self.views().label(home, label)))
    }

    /// The ids of these labels; one that does not exist yet is created in grey.
    pub fn labels_or_new(
        &mut self,
        repository: i64,
        names: &[String],
        actor: &Actor,
    ) -> Result<Vec<i64>, SimulatorError> {
        let mut ids = Vec::new();
        for name in names {
            let known = self.repository(repository)?.label(name).map(|label| label.id);
            let id = match known {
                Some(id) => id,
                None => self.create_label(repository, NewLabel::grey(name), actor)?,
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Puts labels on, telling of each that was not there.
    pub fn add_labels(&mut self, at: (i64, i64), names: &[String], actor: &Actor) -> Done {
        for id in self.labels_or_new(at.0, names, actor)? {
            let issue = self.issue_mut(at.0, at.1)?;
            if !issue.labels.contains(&id) {
                issue.labels.push(id);
                self.tell_labeled(at, id, actor)?;
            }
        }
        Ok(())
    }

    /// Takes one label off; `false` when it was not on the issue.
    pub fn remove_label(&mut self, at: (i64, i64), name: &str, actor: &Actor) -> Result<bool, SimulatorError> {
        let Some(id) = self.repository(at.0)?.label(name).map(|label| label.id) else { return Ok(false) };
        let worn = &mut self.issue_mut(at.0, at.1)?.labels;
        let Some(position) = worn.iter().position(|known| *known == id) else { return Ok(false) };
        worn.remove(position);
        self.note(at, "unlabeled", self.short_label(at.0, id)?, actor)?;
        let label = self.label_view(at.0, id)?;
        self.tell_issue(at, "unlabeled", json!({"label": label}), actor)?;
        Ok(true)
    }

    /// Leaves exactly these labels on the issue.
    pub fn set_labels(&mut self, at: (i64, i64), names: &[String], actor: &Actor) -> Done {
        let home = self.repository(at.0)?;
        let worn = self.issue(at.0, at.1)?.labels.iter().filter_map(|id| home.label_by_id(*id));
        let kept = |name: &str| names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        let gone: Vec<String> = worn.filter(|label| !kept(&label.name)).map(|label| label.name.clone()).collect();
        for name in gone {
            self.remove_label(at, &name, actor)?;
        }
        self.add_labels(at, names, actor)
    }

    /// Notes and tells that a label is on an issue now.
    pub fn tell_labeled(&mut self, at: (i64, i64), id: i64, actor: &Actor) -> Done {
        self.note(at, "labeled", self.short_label(at.0, id)?, actor)?;
        let label = self.label_view(at.0, id)?;
        self.tell_issue(at, "labeled", json!({"label": label}), actor)
    }

    fn short_label(&self, repository: i64, id: i64) -> Result<Value, SimulatorError> {
        let label = self.repository(repository)?.label_by_id(id);
        Ok(json!({"label": {"name": label.map(|label| &label.name), "color": label.map(|label| &label.color)}}))
    }
}
