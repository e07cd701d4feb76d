//! What is wrong with a line, and a line that works.

use stationmaster::model::IssueState;

use super::scene::{Scene, refused_lines};

#[test]
fn every_bad_argument_is_named_with_a_line_that_works() {
    for (line, what, works) in [
        ("/progress 150%", "`150%` is not a whole number from 0 to 100", "/progress 60% the parser is done"),
        ("/progress -5% x", "`-5%` is not a whole number from 0 to 100", "/progress 60% the parser is done"),
        ("/progress --percent many", "`many` is not a whole number", "/progress 60% the parser is done"),
        ("/progress", "say how far it is, in percent or in a sentence", "/progress 60% the parser is done"),
        ("/progress x --pct 4", "`/progress` has no option `--pct`: it has `--percent`", "/progress 60%"),
        ("/learn x --impact 1.5", "`1.5` is not a number from 0 to 1", "/learn The linter"),
        ("/learn x", "say how much it matters, as `--impact` from 0 to 1", "/learn The linter"),
        ("/learn --impact 0.5", "what was learned is missing", "/learn The linter"),
        ("/discover", "what was discovered is missing", "/discover the cache"),
        ("/discover x --impact", "`--impact` says nothing", "/discover the cache"),
        ("/blocker x --by soon", "`soon` is no issue: write #7, or owner/name#7", "/blocker the schema"),
        ("/blocker", "what is in the way is missing", "/blocker the schema"),
        ("/fail", "the reason is missing", "/fail the service is gone"),
        ("/request-approval", "the reason is missing", "/request-approval this drops"),
        ("/reject", "the reason is missing", "/reject this needs"),
        ("/request-changes", "the reason is missing", "/request-changes the test"),
        ("/claim now", "`/claim` takes nothing, and `now` is written behind it", "/claim"),
        ("/urgent --very", "`/urgent` has no option `--very`: it has none", "/urgent"),
        ("/assign", "`/assign` wants to know: ", "/assign @octocat"),
        ("/assign @a @b", "`/assign` takes one word", "/assign @octocat"),
        ("/assign a/b", "`a/b` is neither an account nor a worker nor a role", "/assign @octocat"),
        ("/priority hgih", "`hgih` is not one of low, medium, high, critical", "/priority high"),
        ("/risk", "`/risk` wants to know", "/risk high"),
        ("/defer soon", "`soon` is no time: write `3d`", "/defer 3d"),
        ("/defer 2020-01-01", "`2020-01-01` has passed: it means 2020-01-01T00:00:00Z", "/defer 3d"),
        ("/depends on", "`on` is no issue: write #7, or owner/name#7", "/depends #7"),
        ("/accept-discovery x", "`x` is not the number of a discovery", "/accept-discovery D1"),
        ("/subtask", "say what it is called", "/subtask \"Fix the parser\""),
        ("/subtask Fix -r", "nothing stands behind one `-r`", "/subtask \"Fix the parser\""),
        ("/subtask Fix --r x", "`/subtask` has no option `--r`", "/subtask \"Fix the parser\""),
        ("/complete --override", "say why", "/complete --override \"it was done"),
        ("/status please", "`/status` takes nothing", "/status"),
    ] {
        // `wendy` holds it here, so that it is the line alone that is refused.
        let scene = Scene::going().with(|seen| {
            seen.workers[0].worker.login = Some("wendy".into());
            seen.permissions.insert("wendy".into(), stationmaster::model::Permission::Maintain);
        });
        let said = scene.says("wendy", line).decided();
        let lines = refused_lines(&said);
        let [text] = lines.as_slice() else { panic!("{line}: {lines:?}") };
        assert!(text.contains(what), "{line}: {text}");
        assert!(text.contains(&format!("this works: `{works}")), "{line}: {text}");
    }
}

#[test]
fn a_text_that_is_too_long_is_refused_with_both_lengths() {
    let long = "x".repeat(4_001);
    assert_eq!(
        Scene::going().refused("dora", &format!("/fail because\n{long}")),
        "the reason has 4009 characters; at most 4000 fit."
    );
    let title = "x".repeat(257);
    assert_eq!(
        Scene::going().refused("tess", &format!("/subtask {title}")),
        "the title has 257 characters; at most 256 fit."
    );
}

#[test]
fn an_unknown_command_is_told_what_was_meant_or_where_it_works() {
    assert_eq!(Scene::new().refused("tess", "/cliam"), "there is no such command; did you mean `/claim`?");
    assert_eq!(Scene::new().refused("tess", "/merge"), "`/merge` is for pull requests and does nothing on an issue.");
    assert_eq!(
        Scene::new().refused("tess", "/deploy qa"),
        "`/deploy` is for the issue of a release and does nothing on a task."
    );
}

#[test]
fn a_refusal_calls_nobody() {
    let why = Scene::new().refused("tess", "/route @everyone");
    assert!(!why.contains("@everyone"), "{why}");
    let why = Scene::new().refused("tess", "/assign everyone<b>");
    assert!(!why.contains('<') || why.contains("`everyone<b>`"), "{why}");
}

#[test]
fn a_closed_issue_answers_and_does_nothing_else() {
    let closed = || {
        let mut scene = Scene::going().with(|seen| seen.issue.state = IssueState::Closed);
        scene.run();
        scene
    };
    for line in ["/claim", "/retry", "/progress 10%", "/cancel"] {
        assert_eq!(closed().refused("tess", line), "the issue is closed; open it again first.", "{line}");
    }
    closed().done("rita", "/status");
    closed().done("rita", "/why");
    closed().done("rita", "/help");
}
