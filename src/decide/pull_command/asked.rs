//! What is asked of a pull request by other doors than comments: judged by the same rules, and told to the audit.

use super::table;
use super::turn::Turn;
use crate::decide::comment_commands::{Refusal, allowed, reason};
use crate::model::{Deed, Hold, Login, PullAsk, PullReport, Sha, TaskAuthority};

/// The name of whoever has the token of the setting.
const OPERATOR: &str = "operator";

impl Turn<'_> {
    /// Does what was asked, or refuses it; the audit has a line either way.
    pub(super) fn asked(&mut self, report: &PullReport) {
        let PullReport::Asked { ask, head, authority, door, request, at } = report;
        let asker = called(authority);
        let done = self.grant(ask, head, (authority, &asker));
        let item = format!("{}#{}", self.seen.snapshot.repository.name, self.seen.snapshot.pull.number);
        let what = match &done {
            Ok(what) => format!("{asker} {what} {item}."),
            Err(why) => format!("{asker} asked for `{}` on {item}, which was refused: {why}.", ask.name()),
        };
        self.deeds.push(Deed {
            who: authority.to_string(),
            what,
            door: *door,
            at: *at,
            refused: done.is_err(),
            request: Some(request.clone()),
        });
    }

    fn grant(
        &mut self,
        ask: &PullAsk,
        head: &Sha,
        (authority, asker): (&TaskAuthority, &Login),
    ) -> Result<&'static str, Refusal> {
        let row = table::find(ask.name()).ok_or_else(|| table::unknown(ask.name()))?;
        match authority {
            TaskAuthority::Person { login, .. } => allowed(login, self.permission(login), row.needs)?,
            TaskAuthority::Operator { .. } => {}
            TaskAuthority::Worker { .. } | TaskAuthority::Orchestrator { .. } | TaskAuthority::Clock => {
                return Err("of a pull request only people ask this".to_owned());
            }
        }
        self.is_in_time(row)?;
        self.is_of_this_head(ask, head)?;
        self.effect(ask, asker)
    }

    fn effect(&mut self, ask: &PullAsk, asker: &Login) -> Result<&'static str, Refusal> {
        Ok(match ask {
            PullAsk::Merge => {
                self.merge(asker);
                "asked for the merge of"
            }
            PullAsk::Queue => {
                self.merge(asker);
                "asked to have queued"
            }
            PullAsk::Hold { why } => {
                let why = reason(why, "").ok_or("say why it is held")?;
                self.words.hold = Some(Hold { by: asker.clone(), why, since: self.now });
                "holds"
            }
            PullAsk::Unhold => {
                self.words.hold.take().ok_or("nobody holds it")?;
                "took back the hold of"
            }
            PullAsk::Dequeue { why } => {
                self.dequeue(asker, why.as_deref().and_then(|why| reason(why, "")));
                "took out of the queue"
            }
            PullAsk::Retest { checks } => {
                let names: Vec<&str> = checks.iter().map(String::as_str).collect();
                self.retest(&names)?;
                "has the failed checks run again of"
            }
        })
    }

    /// A hold is for the pull whatever its head is; all else is said of the head that was seen.
    fn is_of_this_head(&self, ask: &PullAsk, seen: &Sha) -> Result<(), Refusal> {
        let head = &self.seen.snapshot.pull.head;
        let any_head = match ask {
            PullAsk::Hold { .. } | PullAsk::Unhold => true,
            PullAsk::Merge | PullAsk::Retest { .. } | PullAsk::Queue | PullAsk::Dequeue { .. } => false,
        };
        if any_head || seen == head {
            return Ok(());
        }
        Err(format!(
            "the head is {} now, and what was seen is {}: look at it and ask again",
            head.short(),
            seen.short()
        ))
    }
}

/// As whom somebody's word is remembered. No account on GitHub has a space in its name.
fn called(authority: &TaskAuthority) -> Login {
    match authority {
        TaskAuthority::Person { login, .. } => login.clone(),
        TaskAuthority::Operator { name } if name == OPERATOR => Login::new("the operator"),
        TaskAuthority::Worker { .. }
        | TaskAuthority::Orchestrator { .. }
        | TaskAuthority::Operator { .. }
        | TaskAuthority::Clock => Login::new(authority.to_string()),
    }
}
