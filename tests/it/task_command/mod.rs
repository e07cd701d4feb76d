//! Commands on tasks, from the text of a comment or an ask by another door to what becomes of the task.

mod authority;
mod consent;
mod holding;
mod labels;
mod planning;
mod refusals;
mod scene;
mod structure;
mod talk;
