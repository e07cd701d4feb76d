//! What the API answered, as a tool's result: marked, and with what to do where it is a refusal.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use super::inner::Answer;
use super::marks::{self, Marks};
use crate::http::problem::Problem;

/// What an answer without a body is.
const NOTHING: &str = "There is nothing that you could take now. Ask again later.";

/// The result of a tool.
pub(super) fn result(answer: &Answer, source: &str) -> CallToolResult {
    if !answer.status.is_success() {
        return refused(&answer.body, source);
    }
    if answer.body.is_null() {
        return good(NOTHING.to_owned(), json!({"nothing": true}));
    }
    let marked = marks::marked(&answer.body, source);
    if answer.body["state"] == "refused" {
        let text = format!("It was refused. {}\n{}", what_to_do("conflict"), marked.text);
        return bad(text, marked.structured);
    }
    let text = match answer.body["state"].as_str() {
        Some("waiting") => format!(
            "It is accepted and will be decided on; nothing was lost. Ask the tool `request` what became of it.\n{}",
            marked.text
        ),
        Some(_) | None => marked.text,
    };
    good(text, marked.structured)
}

/// The result of a tool that the caller may not use.
pub(super) fn forbidden(problem: &Problem) -> CallToolResult {
    let (title, what) = (problem.kind.title(), what_to_do(problem.kind.slug()));
    let structured =
        json!({"problem": problem.kind.slug(), "title": title, "detail": problem.detail, "what_to_do": what});
    bad(format!("{title}: {} {what}", problem.detail), structured)
}

/// The result of a call whose arguments cannot be.
pub(super) fn unclear(sentence: &str) -> CallToolResult {
    let what = what_to_do("unprocessable");
    let structured =
        json!({"problem": "unprocessable", "title": "Unprocessable", "detail": sentence, "what_to_do": what});
    bad(format!("Unprocessable: {sentence} {what}"), structured)
}

fn refused(problem: &Value, source: &str) -> CallToolResult {
    let told = Told::of(problem);
    let structured = json!({
        "problem": told.slug,
        "title": told.title,
        "detail": marks::untrusted(told.detail),
        "what_to_do": what_to_do(told.slug),
    });
    bad(told.sentences(source), structured)
}

/// A refusal of the API in words, for where there is no other place for it. Its detail may repeat what people wrote.
pub(super) fn in_words(problem: &Value, source: &str) -> String {
    Told::of(problem).sentences(source)
}

/// A problem (<https://www.rfc-editor.org/rfc/rfc9457>).
struct Told<'a> {
    slug: &'a str,
    title: &'a str,
    detail: &'a str,
}

impl<'a> Told<'a> {
    fn of(problem: &'a Value) -> Self {
        let text = |key: &str| problem[key].as_str().unwrap_or_default();
        Self { slug: text("type").rsplit(':').next().unwrap_or_default(), title: text("title"), detail: text("detail") }
    }

    fn sentences(&self, source: &str) -> String {
        let marks = Marks::of(&json!(self.detail));
        let (what, detail) = (what_to_do(self.slug), marks.around(self.detail, source));
        format!("{}. {what}\n{}\n{detail}", self.title, marks.sentence())
    }
}

fn good(text: String, structured: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(structured);
    result
}

fn bad(text: String, structured: Value) -> CallToolResult {
    let mut result = CallToolResult::error(vec![ContentBlock::text(text)]);
    result.structured_content = Some(structured);
    result
}

/// What an agent should do about a problem of this kind.
fn what_to_do(slug: &str) -> &'static str {
    match slug {
        "forbidden" => {
            "Use the tools that are listed for your token; who runs the server makes tokens of other scopes."
        }
        "not-found" => "Look at what was named; `tasks` lists what there is.",
        "conflict" => "Look at how things stand, with `task` or `timeline`, before you try again.",
        "unprocessable" | "not-json" | "malformed-header" => "Mend the arguments and call again.",
        "payload-too-large" => "Say it in fewer words.",
        "wrong-token" | "api-disabled" => "The token does not count; who runs the server makes a new one.",
        "store-unavailable" | "not-ready" | "request-timeout" => "Call again in ten seconds.",
        _other => "Tell whoever runs the server.",
    }
}
