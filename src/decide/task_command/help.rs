//! What `/help` answers on a task: only what the asker may do, and for whom the rest is.

use std::fmt::Write as _;

use super::may::{is_holder, own_id};
use super::table::{Row, TABLE, Who};
use crate::decide::approval;
use crate::decide::quote::code;
use crate::decide::task::Turn;
use crate::model::{Login, Permission, TaskAuthority};

pub(super) fn help(turn: &Turn<'_>, asker: &Login) -> String {
    let authority = TaskAuthority::Person { login: asker.clone(), bot: false };
    let (theirs, others): (Vec<&Row>, Vec<&Row>) = TABLE.iter().partition(|row| is_for(turn, &authority, row));
    let mut text = format!("@{} you may write these on a line of their own:\n\n", code(asker.as_str()));
    text.push_str("| command | effect |\n| --- | --- |\n");
    for row in theirs {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} |", row.cell(), row.effect);
    }
    for who in [Who::Eligible, Who::Holder, Who::HolderOrTeam, Who::Approver, Who::Team] {
        let names: Vec<String> =
            others.iter().filter(|row| row.verb.who == who).map(|row| format!("`/{}`", row.name)).collect();
        if !names.is_empty() {
            let _ = write!(text, "\n- For {}: {}.", who.as_str(), names.join(", "));
        }
    }
    let has = turn.permission(asker);
    let has = has.map_or_else(|| "could not be read just now".to_owned(), |has| format!("is {has}"));
    let _ = write!(text, "\n\nYour permission {has}.");
    text
}

fn is_for(turn: &Turn<'_>, authority: &TaskAuthority, row: &Row) -> bool {
    let is_team = || match authority {
        TaskAuthority::Person { login, .. } => turn.permission(login).is_some_and(|has| has >= Permission::Triage),
        TaskAuthority::Worker { .. }
        | TaskAuthority::Orchestrator { .. }
        | TaskAuthority::Operator { .. }
        | TaskAuthority::Clock => false,
    };
    match row.verb.who {
        Who::Anyone => true,
        Who::Eligible => own_id(turn, authority).is_some(),
        Who::Holder => is_holder(turn, authority),
        Who::HolderOrTeam => is_holder(turn, authority) || is_team(),
        Who::Approver => approval::approver(turn, authority).is_ok(),
        Who::Team => is_team(),
    }
}
