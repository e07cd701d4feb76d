//! `msg`: speaks with other machines over ntfy, without a server or a database.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::app;
use crate::config::Config;
use crate::model::{Clock, Envelope, HeardMessage, Level, RepositoryName, SystemClock, Timestamp};
use crate::receive::MessageReader;

/// What is asked for may have been answered by a server whose clock is a little behind, in milliseconds.
const CLOCKS_APART_MS: i64 = 10_000;

/// Speak with other machines over ntfy.
#[derive(Debug, Subcommand)]
pub enum MsgCommand {
    /// Ask for a task to be done; the server opens an issue for it.
    Task {
        /// What is to be done.
        text: String,
        /// How soon: low, medium, high or critical.
        #[arg(long)]
        priority: Option<Level>,
        /// The repository as owner/name; without it the server's usual one.
        #[arg(long)]
        repo: Option<RepositoryName>,
        /// Who asks.
        #[arg(long, env = "AGENT_ID", default_value = "operator")]
        from: String,
    },
    /// Ask how all tasks stand.
    Status {
        /// Wait for the answer and print it.
        #[arg(long)]
        wait: bool,
        /// How long to wait, in seconds.
        #[arg(long, default_value_t = 30)]
        timeout_s: u64,
        /// Who asks.
        #[arg(long, env = "AGENT_ID", default_value = "operator")]
        from: String,
    },
    /// Say something: `BLOCKED: Task 12 blocked by #7` blocks a task, anything else is told to people.
    Send {
        /// What is said.
        text: String,
        /// How soon it is to be read: low, medium, high or critical.
        #[arg(long)]
        priority: Option<Level>,
        /// Who says it.
        #[arg(long, env = "AGENT_ID", default_value = "operator")]
        from: String,
    },
    /// List what was said.
    Poll {
        /// Since when: `30m`, `2h`, a time in RFC 3339, or `all` that ntfy keeps.
        #[arg(long, default_value = "12h")]
        since: String,
        /// Print each message as it was sent, one JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

/// Sends or lists messages with the settings `NTFY_*`.
pub async fn run(command: MsgCommand, config: Config, out: &mut dyn Write) -> Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let line = Line::new(&config, clock)?;
    match command {
        MsgCommand::Task { text, priority, repo, from } => {
            let task = repo.map(|repo| repo.to_string());
            let envelope = Envelope { text: Some(text), task, ..line.envelope("task", priority, from) };
            line.send(&envelope).await?;
            writeln!(out, "Sent task (ID: {})", envelope.id)?;
        }
        MsgCommand::Send { text, priority, from } => {
            let envelope = Envelope { text: Some(text), ..line.envelope("message", priority, from) };
            line.send(&envelope).await?;
            writeln!(out, "Sent message (ID: {})", envelope.id)?;
        }
        MsgCommand::Status { wait, timeout_s, from } => {
            let envelope = line.envelope("status_request", None, from);
            return line.status(&envelope, wait.then_some(Duration::from_secs(timeout_s)), out).await;
        }
        MsgCommand::Poll { since, json } => line.poll(&since, json, out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The connection to other machines.
struct Line {
    notifier: app::Notifier,
    reader: Option<MessageReader>,
    clock: Arc<dyn Clock>,
}

impl Line {
    fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        if config.ntfy.protocol_topic.is_none() {
            bail!("NTFY_PROTOCOL_TOPIC is not set: it is where machines speak with each other");
        }
        let reader = config.ntfy.secret.as_ref().map(MessageReader::new);
        if reader.is_none() {
            // Nobody is left to warn if stderr is closed.
            let _ = writeln!(io::stderr(), "warning: NTFY_SECRET is not set, and nobody obeys what is not signed");
        }
        Ok(Self { notifier: app::notifier_alone(config, &clock)?, reader, clock })
    }

    fn envelope(&self, kind: &str, priority: Option<Level>, from: String) -> Envelope {
        Envelope {
            kind: kind.to_owned(),
            id: format!("{kind}-{:012x}", rand::random::<u64>() >> 16),
            priority: priority.map(|level| level.to_string()),
            timestamp: self.clock.now().to_rfc3339(),
            from: Some(from),
            ..Envelope::default()
        }
    }

    async fn send(&self, envelope: &Envelope) -> Result<()> {
        self.notifier.publish_machine(None, envelope).await.context("the message was not sent")?;
        Ok(())
    }

    async fn status(&self, asked: &Envelope, patience: Option<Duration>, out: &mut dyn Write) -> Result<ExitCode> {
        let Some(patience) = patience else {
            self.send(asked).await?;
            writeln!(out, "Status request sent")?;
            return Ok(ExitCode::SUCCESS);
        };
        // Listening comes first, so that no answer is too fast; an earlier one is known by what it answers.
        let since = self.clock.now().plus_ms(-CLOCKS_APART_MS);
        let mut subscription = self.notifier.subscribe_machines(since).await.context("ntfy cannot be listened to")?;
        self.send(asked).await?;
        writeln!(out, "Status request sent")?;
        let answer = async {
            while let Some(heard) = subscription.next().await? {
                if let Some(answer) = self.answer_to(asked, &heard) {
                    return anyhow::Ok(answer);
                }
            }
            bail!("ntfy ended the connection before an answer came")
        };
        let waited = tokio::time::timeout(patience, answer).await;
        let text = waited.with_context(|| format!("no answer came within {} s", patience.as_secs()))??;
        writeln!(out, "{}", printable(&text))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The text of a message that answers this one, if whoever sends it knows the secret.
    fn answer_to(&self, asked: &Envelope, heard: &HeardMessage) -> Option<String> {
        let envelope: Envelope = serde_json::from_str(&heard.text).ok()?;
        let good = envelope.re.as_deref() == Some(&asked.id) && self.is_signed(heard);
        good.then(|| envelope.text.or(envelope.result).unwrap_or_default())
    }

    /// Without a secret there is nothing to tell by.
    fn is_signed(&self, heard: &HeardMessage) -> bool {
        self.reader.as_ref().is_none_or(|reader| reader.is_signed(&heard.text))
    }

    async fn poll(&self, since: &str, json: bool, out: &mut dyn Write) -> Result<()> {
        let since = moment(since, self.clock.now())
            .with_context(|| format!("{since:?} is none of `30m`, `2h`, a time in RFC 3339, and `all`"))?;
        for heard in self.notifier.poll_machines(since).await.context("ntfy does not tell")? {
            if json {
                writeln!(out, "{}", one_line(&heard.text))?;
            } else {
                writeln!(out, "{}", self.told(&heard))?;
            }
        }
        Ok(())
    }

    fn told(&self, heard: &HeardMessage) -> String {
        let at = heard.published;
        let Ok(envelope) = serde_json::from_str::<Envelope>(&heard.text) else {
            return format!("{at}  not of the protocol: {}", one_line(&heard.text));
        };
        let from = envelope.from.as_deref().unwrap_or("somebody");
        let doubt = if self.is_signed(heard) { "" } else { " NOT GENUINE" };
        let about = envelope.task.or(envelope.task_id).map(|task| format!(" {task}")).unwrap_or_default();
        let says = envelope.text.or(envelope.result).map(|text| format!(": {text}")).unwrap_or_default();
        one_line(&format!("{at}  {} from {from} (ID: {}){doubt}{about}{says}", envelope.kind, envelope.id))
    }
}

/// Control characters could drive a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() || *character == '\n').collect()
}

fn one_line(text: &str) -> String {
    printable(text).lines().collect::<Vec<_>>().join(" ")
}

/// Reads `all`, a duration before now, or a time.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    if text == "all" {
        return Some(Timestamp(0));
    }
    let units = [("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let before = units.into_iter().find_map(|(unit, unit_ms)| {
        let count: i64 = text.strip_suffix(unit)?.parse().ok().filter(|count| *count >= 0)?;
        Some(now.plus_ms(-count.saturating_mul(unit_ms)))
    });
    before.or_else(|| Timestamp::parse_rfc3339(text))
}
