//! Check runs written by the App, and read one by one.

use serde_json::{Map, Value};

use super::{Path, text};
use crate::model::Timestamp;
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::changes::{CheckChange, NewCheck};
use crate::simulator::github::installations::Access;
use crate::simulator::github::judging::{Annotation, CheckOutput};
use crate::simulator::github::payloads::annotation;

/// <https://docs.github.com/en/rest/checks/runs#create-a-check-run>
const MOST_ANNOTATIONS: usize = 50;
/// The longest `summary` and `text`, in characters.
const LONGEST_OUTPUT: usize = 65_535;
const STATUSES: &[&str] = &["queued", "in_progress", "completed", "waiting", "requested", "pending"];
const CONCLUSIONS: &[&str] = &["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"];

pub fn route(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("checks", access)])?;
    match (method, rest) {
        ("POST", []) => create(context, id),
        ("PATCH", [run]) => update(context, id, super::number(run)?),
        ("GET", [run]) => show(context, id, super::number(run)?, 200),
        ("GET", [run, "annotations"]) => annotations(context, id, super::number(run)?),
        ("POST", [run, "rerequest"]) => {
            let bot = context.state.bot();
            context.state.rerequest_check(id, super::number(run)?, &bot)?;
            Ok(Answer::json(201, Value::Object(Map::new())))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn show(context: &Context<'_>, id: i64, run: i64, status: u16) -> Reply {
    let (home, run) = (context.state.repository(id)?, context.state.check(id, run)?);
    Ok(Answer::json(status, context.views().check_run(home, run)))
}

fn annotations(context: &Context<'_>, id: i64, run: i64) -> Reply {
    let (home, run) = (context.state.repository(id)?, context.state.check(id, run)?);
    let blob = format!("{}/blob/{}", context.views().page_url(home), run.head_sha);
    let all: Vec<Value> = run.output.annotations.iter().map(|one| annotation(one, &blob)).collect();
    Ok(context.list(&all))
}

fn create(context: &mut Context<'_>, id: i64) -> Reply {
    let body = context.call.json()?;
    let given = |field: &str| {
        text(&body, field)?
            .ok_or_else(|| Refusal::new(422, format!("Invalid request.\n\n\"{field}\" wasn't supplied.")))
    };
    let (name, head_sha) = (given("name")?.to_owned(), given("head_sha")?.to_owned());
    let change = CheckChange { name: None, ..change(&body)? };
    let app = context.state.own_check_app();
    let run = context.state.create_check(id, NewCheck { app, name, head_sha, change })?;
    show(context, id, run, 201)
}

fn update(context: &mut Context<'_>, id: i64, run: i64) -> Reply {
    let app = context.state.check(id, run)?.app.id;
    if app != context.state.app.id {
        let message =
            format!("Invalid app_id `{app}` - check run can only be modified by the GitHub App that created it.");
        return Err(Refusal::new(403, message));
    }
    let body = context.call.json()?;
    let change = change(&body)?;
    context.state.change_check(id, run, change)?;
    show(context, id, run, 200)
}

/// What a body sets, once it is known to be allowed.
fn change(body: &Map<String, Value>) -> Result<CheckChange, Refusal> {
    let words = |field: &str, allowed: &[&str]| -> Result<Option<String>, Refusal> {
        let word = text(body, field)?;
        if word.is_some_and(|word| !allowed.contains(&word)) {
            let list = allowed.join(", ");
            return Err(Refusal::new(
                422,
                format!("Invalid request.\n\n{} is not a member of [{list}].", word.unwrap_or("")),
            ));
        }
        Ok(word.map(str::to_owned))
    };
    let time = |field: &str| -> Result<Option<Timestamp>, Refusal> {
        let wrong = || Refusal::new(422, format!("Invalid request.\n\n{field} is not a valid date-time."));
        text(body, field)?.map(|at| Timestamp::parse_rfc3339(at).ok_or_else(wrong)).transpose()
    };
    let own = |field: &str| Ok::<_, Refusal>(text(body, field)?.map(str::to_owned));
    let (status, conclusion) = (words("status", STATUSES)?, words("conclusion", CONCLUSIONS)?);
    if status.as_deref() == Some("completed") && conclusion.is_none() {
        return Err(Refusal::new(422, "Invalid request.\n\nMissing required key: conclusion."));
    }
    Ok(CheckChange {
        name: own("name")?,
        status,
        conclusion,
        external_id: own("external_id")?,
        details_url: own("details_url")?,
        started_at: time("started_at")?,
        completed_at: time("completed_at")?,
        output: body.get("output").filter(|output| !output.is_null()).map(output).transpose()?,
        actions: body.get("actions").and_then(Value::as_array).cloned(),
    })
}

fn output(value: &Value) -> Result<CheckOutput, Refusal> {
    let invalid = |message: String| Refusal::new(422, format!("Invalid request.\n\n{message}"));
    let fields = value.as_object().ok_or_else(|| invalid("output is not an object.".to_owned()))?;
    let own = |field: &str| Ok::<_, Refusal>(text(fields, field)?.map(str::to_owned));
    let (summary, words) = (own("summary")?, own("text")?);
    if summary.is_none() {
        return Err(invalid("Missing required key: output.summary.".to_owned()));
    }
    for (field, words) in [("summary", &summary), ("text", &words)] {
        if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST_OUTPUT) {
            return Err(invalid(format!("Only {LONGEST_OUTPUT} characters are allowed; output.{field} is too long.")));
        }
    }
    let listed = fields.get("annotations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if listed.len() > MOST_ANNOTATIONS {
        let message = format!("No more than {MOST_ANNOTATIONS} items are allowed; {} were supplied.", listed.len());
        return Err(invalid(message));
    }
    let annotations = listed.iter().map(read_annotation).collect::<Option<Vec<_>>>();
    let annotations = annotations.ok_or_else(|| invalid("An annotation lacks a required key.".to_owned()))?;
    Ok(CheckOutput { title: own("title")?, summary, text: words, annotations })
}

fn read_annotation(value: &Value) -> Option<Annotation> {
    let own = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    let line = |field: &str| value.get(field).and_then(Value::as_i64).filter(|line| *line >= 0);
    Some(Annotation {
        path: own("path")?,
        start_line: line("start_line")?,
        end_line: line("end_line")?,
        level: own("annotation_level").filter(|level| ["notice", "warning", "failure"].contains(&level.as_str()))?,
        message: own("message")?,
        title: own("title"),
        raw_details: own("raw_details"),
    })
}

/// `/check-suites/…`
pub fn suites(context: &mut Context<'_>, id: i64, rest: Path<'_>) -> Reply {
    let method = context.call.method.as_str();
    let access = if method == "GET" { Access::Read } else { Access::Write };
    context.needs(&[("checks", access)])?;
    match (method, rest) {
        ("GET", [suite]) => {
            let (home, suite) = (context.state.repository(id)?, context.state.suite(id, super::number(suite)?)?);
            let mut view = context.views().check_suite(home, suite);
            view["repository"] = context.views().minimal_repository(home);
            ok(view)
        }
        ("GET", [suite, "check-runs"]) => {
            let suite = context.state.suite(id, super::number(suite)?)?.id;
            super::commit_checks::runs(context, id, |run| run.suite == suite)
        }
        ("POST", [suite, "rerequest"]) => {
            let bot = context.state.bot();
            context.state.rerequest_suite(id, super::number(suite)?, &bot)?;
            Ok(Answer::json(201, Value::Object(Map::new())))
        }
        _ => Err(Refusal::not_found()),
    }
}
