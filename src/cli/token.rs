//! `token`: makes, lists and revokes the tokens that calls of the HTTP API carry.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;

use super::table;
use crate::model::{ApiToken, Login, Scope, Timestamp};
use crate::store::{AuditEntry, Store};

/// No name is longer, in characters.
const NAME_MAX_CHARS: usize = 100;

/// How an AI agent comes by it.
const AGENTS: &str = "An AI agent works with it by `stationmaster mcp`, with STATIONMASTER_URL and STATIONMASTER_TOKEN in its \
                      environment; docs/agents.md has the entry for its configuration.";

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token, and print its secret, which is shown once and kept nowhere.
    #[command(after_help = "Examples:\n  \
        stationmaster token create --name planner --scope orchestrator\n  \
        stationmaster token create --name dev1 --scope worker:dev_worker1\n  \
        stationmaster token create --name alice --scope orchestrator --person alice\n\n\
        Only tokens of a person approve and reject, with that person's permission on GitHub.")]
    Create {
        /// What it is called in lists and in the audit.
        #[arg(long)]
        name: String,
        /// What it may do: orchestrator, worker:ID, read or admin.
        #[arg(long)]
        scope: Scope,
        /// The GitHub login of the person whose word its calls are.
        #[arg(long, value_name = "LOGIN")]
        person: Option<String>,
    },
    /// List tokens, the newest first, without their secrets.
    List {
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Have a token count no more.
    Revoke {
        /// Its id or its name.
        id: String,
    },
}

/// Runs one `token` command: what it made or found goes to `out`, what it says of it to `aside`.
pub async fn run(
    command: TokenCommand,
    store: &Store,
    (out, aside): (&mut dyn Write, &mut dyn Write),
) -> Result<ExitCode> {
    match command {
        TokenCommand::Create { name, scope, person } => {
            create(store, (&name, &scope, person.as_deref()), (out, aside)).await?;
        }
        TokenCommand::List { json } => list(store, json, out).await?,
        TokenCommand::Revoke { id } => revoke(store, &id, aside).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(
    store: &Store,
    (name, scope, person): (&str, &Scope, Option<&str>),
    (out, aside): (&mut dyn Write, &mut dyn Write),
) -> Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX_CHARS || name.chars().any(char::is_control) {
        bail!("--name should be 1 to {NAME_MAX_CHARS} characters of one line, such as planner");
    }
    if store.tokens().await?.iter().any(|token| token.revoked.is_none() && token.name == name) {
        bail!(
            "there is a token {name:?} already; take another name, or revoke it with `stationmaster token revoke {name}`"
        );
    }
    let person = person.map(login).transpose()?;
    if person.is_some() && matches!(scope, Scope::Worker(_) | Scope::Read) {
        bail!("--person goes with the scopes orchestrator and admin: no other token speaks for a person");
    }
    let (token, secret) = store.create_token(name, scope, person.as_ref()).await?;
    let whose = person.map(|login| format!(" of {login}")).unwrap_or_default();
    let summary = format!("The token {name} ({}) of the scope {scope}{whose} was made.", token.id);
    store.audit(&audited(&summary)).await?;
    writeln!(aside, "{summary}\n{AGENTS}")?;
    writeln!(aside, "This is its secret. It is shown once; send it as `Authorization: Bearer …`:")?;
    aside.flush()?;
    writeln!(out, "{secret}")?;
    Ok(())
}

fn login(text: &str) -> Result<Login> {
    let name = text.strip_prefix('@').unwrap_or(text);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        bail!("--person {text:?} is not a GitHub login such as octocat");
    }
    Ok(Login::new(name))
}

async fn list(store: &Store, json: bool, out: &mut dyn Write) -> Result<()> {
    let tokens = store.tokens().await?;
    if json {
        for token in &tokens {
            writeln!(out, "{}", shown(token))?;
        }
        return Ok(());
    }
    let mut rows = table(&["id", "name", "scope", "person", "created", "last used", "revoked"]);
    for token in tokens {
        let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339).unwrap_or_default();
        rows.add_row([
            token.id,
            token.name,
            token.scope.to_string(),
            token.person.map(|person| person.to_string()).unwrap_or_default(),
            token.created.to_rfc3339(),
            time(token.last_used),
            time(token.revoked),
        ]);
    }
    writeln!(out, "{rows}")?;
    Ok(())
}

fn shown(token: &ApiToken) -> serde_json::Value {
    serde_json::json!({
        "id": token.id,
        "name": token.name,
        "scope": token.scope,
        "person": token.person,
        "created": token.created.to_rfc3339(),
        "last_used": token.last_used.map(Timestamp::to_rfc3339),
        "revoked": token.revoked.map(Timestamp::to_rfc3339),
    })
}

async fn revoke(store: &Store, id: &str, aside: &mut dyn Write) -> Result<()> {
    if !store.revoke_token(id).await? {
        bail!("there is no token {id} that counts; `stationmaster token list` shows what there is");
    }
    let summary = format!("The token {id} was revoked.");
    store.audit(&audited(&summary)).await?;
    writeln!(aside, "{summary}")?;
    Ok(())
}

fn audited(summary: &str) -> AuditEntry<'_> {
    AuditEntry { actor: "cli", kind: "token", summary, door: Some(crate::model::Door::Cli), ..AuditEntry::default() }
}
