//! What a command on a pull request does, for whom, and how it is answered.

use std::collections::BTreeSet;

use stationmaster::decide::Question;
use stationmaster::model::{
    Action, CheckOrigin, CheckRunId, CheckState, Conclusion, Login, Permission, PullState, Sha,
};

use super::stage::{FAILED, HEAD, NOW, OLD_HEAD, OWN_APP, PASSED, Stage, check, comments, reactions, retested};

fn only_comment(stage: &Stage) -> String {
    let written = comments(&stage.decided());
    assert_eq!(written.len(), 1, "{written:?}");
    written.into_iter().next().unwrap()
}

fn does_nothing(stage: &Stage) {
    let commanded = stage.decided();
    assert_eq!(commanded.actions, []);
    assert_eq!(commanded.words.merge_asked, None);
    assert_eq!(commanded.words.hold, None);
}

#[test]
fn a_merge_is_asked_for_at_this_head_and_answered_with_eyes_and_a_rocket() {
    let commanded = Stage::new().says("wendy", "/merge").decided();
    assert_eq!(commanded.words.merge_asked, Some((Login::new("wendy"), Sha::new(HEAD))));
    assert_eq!(reactions(&commanded), ["1 eyes", "1 rocket"]);
    assert_eq!(comments(&commanded), [""; 0], "a reaction says enough");
    assert_eq!(commanded.told, ["wendy: `/merge`"]);
}

#[test]
fn a_command_runs_once_however_often_the_pull_is_looked_at() {
    let mut stage = Stage::new().says("wendy", "/hold wait for the release");
    let first = stage.run();
    assert_eq!(first.words.hold.unwrap().why, "wait for the release");
    stage.snapshot.record.as_mut().unwrap().hold = None;
    let second = stage.run();
    assert_eq!(second.actions, []);
    assert_eq!(second.words.hold, None);
    assert!(stage.askers().is_empty(), "and nobody's permission is asked for again");
}

#[test]
fn commands_run_in_the_order_in_which_they_were_written() {
    let commanded = Stage::new().says("wendy", "/hold one\n/unhold").says("mia", "/hold two").decided();
    let hold = commanded.words.hold.unwrap();
    assert_eq!((hold.by.as_str(), hold.why.as_str(), hold.since), ("mia", "two", NOW));
    let undone = Stage::new().says("mia", "/hold two").says("wendy", "/unhold").decided();
    assert_eq!(undone.words.hold, None);
    assert_eq!(reactions(&undone), ["1 eyes", "2 eyes", "1 rocket", "2 rocket"]);
}

#[test]
fn a_hold_says_why_or_is_refused_with_a_line_that_works() {
    let text = only_comment(&Stage::new().says("wendy", "/hold"));
    assert_eq!(
        text,
        "This line was not run:\n\n- @wendy `/hold`: say why, such as `/hold until the release is out`.\n\n\
         `/help` lists what you may do here."
    );
    let below = Stage::new().says("wendy", "/hold\nthe release\nis not out").decided();
    assert_eq!(below.words.hold.unwrap().why, "the release is not out");
    let quoted = Stage::new().says("wendy", "/hold \"not yet\"").decided();
    assert_eq!(quoted.words.hold.unwrap().why, "not yet");
}

#[test]
fn nobody_without_write_permission_moves_a_pull() {
    for command in ["/merge", "/hold x", "/unhold", "/retest", "/queue", "/dequeue"] {
        for (login, has) in [("ann", "read"), ("tina", "triage")] {
            let mut stage = Stage::new().says(login, command);
            stage.snapshot.checks = vec![check("unit", 10, FAILED)];
            let commanded = stage.decided();
            let words = &commanded.words;
            assert!(words.merge_asked.is_none() && words.hold.is_none() && words.put_out.is_none(), "{command}");
            assert_eq!(retested(&commanded), []);
            assert_eq!(reactions(&commanded), ["1 eyes", "1 confused"]);
            let text = only_comment(&stage);
            assert!(text.contains(&format!("needs write permission, and {login} has {has}")), "{text}");
        }
    }
}

#[test]
fn a_permission_that_is_not_known_is_none() {
    let stage = Stage::new().says("stranger", "/merge");
    assert_eq!(stage.askers(), BTreeSet::from([Login::new("stranger")]), "it was asked for, and not answered");
    assert_eq!(stage.decided().words.merge_asked, None);
    let text = only_comment(&stage);
    assert!(text.contains("that of stranger could not be read just now: write it again in a minute"), "{text}");
}

#[test]
fn a_login_counts_in_any_case() {
    assert!(Stage::new().says("WENDY", "/merge").decided().words.merge_asked.is_some());
}

#[test]
fn an_edit_runs_only_what_was_not_there_before_and_with_the_authority_of_the_editor() {
    let mut stage = Stage::new().says("ann", "/merge");
    assert_eq!(reactions(&stage.run()), ["1 eyes", "1 confused"]);
    let mut stage = stage.edited(Some("wendy"), "/merge\n/hold look at this first");
    assert_eq!(stage.askers(), BTreeSet::from([Login::new("wendy")]));
    let edited = stage.run();
    assert_eq!(edited.words.merge_asked, None, "the line of ann was there before");
    assert_eq!(edited.words.hold.unwrap().by, Login::new("wendy"));
    let twice = stage.edited(Some("wendy"), "/merge\n/hold look at this first\n/merge").run();
    assert!(twice.words.merge_asked.is_some(), "the same line once more is a new one");
}

#[test]
fn an_edit_by_somebody_without_permission_does_not_borrow_the_authors() {
    let mut stage = Stage::new().says("wendy", "looks good");
    stage.run();
    let stage = stage.edited(Some("tina"), "looks good\n/merge");
    assert_eq!(stage.decided().words.merge_asked, None);
    assert!(only_comment(&stage).contains("tina has triage"));
    let gone = Stage::new().says("wendy", "looks good").edited(None, "/merge");
    assert_eq!(gone.decided().words.merge_asked, None);
    assert!(only_comment(&gone).contains("the account that edited this is gone"));
}

#[test]
fn we_and_bots_that_are_not_listed_run_nothing() {
    for login in ["stationmaster[bot]", "dependabot[bot]"] {
        let mut stage = Stage::new().says(login, "/merge");
        stage.snapshot.permissions.insert(Login::new(login), Permission::Write);
        does_nothing(&stage);
        assert!(stage.askers().is_empty());
    }
    // GraphQL leaves the suffix out.
    let mut bare = Stage::new().says("stationmaster", "/merge");
    bare.snapshot.permissions.insert(Login::new("stationmaster"), Permission::Write);
    does_nothing(&bare);
    does_nothing(&Stage::new().says("wendy", "hello").edited(Some("dependabot[bot]"), "/merge"));
    does_nothing(&Stage::new().says("dependabot[bot]", "hello").edited(Some("wendy"), "/merge"));
}

#[test]
fn a_listed_bot_may_do_what_its_permission_allows() {
    let mut stage = Stage::new().says("robot[bot]", "/merge");
    stage.bots = vec![Login::new("robot")];
    assert_eq!(stage.decided().words.merge_asked, None, "being listed is no permission");
    stage.snapshot.permissions.insert(Login::new("robot[bot]"), Permission::Write);
    assert!(stage.decided().words.merge_asked.is_some());
}

#[test]
fn commands_that_are_older_than_our_knowledge_are_noted_and_not_run() {
    let mut stage = Stage::new().says("wendy", "/merge").says("mia", "hello");
    stage.known_since = NOW;
    does_nothing(&stage);
    stage.run();
    let stage = stage.edited(Some("mia"), "hello\n/hold x");
    let later = stage.decided();
    assert!(later.words.hold.is_some(), "what comes into an old comment afterwards is new");
    assert_eq!(later.words.merge_asked, None);
}

#[test]
fn the_text_of_the_pull_request_is_a_place_for_commands_of_its_author() {
    let refused = Stage::new().opened_with("Adds a signal.\n\n/merge");
    assert_eq!(reactions(&refused.decided()), ["- eyes", "- confused"]);
    let mut stage = Stage::new();
    stage.snapshot.pull.author = Login::new("wendy");
    let commanded = stage.opened_with("Adds a signal.\n\n/merge").decided();
    assert!(commanded.words.merge_asked.is_some());
    assert_eq!(reactions(&commanded), ["- eyes", "- rocket"]);
}

#[test]
fn the_eleventh_command_of_a_comment_is_reported_and_not_run() {
    let text = format!("{}/hold eleven\n/merge", "/unhold\n".repeat(10));
    let stage = Stage::new().says("wendy", &text);
    let commanded = stage.decided();
    assert_eq!((commanded.words.hold, commanded.words.merge_asked), (None, None));
    let text = only_comment(&stage);
    assert!(
        text.contains(
            "`/hold eleven`: only the first 10 commands of a comment are run; this one was not, nor the 1 below it"
        ),
        "{text}"
    );
    assert_eq!(reactions(&stage.decided()), ["1 eyes", "1 rocket", "1 confused"]);
}

#[test]
fn all_refusals_of_one_look_are_one_comment() {
    let stage = Stage::new().says("wendy", "/mrege\n/claim\n/frobnicate").says("mia", "/hold\n/approve");
    assert_eq!(
        only_comment(&stage),
        "These lines were not run:\n\n\
         - @wendy `/mrege`: there is no such command; did you mean `/merge [sha]`?.\n\
         - @wendy `/claim`: `/claim` is for issues and does nothing on a pull request.\n\
         - @wendy `/frobnicate`: there is no such command; `/help` lists those that there are.\n\
         - @mia `/hold`: say why, such as `/hold until the release is out`.\n\
         - @mia `/approve`: on a pull request this is said by a review of GitHub's own.\n\n\
         `/help` lists what you may do here."
            .replace("?.", "?")
    );
}

#[test]
fn a_quoted_line_neither_formats_nor_mentions_nor_floods() {
    let line = format!("/merge `@everyone` {}", "x".repeat(5_000));
    let text = only_comment(&Stage::new().says("wendy", &line));
    assert!(text.len() < 600 && text.contains("`/merge  @everyone  xxx") && text.contains("…`"), "{text}");
}

#[test]
fn what_other_bots_answer_to_is_left_to_them() {
    let mut stage = Stage::new().says("wendy", "/lgtm\n/LGTM please");
    assert_eq!(reactions(&stage.decided()), ["1 eyes", "1 confused"]);
    stage.foreign = vec!["lgtm".to_owned()];
    does_nothing(&stage);
}

#[test]
fn outsiders_get_one_comment_in_a_while_however_often_they_try() {
    let mut stage = Stage::new().says("ann", "/merge");
    let key = |stage: &Stage| {
        let planned = stage.decided().actions.into_iter().find(|one| matches!(one.action, Action::Comment { .. }));
        planned.unwrap().key
    };
    let first = key(&stage);
    stage.run();
    let stage = stage.says("ann", "/queue");
    assert_eq!(key(&stage), first, "an action of a known key is not performed again");
    let mut insider = Stage::new().says("wendy", "/hold");
    let first = key(&insider);
    insider.run();
    assert_ne!(key(&insider.says("wendy", "/hold  ")), first);
}

#[test]
fn a_merge_that_comes_with_a_push_must_name_the_head() {
    let mut stage = Stage::new().says("wendy", "/merge");
    stage.snapshot.record.as_mut().unwrap().head = Sha::new(OLD_HEAD);
    assert_eq!(stage.decided().words.merge_asked, None);
    assert!(only_comment(&stage).contains("say that you mean it, `/merge a1b2c3d`"));
    let mut named = Stage::new().says("wendy", "/merge A1B2C3D");
    named.snapshot.record.as_mut().unwrap().head = Sha::new(OLD_HEAD);
    assert!(named.decided().words.merge_asked.is_some());
    let other = Stage::new().says("wendy", "/merge fffffff");
    assert_eq!(other.decided().words.merge_asked, None);
    assert!(only_comment(&other).contains("the head is a1b2c3d now"));
    let loose = Stage::new().says("wendy", "/merge when you like");
    assert!(only_comment(&loose).contains("it takes nothing but the commit that you mean: `/merge a1b2c3d`"));
}

#[test]
fn out_of_the_queue_and_back() {
    let mut stage = Stage::new().says("wendy", "/dequeue needs another look");
    let out = stage.run();
    assert_eq!(out.words.put_out, Some((Sha::new(HEAD), "wendy took it out: needs another look".to_owned())));
    let back = stage.says("mia", "/queue").run();
    assert_eq!(back.words.put_out, None);
    assert_eq!(back.words.merge_asked, Some((Login::new("mia"), Sha::new(HEAD))));
}

#[test]
fn a_closed_pull_is_only_talked_about() {
    for (state, says) in [(PullState::Closed, "is closed"), (PullState::Merged, "is merged already")] {
        let mut stage = Stage::new().says("wendy", "/merge\n/why");
        stage.snapshot.pull.state = state;
        assert!(only_comment(&stage).contains(says));
        assert_eq!(stage.decided().words.merge_asked, None);
        assert_eq!(stage.decided().questions, BTreeSet::from([Question::Why]));
    }
}

#[test]
fn anybody_may_ask() {
    let commanded = Stage::new().says("stranger", "/status\n/why\n/help").decided();
    assert_eq!(commanded.questions, BTreeSet::from([Question::Status, Question::Why]));
    assert_eq!(reactions(&commanded), ["1 eyes", "1 rocket"]);
    assert!(comments(&commanded)[0].contains("yours could not be read just now"));
}

#[test]
fn help_lists_what_the_asker_may_do() {
    let outsider = only_comment(&Stage::new().says("ann", "/help"));
    assert!(outsider.contains("| `/why` |") && !outsider.contains("| `/merge"), "{outsider}");
    assert!(outsider.contains("`/dequeue` need write permission; you have read."), "{outsider}");
    let insider = only_comment(&Stage::new().says("wendy", "/help\n/help"));
    for command in
        ["/help", "/status", "/why", "/merge [sha]", "/hold why", "/unhold", "/retest [check]…", "/queue [sha]"]
    {
        assert!(insider.contains(&format!("| `{command}` |")), "{command} is missing:\n{insider}");
    }
    assert!(!insider.contains("permission"), "{insider}");
}

#[test]
fn retest_runs_again_what_failed_last_and_nothing_else() {
    let mut stage = Stage::new().says("wendy", "/retest").says("mia", "/retest");
    let mut own = check("stationmaster/review", 50, FAILED);
    own.origin = CheckOrigin::App { id: OWN_APP, slug: "stationmaster".to_owned() };
    let mut status = check("old-ci", 0, FAILED);
    (status.origin, status.run, status.suite) = (CheckOrigin::Status { creator: None }, None, None);
    stage.snapshot.checks = vec![
        check("unit", 10, FAILED),
        check("unit", 11, PASSED),
        check("e2e", 20, PASSED),
        check("e2e", 21, FAILED),
        check("lint", 30, CheckState::Completed(Conclusion::Skipped)),
        check("slow", 40, FAILED),
        check("slow", 41, CheckState::Running),
        check("manual", 60, CheckState::Completed(Conclusion::ActionRequired)),
        own,
        status,
    ];
    let commanded = stage.decided();
    let again = retested(&commanded);
    assert_eq!(
        again.iter().map(|check| (check.name.as_str(), check.run)).collect::<Vec<_>>(),
        [("e2e", CheckRunId(21))]
    );
    assert_eq!(reactions(&commanded), ["1 eyes", "2 eyes", "1 rocket", "2 rocket"]);
}

#[test]
fn retest_says_why_there_is_nothing_to_run_again() {
    let mut stage = Stage::new().says("wendy", "/retest");
    stage.snapshot.checks = vec![check("unit", 10, PASSED)];
    assert!(only_comment(&stage).contains("no check has failed here"));
    let mut status = check("old-ci", 0, FAILED);
    (status.origin, status.run) = (CheckOrigin::Status { creator: None }, None);
    stage.snapshot.checks = vec![status];
    assert!(only_comment(&stage).contains("what failed is a commit status"));
    let mut named = Stage::new().says("wendy", "/retest \"unit tests\"");
    named.snapshot.checks = vec![check("unit tests", 10, FAILED), check("e2e", 20, FAILED)];
    assert_eq!(retested(&named.decided()).len(), 1);
    let mut unknown = Stage::new().says("wendy", "/retest unti");
    unknown.snapshot.checks = named.snapshot.checks.clone();
    assert!(only_comment(&unknown).contains("no check of this head is called `unti`"));
}
