//! Prints the story: a line for what people do, and lines below it for what followed.

use std::io::Write;

use anyhow::Result;

use crate::engine::Step;
use crate::model::{DeliveryState, Subject};

/// The column in which what happened begins.
const WORD_WIDTH: usize = 9;

/// Writes the story.
pub(super) struct Narrator<'a> {
    out: &'a mut dyn Write,
    scene: usize,
}

impl<'a> Narrator<'a> {
    pub(super) const fn new(out: &'a mut dyn Write) -> Self {
        Self { out, scene: 0 }
    }

    /// A line of its own.
    pub(super) fn say(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.out, "{line}")?)
    }

    /// What somebody does.
    pub(super) fn scene(&mut self, what: &str) -> Result<()> {
        self.scene += 1;
        Ok(writeln!(self.out, "\n{}. {what}", self.scene)?)
    }

    /// What followed, under one word.
    pub(super) fn follows(&mut self, word: &str, what: &str) -> Result<()> {
        let mut lines = what.lines();
        writeln!(self.out, "   {word:<WORD_WIDTH$} {}", lines.next().unwrap_or_default())?;
        for line in lines {
            writeln!(self.out, "   {:<WORD_WIDTH$} {line}", "")?;
        }
        Ok(())
    }

    /// Tells of a scene that failed, and counts it.
    pub(super) fn judge<T>(&mut self, scene: Result<T>, failed: &mut usize) -> Result<Option<T>> {
        match scene {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                *failed += 1;
                self.follows("FAILED", &format!("{error:#}"))?;
                Ok(None)
            }
        }
    }

    /// A step of the engine, as far as it concerns the subject of the scene.
    pub(super) fn step(&mut self, step: &Step, of: &Subject) -> Result<()> {
        match step {
            Step::Understood { event, state: DeliveryState::Marked, subjects, .. } if subjects.contains(of) => {
                self.follows("came in", &format!("`{event}`: look at {of}"))
            }
            Step::Decided { subject, decision } if subject == of && decision.actions.is_empty() => {
                self.follows("looked", "again, and nothing is to be done")
            }
            Step::Decided { subject, decision } if subject == of => {
                self.follows("decided", &decision.summary)?;
                for reason in &decision.explanation.reasons {
                    self.follows("", &format!("because {reason}"))?;
                }
                for blocker in &decision.explanation.blockers {
                    self.follows("", &format!("although {blocker}"))?;
                }
                Ok(())
            }
            Step::Acted { subject, performed, note, .. } if subject == of => {
                self.follows(if *performed { "done" } else { "failed" }, note)
            }
            Step::Understood { .. } | Step::Decided { .. } | Step::Acted { .. } => Ok(()),
        }
    }
}
