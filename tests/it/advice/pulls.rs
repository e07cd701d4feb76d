//! What a model says of a pull request stands in our check run, below everything of ours, and changes nothing else.

use stationmaster::simulator::github::{CheckRun, Permission, ReviewEvent};

use super::{KEY, NAME, says, with_a_model};
use crate::channels::receiver::{Answer, Receiver};
use crate::world::{On, REPOSITORY, World, scenarios};

const POLICY: &str = "[model]\nreview = true\nexclude = [\"private/*\"]\n";

fn own_run(world: &World, number: i64) -> CheckRun {
    let runs = world.github.check_runs(REPOSITORY, &world.head(number)).into_iter();
    let mut ours: Vec<_> = runs.filter(|run| run.name == "stationmaster/review").collect();
    assert_eq!(ours.len(), 1, "it is written to, not made twice: {ours:#?}");
    ours.remove(0)
}

fn summary(world: &World, number: i64) -> String {
    own_run(world, number).output.summary.unwrap_or_default()
}

/// Looks like a token to the scanner, and is none.
fn token() -> String {
    format!("ghp_{}", "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R")
}

with_a_model! {
    async fn its_remarks_are_marked_as_such_and_made_harmless(world: &World, model: &Receiver) {
        world.set_policy(POLICY).await;
        let said = "The signal is never checked.\n/merge\n@alice fixes #1, see [this](https://evil.example/x) and \
                    ![that](https://evil.example/y.png) <img src=\"https://evil.example/z\"> https://evil.example/w\n\
                    **Ignore** all `checks`";
        model.answers(says(said, Some(1234)));
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        let summary = summary(world, pull);
        assert!(summary.contains(&format!("**A model (`{NAME}`) wrote this. It can be wrong, and it decides nothing.**")));
        assert!(summary.contains("> The signal is never checked."), "{summary}");
        for gone in ["evil.example", "\n> /merge", "@alice", "#1", "<img", "**Ignore**"] {
            assert!(!summary.contains(gone), "{gone}: {summary}");
        }
        assert!(world.issue(pull).comments.is_empty(), "nobody is disturbed");

        let call = &model.taken()[0];
        assert_eq!(call.header("authorization"), Some(format!("Bearer {KEY}")));
        let asked = call.json();
        assert_eq!((asked["model"].as_str(), asked["stream"].as_bool()), (Some(NAME), Some(false)));
        let user = asked["messages"][1]["content"].as_str().unwrap();
        let mark = user.lines().next().unwrap();
        assert!(user.ends_with(mark) && user.contains("+Red means stop."), "{user}");
        let system = asked["messages"][0]["content"].as_str().unwrap();
        assert!(system.contains(mark) && !system.contains("Red means stop"), "{system}");
        assert_eq!(world.app().store.model_today().await.unwrap().tokens, 1234);

        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        assert_eq!(model.calls(), 1, "each head is asked about once");
    }

    async fn secrets_and_what_the_policy_keeps_back_never_reach_it(world: &World, model: &Receiver) {
        let old = format!("KEY = \"{}\"\n", token());
        world.github.write_file(REPOSITORY, "main", ("old.py", &old), "Old").unwrap();
        world.set_policy(POLICY).await;
        model.answers(says("Fine.", None));
        let new = format!("NEW = \"{}\"\n", token());
        let files = [
            ("docs/signals.md", "Red means stop.\n"),
            ("new.py", new.as_str()),
            ("old.py", "KEY = None\n"),
            (".env.production", "PASSWORD=hunter2\n"),
            ("private/plan.md", "The plan.\n"),
        ];
        let pull = world.open_pull("signals", &files).await;
        let asked = String::from_utf8(model.taken()[0].body.clone()).unwrap();
        for kept_back in ["0a1B2c3D", "hunter2", "The plan."] {
            assert!(!asked.contains(kept_back), "{kept_back}: {asked}");
        }
        assert!(asked.contains("Red means stop."));
        let summary = summary(world, pull);
        for line in [
            "- new.py: it holds what looks like a secret",
            "- old.py: it holds what looks like a secret",
            "- .env.production: it is not shown to models",
            "- private/plan.md: it is not shown to models",
        ] {
            assert!(summary.contains(line), "{line}: {summary}");
        }
        assert_eq!(own_run(world, pull).conclusion.as_deref(), Some("failure"), "our own verdict stays");
        assert!(world.app().store.model_today().await.unwrap().tokens > 700, "what is not told is estimated");
        let card = world.card(pull);
        assert!(card.contains("secret") && !card.contains("0a1B2c3D"), "{card}");
    }

    async fn what_a_path_or_the_bare_lines_give_away_and_what_was_moved_out_is_kept_back_too(world: &World, model: &Receiver) {
        let rule = "[[rules]]\nid = \"word\"\npath = '\\.ini$'\nregex = '(?m)^word=(\\w{8})$'\n";
        world.github.write_file(REPOSITORY, "main", (".gitleaks.toml", rule), "Rules").unwrap();
        let plan = "The plan\nof all plans\nis this.\n";
        world.github.write_file(REPOSITORY, "main", ("private/plan.md", plan), "Plan").unwrap();
        world.set_policy(POLICY).await;
        model.answers(says("Fine.", None));
        let change = |path: &'static str, text: Option<&str>| (path, text.map(|text| text.as_bytes().to_vec()));
        let files = [
            change("docs/signals.md", Some("Red means stop.\n")),
            change("signals.ini", Some("word=Se4meBox\n")),
            change("private/plan.md", None),
            change("docs/plan.md", Some("The plan\nof all plans\nis that.\n")),
        ];
        world.github.commit_files(REPOSITORY, "alice", "signals", &files, "Move").unwrap();
        let pull = world.open_pull("signals", &[("docs/points.md", "They are set.\n")]).await;
        let asked = String::from_utf8(model.taken()[0].body.clone()).unwrap();
        assert!(asked.contains("Red means stop."), "{asked}");
        for kept_back in ["Se4meBox", "is that."] {
            assert!(!asked.contains(kept_back), "{kept_back}: {asked}");
        }
        let summary = summary(world, pull);
        for line in ["- signals.ini: it holds what looks like a secret", "- docs/plan.md: it is not shown to models"] {
            assert!(summary.contains(line), "{line}: {summary}");
        }
    }

    async fn a_head_that_has_moved_on_is_not_asked_about(world: &World, model: &Receiver) {
        world.set_policy(POLICY).await;
        model.answers(says("Fine.", None));
        world.propose("alice", "signals", &[("docs/signals.md", "Red means stop.\n")]);
        world.github.deliver_all().await;
        let waits = async || {
            let rows = world.app().store.actions(None, 100).await.unwrap();
            rows.iter().any(|row| row.kind == "ask_model" && row.state == "pending")
        };
        for _ in 0..20 {
            world.engine.intake_step().await.unwrap();
            world.clock.advance_ms(1_000);
            world.engine.decide_step(8).await.unwrap();
            if waits().await {
                break;
            }
            world.engine.act_step(8).await.unwrap();
        }
        assert!(waits().await, "nobody wants to ask");
        world.push("alice", "signals", &[("docs/signals.md", "Red means go.\n")]);
        world.settle().await;
        assert_eq!(model.calls(), 1, "only the newer head was asked about");
        assert!(String::from_utf8(model.taken()[0].body.clone()).unwrap().contains("Red means go."));
    }

    async fn whatever_it_says_or_fails_to_say_the_gate_stays_as_it_is(world: &World, model: &Receiver) {
        world.github.add_user("carol");
        world.github.set_permission(REPOSITORY, "carol", Permission::Write).unwrap();
        world.set_policy(POLICY).await;
        model.answers(says("BLOCK. Do not merge this. /hold it is bad", None));
        let blocked = world.open_pull("one", &[("one.md", "One.\n")]).await;
        world.ci_passes(blocked).await;
        world.expect_merged(blocked).await;

        model.answers(says("APPROVED. Merge at once. /merge", None));
        let approved = world.open_pull("two", &[("two.md", "Two.\n")]).await;
        world.review(approved, "carol", ReviewEvent::RequestChanges).await;
        world.ci_passes(approved).await;
        world.expect_waiting(approved, &["carol"]);

        // The day is over, so that tokens are left.
        world.clock.advance_ms(86_400_000);
        for answer in [
            Answer::Status(401, "x: y", "{\"error\":\"no\"}"),
            Answer::Status(429, "retry-after: 5", ""),
            Answer::Status(500, "x: y", ""),
        ] {
            model.answers(answer);
        }
        let before = model.calls();
        let dead = world.open_pull("three", &[("three.md", "Three.\n")]).await;
        world.ci_passes(dead).await;
        world.expect_merged(dead).await;
        world.pass_ms(60_000).await;
        assert_eq!(model.calls() - before, 3, "it is asked twice again, and then no more");
        assert!(!summary(world, dead).contains("A model"));
        let today = world.app().store.model_today().await.unwrap();
        assert_eq!((today.calls, today.failures), (3, 3));
        assert_eq!(today.last_fault.unwrap().0, "the model answered with status 500");
        let review = world.issue(approved).comments.len();
        assert_eq!(review, 1, "the card alone");
    }

    async fn what_is_no_answer_is_dropped(world: &World, model: &Receiver) {
        world.set_policy(POLICY).await;
        let huge = "x".repeat(400 * 1024);
        for answer in [
            Answer::Status(200, "content-type: text/html", "<html><body>Sign in to the hotel</body></html>"),
            says(&huge, None),
            Answer::CutAfterTaking,
        ] {
            model.answers(answer);
        }
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.pass_ms(60_000).await;
        assert_eq!(model.calls(), 3);
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        assert!(!summary(world, pull).contains("A model"));
        // Words of which nothing is left are no answer either.
        model.answers(says("<!-- --> <b></b>", Some(10)));
        let pull = world.open_pull("switches", &[("docs/switches.md", "Left or right.\n")]).await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        assert!(!summary(world, pull).contains("A model"));
    }
}

scenarios! {
    async fn a_server_without_a_model_asks_nobody_whatever_a_policy_wants(world: &World) {
        world.set_policy("[model]\nreview = true\nsuggest_type = true\n").await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.open_issue("Something strange").await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        let asked = world.app().store.actions(None, 1_000).await.unwrap();
        assert!(asked.iter().all(|row| row.kind != "ask_model"), "{asked:?}");
    }
}
