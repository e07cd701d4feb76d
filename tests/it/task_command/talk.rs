//! Which lines are run, whose they are, and how whoever wrote them is answered.

use stationmaster::decide::commands_markdown;
use stationmaster::model::TaskState;

use super::scene::{NOW, Scene, actions, comments, count, reactions, refused_lines};

#[test]
fn a_command_is_seen_and_done_once() {
    let mut scene = Scene::new().says("dora", "/claim");
    let decision = scene.run();
    assert_eq!(reactions(&decision), ["1 eyes", "1 rocket"]);
    assert_eq!(comments(&decision), [""; 0]);
    let again = scene.run();
    assert_eq!((reactions(&again).len(), again.changes.deeds.len()), (0, 0));
}

#[test]
fn commands_are_done_in_order_and_refusals_are_one_comment() {
    let decision = Scene::new().says("dora", "/claim\n/progress 20% begun\n/cancel\n/risk low").decided();
    assert_eq!(reactions(&decision), ["1 eyes", "1 rocket", "1 confused"]);
    assert_eq!(decision.task.as_ref().unwrap().work.percent, Some(20));
    let lines = refused_lines(&decision);
    assert_eq!((comments(&decision).len(), lines.len()), (1, 2), "{lines:?}");
    assert!(lines[0].starts_with("@dora `/cancel`: this takes triage permission, and dora has read"), "{lines:?}");
}

#[test]
fn an_edit_runs_what_is_new_with_the_authority_of_whoever_edited() {
    let mut scene = Scene::new().says("rita", "/cancel");
    assert_eq!(refused_lines(&scene.run()).len(), 1);
    let mut scene = scene.edited("tess", "/cancel\n/priority high");
    let decision = scene.run();
    assert_eq!(reactions(&decision), ["1 eyes", "1 rocket"]);
    assert_eq!(scene.state(), TaskState::Assigned, "what stood there before is not run with her authority");
}

#[test]
fn bots_that_are_not_listed_and_our_own_comments_run_nothing() {
    for login in ["robot[bot]", "stationmaster[bot]"] {
        let decision = Scene::new().says(login, "/cancel").decided();
        assert_eq!((reactions(&decision).len(), decision.task.unwrap().state), (0, TaskState::Assigned), "{login}");
    }
    let mut listed = Scene::new().says("robot[bot]", "/cancel");
    listed.policy.tasks.bots.push("robot".into());
    listed.snapshot.permissions.insert("robot[bot]".into(), stationmaster::model::Permission::Write);
    assert_eq!(listed.decided().task.unwrap().state, TaskState::Cancelled);
}

#[test]
fn what_is_not_said_at_the_top_runs_nothing() {
    for text in [
        "```\n/cancel\n```",
        "    /cancel",
        "> /cancel",
        "<!-- \n/cancel\n-->",
        "- /cancel",
        "see `/cancel` for that",
        "`/nothing-of-ours`",
    ] {
        let decision = Scene::new().says("mia", text).decided();
        assert_eq!((reactions(&decision).len(), comments(&decision).len()), (0, 0), "{text}");
    }
}

#[test]
fn a_comment_that_is_a_command_in_backticks_gets_one_hint() {
    let mut scene = Scene::new().says("mia", "`/cancel nobody needs it`");
    let decision = scene.run();
    assert_eq!(scene.state(), TaskState::Assigned);
    let said = comments(&decision);
    assert!(
        said[0].contains("in backticks it is code, which is never run; without them it is: /cancel nobody"),
        "{said:?}"
    );
    assert_eq!(comments(&scene.run()), [""; 0]);
    let scene = scene.edited("mia", "/cancel nobody needs it");
    assert_eq!(scene.decided().task.unwrap().state, TaskState::Cancelled, "without them it is run");
}

#[test]
fn what_was_said_before_anybody_looked_is_not_run() {
    let mut old = Scene::new().says("tess", "/cancel");
    old.snapshot.comments[0].created = NOW.plus_ms(-2 * 3_600_000);
    old.task_mut().work.commands_seen = None;
    assert_eq!(old.run().task.unwrap().state, TaskState::Assigned);
    let mut new = Scene::new().says("tess", "/cancel");
    new.task_mut().work.commands_seen = None;
    assert_eq!(new.run().task.unwrap().state, TaskState::Cancelled);
}

#[test]
fn status_and_why_are_answered_by_the_card() {
    for line in ["/status", "/why"] {
        let mut scene = Scene::new();
        scene.run();
        assert_eq!(count(&scene.run()).get("write_card"), None, "an unchanged card is not written again");
        let (_, decision) = scene.done("rita", line);
        assert_eq!((actions(&decision, "card/").len(), comments(&decision).len()), (1, 0));
    }
}

#[test]
fn help_lists_what_the_asker_may_do_and_for_whom_the_rest_is() {
    let help = |login: &str| comments(&Scene::going().says(login, "/help").decided()).remove(0);
    let holder = help("dora");
    assert!(
        holder.starts_with("@dora you may write these on a line of their own:\n\n| command | effect |"),
        "{holder}"
    );
    assert!(holder.contains("| `/progress [N%] text` |") && !holder.contains("| `/cancel"), "{holder}");
    assert!(holder.contains("- For triage permission, an orchestrator: `/assign`, "), "{holder}");
    assert!(holder.ends_with("Your permission is read."), "{holder}");
    let team = help("tess");
    assert!(team.contains("| `/assign @user\\|worker\\|role\\|auto` |"), "{team}");
    assert!(team.contains("- For whoever holds the task: `/release`, `/progress`, "), "{team}");
    let reader = help("rita");
    assert!(reader.contains("- For a worker whom the task is for: `/claim`, `/ack`."), "{reader}");
}

#[test]
fn the_readme_shows_the_table_that_is_parsed() {
    let table = commands_markdown();
    for row in ["`/claim`", "`/risk critical\\|high\\|medium\\|low`", "`/merge [sha]`", "`/rollback environment [why]`"]
    {
        assert!(table.contains(&format!("| {row} |")), "{row}: {table}");
    }
}
