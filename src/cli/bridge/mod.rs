//! The file bridge: what a worker was handed, did and noted, as files for programs that call nothing.
//!
//! The README's section "Workers and orchestrators" says what each file holds.

mod files;
mod leases;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

pub use leases::Held;

use crate::cli::item::Item;
use crate::model::WorkerId;

/// The bridge of one worker, below one folder.
#[derive(Debug)]
pub struct Bridge {
    folder: PathBuf,
    agent: WorkerId,
}

impl Bridge {
    /// The bridge of `agent` below `folder`. Touches nothing.
    pub fn new(folder: PathBuf, agent: WorkerId) -> Self {
        Self { folder, agent }
    }

    /// Writes the handoff package, and says where.
    pub fn save_handoff(&self, item: &Item, package: &Value) -> Result<PathBuf> {
        let _alone = self.lock()?;
        let path = self.handoff_file(item, "handoff");
        write_about(&path, item, package)?;
        Ok(path)
    }

    /// Adds a note of progress to the task's list.
    pub fn add_progress(&self, item: &Item, note: Value) -> Result<()> {
        let _alone = self.lock()?;
        let path = self.handoff_file(item, "progress");
        let mut notes = match files::read_json(&path)? {
            None => Vec::new(),
            Some(Value::Array(notes)) => notes,
            Some(_) => bail!("{} holds no list and is left as it is", path.display()),
        };
        notes.push(note);
        files::write_json(&path, &Value::Array(notes))
    }

    /// Writes what was handed in as evidence, and takes the task off the list of what waits.
    pub fn save_completion(&self, item: &Item, completion: &Value) -> Result<()> {
        let _alone = self.lock()?;
        write_about(&self.handoff_file(item, "completion"), item, completion)?;
        self.take_off(item)
    }

    /// Writes the list of what waits for this worker, an id a line.
    pub fn save_pending(&self, items: &[String]) -> Result<()> {
        let _alone = self.lock()?;
        let path = self.pending_file();
        pending(&path)?;
        files::write(&path, lines(items.iter().map(String::as_str)).as_bytes())
    }

    /// Takes a task off the list of what waits, if there is a list.
    pub fn taken(&self, item: &Item) -> Result<()> {
        let _alone = self.lock()?;
        self.take_off(item)
    }

    /// Adds a note to the worker's own notes on the task.
    pub fn add_note(&self, item: &Item, at: &str, text: &str) -> Result<()> {
        let _alone = self.lock()?;
        let path = self.workspace().join(format!("{}_notes.md", file_name(item)));
        let mut notes = files::read(&path)?.unwrap_or_else(|| format!("# Notes on {item}\n"));
        if !notes.ends_with('\n') {
            notes.push('\n');
        }
        notes.extend(["\n## ", at, "\n\n", text.trim_end(), "\n"]);
        files::write(&path, notes.as_bytes())
    }

    fn take_off(&self, item: &Item) -> Result<()> {
        let path = self.pending_file();
        let kept = pending(&path)?;
        let left: Vec<&str> =
            kept.iter().filter(|(_, waiting)| !waiting.is(item)).map(|(line, _)| line.as_str()).collect();
        if left.len() == kept.len() { Ok(()) } else { files::write(&path, lines(left.into_iter()).as_bytes()) }
    }

    fn pending_file(&self) -> PathBuf {
        self.folder.join("handoffs").join(format!("pending_{}.txt", self.agent))
    }

    fn handoff_file(&self, item: &Item, what: &str) -> PathBuf {
        self.folder.join("handoffs").join(format!("{}_{what}.json", file_name(item)))
    }

    fn workspace(&self) -> PathBuf {
        self.folder.join("workspace").join(self.agent.as_str())
    }

    /// Held while a file is read and written: several commands of one worker may run at once.
    fn lock(&self) -> Result<File> {
        files::make_folder(&self.folder)?;
        let path = self.folder.join(".lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(|| format!("{} cannot be opened", path.display()))?;
        file.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
        Ok(file)
    }
}

/// An item as names of files have it: `owner-name-12`.
pub fn file_name(item: &Item) -> String {
    format!("{}-{}-{}", item.repository.owner, item.repository.name, item.number)
}

/// Writes an object about an item, unless the file is about something else: `a-b/c` and `a/b-c` share a name.
fn write_about(path: &Path, item: &Item, value: &Value) -> Result<()> {
    let about = |there: &Map<String, Value>| {
        there.get("item_id").and_then(Value::as_str).and_then(|id| id.parse::<Item>().ok())
    };
    match files::read_json(path)? {
        None => {}
        Some(Value::Object(there)) if about(&there).is_some_and(|other| other.is(item)) => {}
        Some(_) => bail!("{} is about something else and is left as it is", path.display()),
    }
    files::write_json(path, value)
}

/// The lines of a list of what waits, each with the task that it names.
fn pending(path: &Path) -> Result<Vec<(String, Item)>> {
    let text = files::read(path)?.unwrap_or_default();
    let items = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let item = line.parse().with_context(|| format!("{} is no list of tasks and is left as it is", path.display()));
        Ok((line.to_owned(), item?))
    });
    items.collect()
}

fn lines<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.flat_map(|item| [item, "\n"]).collect()
}
