//! What a command on the issue of a release does, for whom, and how it is answered.

use std::collections::BTreeSet;

use stationmaster::model::{Authority, EnvironmentAsk, IssueState, Login, Permission, TagName};

use super::scene::{
    HOUR_MS, NOW, Scene, asked, comments, freeze, keys, person, question, reactions, released, version, wanted,
};

fn deploy(tag: &str, overrides: Option<&str>) -> EnvironmentAsk {
    EnvironmentAsk::Deploy { version: version(tag), overrides: overrides.map(str::to_owned) }
}

/// The only ask, with the name of whoever has asked.
fn only(scene: &Scene) -> (String, EnvironmentAsk, String) {
    let decision = scene.decided();
    let all = asked(&decision);
    let [(name, ask, authority)] = all.as_slice() else { panic!("{all:?} {:?}", comments(&decision)) };
    assert_eq!(reactions(&decision), ["1 eyes", "1 rocket"]);
    let Authority::Person { login, .. } = authority else { panic!("{authority:?}") };
    (name.clone(), ask.clone(), login.to_string())
}

/// The reason why the only line was not run.
fn refused(scene: &Scene) -> String {
    let decision = scene.decided();
    assert_eq!(asked(&decision), []);
    assert_eq!(reactions(&decision), ["1 eyes", "1 confused"]);
    let written = comments(&decision);
    let [text] = written.as_slice() else { panic!("{written:?}") };
    let (head, rest) = text.split_once("`: ").unwrap();
    assert!(head.starts_with("This line was not run:\n\n- @"), "{text}");
    rest.strip_suffix("\n\n`/help` lists what you may do here.").unwrap().to_owned()
}

#[test]
fn each_command_is_an_ask_of_its_environment() {
    let until = Some(NOW.plus_ms(2 * HOUR_MS));
    let this = Some(TagName::new("v0.2.0"));
    let why = |text: &str| text.to_owned();
    for (login, line, environment, ask) in [
        ("wendy", "/deploy qa", "qa", deploy("v0.2.0", None)),
        ("wendy", "/deploy PROD 0.1.1", "prod", deploy("v0.1.1", None)),
        ("mia", "/deploy prod --override \"a fix for #5\"", "prod", deploy("v0.2.0", Some("a fix for #5"))),
        ("mia", "/deploy prod --override “a fix” v0.1.1", "prod", deploy("v0.1.1", Some("a fix"))),
        ("mia", "/deploy --override=\"a fix\" prod", "prod", deploy("v0.2.0", Some("a fix"))),
        ("mia", "/deploy prod v0.2.0 --OVERRIDE fix", "prod", deploy("v0.2.0", Some("fix"))),
        ("wendy", "/rollback prod", "prod", EnvironmentAsk::Rollback { why: why("no reason was given") }),
        (
            "wendy",
            "/rollback prod it's \"slow\" -- 50%",
            "prod",
            EnvironmentAsk::Rollback { why: why("it's \"slow\" -- 50%") },
        ),
        (
            "wendy",
            "/rollback \"prod\"\nthe login\nfails",
            "prod",
            EnvironmentAsk::Rollback { why: why("the login fails") },
        ),
        ("wendy", "/freeze prod 2h the fair", "prod", EnvironmentAsk::Freeze { until, why: why("the fair") }),
        ("wendy", "/freeze prod until 2h \"the fair\"", "prod", EnvironmentAsk::Freeze { until, why: why("the fair") }),
        (
            "wendy",
            "/freeze prod forever\nit is sold",
            "prod",
            EnvironmentAsk::Freeze { until: None, why: why("it is sold") },
        ),
        ("wendy", "/approve", "prod", EnvironmentAsk::Approve { tag: this.clone() }),
        ("wendy", "/approve prod", "prod", EnvironmentAsk::Approve { tag: this.clone() }),
        ("wendy", "/approve v0.2.0", "prod", EnvironmentAsk::Approve { tag: this.clone() }),
        ("wendy", "/approve prod 0.2.0", "prod", EnvironmentAsk::Approve { tag: this }),
        ("wendy", "/reject prod it is slow", "prod", EnvironmentAsk::Reject { why: why("it is slow") }),
        ("wendy", "/reject it is slow", "prod", EnvironmentAsk::Reject { why: why("it is slow") }),
    ] {
        let said = only(&Scene::waiting().says(login, line));
        assert_eq!(said, (environment.to_owned(), ask, login.to_owned()), "{line}");
    }
    let mut frozen = Scene::new();
    frozen.record("prod").freezes = vec![freeze(None, "the fair")];
    assert_eq!(only(&frozen.says("wendy", "/unfreeze prod it is over")).1, EnvironmentAsk::Unfreeze);
}

#[test]
fn the_report_carries_what_the_person_may_do() {
    let decision = Scene::new().says("mia", "/deploy qa").decided();
    let authority = person("mia", Permission::Maintain);
    assert_eq!(asked(&decision), [("qa".to_owned(), deploy("v0.2.0", None), authority)]);
    assert_eq!(decision.told, ["mia: `/deploy qa`"]);
    assert_eq!(decision.explanation.reasons, decision.told);
}

#[test]
fn a_line_that_says_too_little_or_too_much_is_refused_with_one_that_works() {
    for (line, why) in [
        ("/deploy", "say which environment, such as `/deploy qa`."),
        ("/deploy staging", "there is no environment `staging`, only qa and prod."),
        ("/deploy qa v9.9.9", "there is no version `v9.9.9`, only v0.2.0 and v0.1.1."),
        ("/deploy qa --force", "there is no `--force`, only `--override \"why\"`."),
        ("/deploy qa --override", "say why, such as `/deploy qa v0.2.0 --override \"why\"`."),
        (
            "/deploy qa --override a fix now",
            "that is more than an environment and a version: it is written `/deploy environment [version] [--override \
             \"why\"]`, the reason in quotation marks.",
        ),
        ("/rollback", "say which environment, such as `/rollback prod the login fails`."),
        ("/freeze", "say which environment, such as `/freeze prod 2h the fair`."),
        ("/freeze prod", "say until when, such as `/freeze prod 2h the fair`."),
        ("/freeze prod 2h", "say why, such as `/freeze prod 2h the fair`."),
        (
            "/freeze prod friday the fair",
            "`friday` is no time; write `2h`, `3d`, `2026-12-24`, `2026-12-24T18:00` (in UTC) or `forever`.",
        ),
        ("/freeze prod 2020-01-01 x", "`2020-01-01` has passed: it means 2020-01-01T00:00:00Z, in UTC."),
        ("/unfreeze", "say which environment, such as `/unfreeze prod`."),
        (
            "/approve prod v0.2.0 now",
            "that is more than an environment and a version: it is written `/approve [environment] [version]`.",
        ),
        ("/approve staging", "there is no environment `staging`, only qa and prod."),
        ("/reject prod", "say why, such as `/reject prod it is not tested on the old database`."),
        ("/aprove", "there is no such command; did you mean `/approve [environment] [version]`?"),
        ("/merge", "`/merge` is for pull requests and does nothing on the issue of a release."),
        ("/claim", "`/claim` is for tasks and does nothing on the issue of a release."),
        ("/dance", "there is no such command; `/help` lists those that there are."),
    ] {
        assert_eq!(refused(&Scene::waiting().says("mia", line)), why, "{line}");
    }
}

#[test]
fn nobody_without_write_permission_moves_a_release() {
    for line in ["/deploy qa", "/rollback prod", "/freeze prod 2h x", "/unfreeze prod", "/approve", "/reject no"] {
        let why = refused(&Scene::waiting().says("rita", line));
        assert_eq!(why, "this needs write permission, and rita has read.", "{line}");
        let unknown = refused(&Scene::waiting().says("stranger", line));
        assert!(unknown.contains("that of stranger could not be read just now"), "{line}: {unknown}");
    }
}

#[test]
fn an_override_needs_maintain_permission() {
    let why = refused(&Scene::new().says("wendy", "/deploy qa --override \"a fix\""));
    assert_eq!(why, "with `--override` this needs maintain permission, and wendy has write.");
}

#[test]
fn nobody_approves_or_rejects_their_own_work() {
    for line in ["/approve prod", "/approve", "/reject prod no"] {
        let why = refused(&Scene::waiting().says("Ann", line));
        assert_eq!(why, "Ann may not approve v0.2.0: their own work is in it.", "{line}");
    }
}

#[test]
fn where_the_policy_lists_approvers_only_they_count_and_need_not_be_able_to_write() {
    let listing = |login: &str| {
        let mut scene = Scene::waiting();
        scene.environments[1].approvers = vec![Login::new("Rita"), Login::new("ann")];
        scene.says(login, "/approve")
    };
    assert_eq!(only(&listing("rita")).2, "rita");
    assert_eq!(refused(&listing("mia")), "mia may not do this: for prod the policy lists Rita and ann.");
    assert_eq!(refused(&listing("ann")), "ann may not approve v0.2.0: their own work is in it.");
}

#[test]
fn on_the_issue_of_one_version_another_is_never_approved_or_rejected_by_accident() {
    let newer = |line: &str| {
        let mut scene = Scene::waiting();
        let mut release = released("v0.3.0", 1);
        release.version.issue = Some(stationmaster::model::Number(14));
        scene.snapshot.releases.insert(0, release);
        scene.record("prod").wanted = Some(wanted("v0.3.0"));
        scene.record("prod").approval = Some(question("v0.3.0"));
        scene.says("wendy", line)
    };
    for line in ["/approve", "/approve prod"] {
        let why = refused(&newer(line));
        assert_eq!(why, "v0.2.0 does not wait for approval there; v0.3.0 in prod does.", "{line}");
    }
    let why = refused(&newer("/reject prod it is slow"));
    assert_eq!(why, "it is v0.3.0 that waits for approval in prod: say it on #14.");
    let named = only(&newer("/approve prod v0.3.0"));
    assert_eq!(named.1, EnvironmentAsk::Approve { tag: Some(TagName::new("v0.3.0")) });
}

#[test]
fn what_one_line_asks_the_next_one_knows() {
    let scene = Scene::waiting().says("wendy", "/freeze prod 2h x\n/unfreeze prod\n/approve\n/approve");
    let decision = scene.decided();
    assert_eq!(asked(&decision).len(), 3);
    assert_eq!(reactions(&decision), ["1 eyes", "1 rocket", "1 confused"]);
    assert!(comments(&decision)[0].contains("`/approve`: nothing waits for approval."), "{:?}", comments(&decision));
}

#[test]
fn a_command_runs_once_however_often_the_issue_is_looked_at() {
    let mut scene = Scene::new().says("wendy", "/deploy qa");
    assert_eq!(asked(&scene.run()).len(), 1);
    let second = scene.run();
    assert_eq!((asked(&second).len(), reactions(&second).len(), second.told.len()), (0, 0, 0));
    assert!(scene.askers().is_empty(), "and nobody's permission is asked for again");
}

#[test]
fn an_edit_runs_only_what_was_not_there_before_and_with_the_authority_of_the_editor() {
    let mut scene = Scene::new().says("rita", "/deploy prod");
    assert_eq!(asked(&scene.run()).len(), 0);
    let mut scene = scene.edited("mia", "/deploy prod\n/deploy qa");
    assert_eq!(scene.askers(), BTreeSet::from([Login::new("mia")]));
    let decision = scene.run();
    let expected = ("qa".to_owned(), deploy("v0.2.0", None), person("mia", Permission::Maintain));
    assert_eq!(asked(&decision), [expected]);
}

#[test]
fn bots_and_our_own_comments_run_nothing() {
    for login in ["stationmaster[bot]", "renovate[bot]"] {
        let mut scene = Scene::new().says(login, "/deploy qa");
        scene.snapshot.permissions.insert(Login::new(login), Permission::Admin);
        let decision = scene.decided();
        assert_eq!((asked(&decision).len(), reactions(&decision).len(), comments(&decision).len()), (0, 0, 0));
    }
}

#[test]
fn at_most_ten_commands_of_a_comment_are_run() {
    let decision = Scene::new().says("wendy", &"/deploy qa\n".repeat(12)).decided();
    assert_eq!(asked(&decision).len(), 10);
    assert!(comments(&decision)[0].contains("only the first 10 commands of a comment are run"));
}

#[test]
fn commands_work_on_an_issue_that_was_closed_since_people_go_back_from_what_was_verified() {
    let mut scene = Scene::new().says("wendy", "/rollback prod it is slow");
    scene.snapshot.issue.state = IssueState::Closed;
    assert_eq!(only(&scene).0, "prod");
}

#[test]
fn nothing_is_asked_of_anybody_while_the_policy_cannot_be_read() {
    let mut scene = Scene::new().says("wendy", "/deploy qa");
    scene.environments.clear();
    scene.unreadable = Some(".github/stationmaster.toml:2:1: unknown key\nmore".to_owned());
    assert_eq!(
        refused(&scene),
        "the repository's policy cannot be read, so nothing is asked of anybody: .github/stationmaster.toml:2:1: \
         unknown key."
    );
}

#[test]
fn status_and_why_write_the_card_although_it_says_the_same() {
    for line in ["/status", "/why"] {
        let mut scene = Scene::new();
        assert_eq!(keys(&scene.run()), ["card/issue/9/12/5"]);
        assert_eq!(keys(&scene.run()), [""; 0]);
        let mut scene = scene.says("rita", line);
        assert_eq!(keys(&scene.run()), ["card/issue/9/12/7"], "{line}");
    }
}

#[test]
fn help_lists_what_the_asker_may_do() {
    let written = comments(&Scene::new().says("rita", "/help").says("wendy", "/help").decided());
    insta::assert_snapshot!(written.join("\n\n"), @r#"
    @rita you may write these on a line of their own:

    | command | effect |
    | --- | --- |
    | `/help` | lists what you may do here |
    | `/status` | brings the card up to date |
    | `/why` | says in the card what each environment waits for |

    `/deploy`, `/rollback`, `/freeze`, `/unfreeze`, `/approve`, `/reject` need write permission; you have read.

    @wendy you may write these on a line of their own:

    | command | effect |
    | --- | --- |
    | `/help` | lists what you may do here |
    | `/status` | brings the card up to date |
    | `/why` | says in the card what each environment waits for |
    | `/deploy environment [version] [--override "why"]` | deploys this version, or the one that is named; `--override` passes a freeze or a hold and needs maintain permission |
    | `/rollback environment [why]` | goes back to the version that was verified before |
    | `/freeze environment until why` | deploys nothing until then: `2h`, `3d`, `2026-12-24`, `2026-12-24T18:00` (in UTC), `forever` |
    | `/unfreeze environment` | ends such freezes |
    | `/approve [environment] [version]` | lets the version that waits for approval pass |
    | `/reject [environment] why` | does not let it pass |
    "#);
}
