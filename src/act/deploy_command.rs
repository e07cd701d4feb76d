//! Tells a deploy target by running a command that the server's own rules name.

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{Either, join, select};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::answer::last_characters;
use super::trigger::number_of;
use crate::model::{TriggerAnswer, TriggerOrder};

/// So much of the end of its output is told.
const DETAIL_CHARACTERS: usize = 400;
/// So much of the end of its output is kept, enough for that many characters.
const TAIL_BYTES: usize = 4 * DETAIL_CHARACTERS;
/// How long output is waited for that a child of the command may still hold open after its end.
const GRACE: Duration = Duration::from_secs(1);
/// What a command learns of the server's environment, which holds keys: nothing else.
const KEPT_VARIABLES: [&str; 2] = ["PATH", "HOME"];

/// Runs the command. Whether it succeeds says its exit status; where it does not begin or does not end in time, that is
/// an error, and it is killed.
pub(super) async fn run(order: &TriggerOrder, (name, run): (&str, &[String])) -> TriggerAnswer {
    let Some((program, arguments)) = run.split_first() else {
        return TriggerAnswer::Error { detail: format!("the command `{name}` names no program") };
    };
    let mut child = match start(order, program, arguments) {
        Ok(child) => child,
        Err(error) => {
            return TriggerAnswer::Error { detail: format!("the command `{name}` could not be started: {error}") };
        }
    };
    let output = Mutex::new(Vec::new());
    let ended = timeout(Duration::from_secs(u64::from(order.timeout_s)), watch(&mut child, &output)).await;
    let output = output.into_inner().unwrap_or_else(PoisonError::into_inner);
    let output = last_characters(&String::from_utf8_lossy(&output), DETAIL_CHARACTERS);
    let colon = if output.is_empty() { "" } else { ": " };
    match ended {
        Ok(Ok(status)) if status.success() => {
            TriggerAnswer::Finished { detail: format!("the command `{name}` succeeded{colon}{output}") }
        }
        Ok(Ok(status)) => {
            TriggerAnswer::Failed { detail: format!("the command `{name}` ended with {status}{colon}{output}") }
        }
        Ok(Err(error)) => {
            TriggerAnswer::Error { detail: format!("the end of the command `{name}` is not known: {error}") }
        }
        Err(_) => {
            // Where it has ended this very moment, there is nothing to kill.
            let _ = child.kill().await;
            let seconds = order.timeout_s;
            TriggerAnswer::Error {
                detail: format!("the command `{name}` was killed after {seconds} s without an end{colon}{output}"),
            }
        }
    }
}

fn start(order: &TriggerOrder, program: &str, arguments: &[String]) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear();
    for name in KEPT_VARIABLES {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("DEPLOY_TAG", order.version.tag.as_str())
        .env("DEPLOY_VERSION", number_of(&order.version.tag))
        .env("DEPLOY_SHA", order.version.sha.as_str())
        .env("DEPLOY_ENVIRONMENT", order.environment.as_str())
        .env("DEPLOY_DEPLOYMENT", order.deployment.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Waits for the end and reads along, so that the command never waits for somebody to read.
async fn watch(child: &mut Child, output: &Mutex<Vec<u8>>) -> io::Result<ExitStatus> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let reading = pin!(join(drain(out, output), drain(err, output)));
    let ending = pin!(child.wait());
    match select(ending, reading).await {
        Either::Left((status, reading)) => {
            // What it left running in the background may keep its output open for ever.
            let _ = timeout(GRACE, reading).await;
            status
        }
        Either::Right((_, ending)) => ending.await,
    }
}

/// Reads to the end and keeps the last of it.
async fn drain(source: Option<impl AsyncRead + Unpin>, output: &Mutex<Vec<u8>>) {
    let Some(mut source) = source else { return };
    let mut buffer = vec![0; 4_096];
    // An end by an error is an end: the exit status is what counts.
    while let Ok(count @ 1..) = source.read(&mut buffer).await {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        output.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let surplus = output.len().saturating_sub(TAIL_BYTES);
        output.drain(..surplus);
    }
}
