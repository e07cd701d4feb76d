//! Who a worker says that it is.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::Desk;
use super::args::RegisterArgs;
use crate::cli::client::{Call, said};

/// Puts the whole registration in the place of the one before.
pub(super) async fn register(desk: &mut Desk<'_>, args: RegisterArgs) -> Result<ExitCode> {
    let call = Call::put(format!("workers/{}", desk.agent), body(args));
    let worker = desk.client.send(&call).await?.body;
    let told = |key: &str| worker[key].as_str().unwrap_or("-");
    let sentence = format!("{} is registered as {} and is {}.", desk.agent, told("role"), told("status"));
    desk.spoken.say(&sentence);
    desk.spoken.result(desk.agent.as_str(), &worker)?;
    Ok(ExitCode::SUCCESS)
}

fn body(args: RegisterArgs) -> Value {
    let calendar = if args.always {
        Some(json!({"always": true}))
    } else {
        let hours = [("zone", args.zone.map(|zone| zone.name().to_owned())), ("hours", args.hours)];
        let hours: Map<String, Value> =
            hours.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect();
        (!hours.is_empty()).then_some(Value::Object(hours))
    };
    // What is left out is as the role has it, or as it is for agents.
    said(json!({
        "role": args.role,
        "capabilities": some(args.capabilities),
        "login": args.login,
        "capacity": args.capacity,
        "calendar": calendar,
        "agent": args.agent.then_some(true),
        "tell": some(args.tell),
        "status": args.status,
    }))
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
