//! Reviews of heads: findings on the lines, secrets that are never shown, and rules that cannot be read.

use stationmaster::simulator::github::{Fault, FaultKind, ReviewState};

use crate::world::{On, REPOSITORY, TOPIC, World, scenarios};

const BARE_EXCEPT: &str = "\"\"\"Lines.\"\"\"\n\n\ndef depart() -> None:\n    \"\"\"Depart.\"\"\"\n    try:\n        start()\n    except:\n        stop()\n";
const NAMED_EXCEPT: &str = "\"\"\"Lines.\"\"\"\n\n\ndef depart() -> None:\n    \"\"\"Depart.\"\"\"\n    try:\n        start()\n    except OSError:\n        stop()\n";

/// A token that is none, in pieces, so that nothing here looks like one.
pub fn token() -> String {
    ["ghp", "_", "aB3dE5fG7hJ9kL1mN2pQ", "4rS6tU8vW0xY1zA2"].concat()
}

/// Everything that anybody can read of ours: comments, check runs, reviews, messages, the audit and the log of actions.
async fn all_that_is_written(world: &World, number: i64) -> String {
    let comments: Vec<String> = world.issue(number).comments.into_iter().map(|comment| comment.body).collect();
    let runs = world.github.check_runs(REPOSITORY, &world.head(number));
    let reviews = world.github.reviews(REPOSITORY, stationmaster::model::Number(number));
    let told = world.ntfy.messages(TOPIC);
    let audit = world.app().store.audit_of(None, 1_000).await.unwrap();
    let actions = world.app().store.actions(None, 1_000).await.unwrap();
    format!("{comments:?}\n{runs:?}\n{reviews:?}\n{told:?}\n{audit:?}\n{actions:?}")
}

fn own_run(world: &World, number: i64) -> stationmaster::simulator::github::CheckRun {
    let runs = world.github.check_runs(REPOSITORY, &world.head(number)).into_iter();
    let mut ours: Vec<_> = runs.filter(|run| run.name == "stationmaster/review").collect();
    assert_eq!(ours.len(), 1, "{ours:#?}");
    ours.remove(0)
}

scenarios! {
    async fn a_finding_that_blocks_is_on_its_line_and_is_approved_once_mended(world: &World) {
        let pull = world.open_pull("lines", &[("lines.py", BARE_EXCEPT)]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        let run = own_run(world, pull);
        assert_eq!(run.conclusion.as_deref(), Some("failure"));
        let lines: Vec<i64> = run.output.annotations.iter().map(|found| found.start_line).collect();
        assert!(lines.contains(&8), "{:#?}", run.output);
        world.expect_waiting(pull, &["the review has 1 blocking finding", "the author, alice"]);
        let reviews = world.github.reviews(REPOSITORY, stationmaster::model::Number(pull));
        assert_eq!(reviews.last().map(|review| review.state), Some(ReviewState::ChangesRequested));

        world.push("alice", "lines", &[("lines.py", NAMED_EXCEPT)]);
        world.settle().await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_merged(pull).await;
        let reviews = world.github.reviews(REPOSITORY, stationmaster::model::Number(pull));
        assert_eq!(reviews.last().map(|review| review.state), Some(ReviewState::Approved));
        assert_eq!(reviews.last().map(|review| review.commit.clone()), Some(world.head(pull)));
    }

    async fn a_directive_counts_with_a_reason_only(world: &World) {
        let allowed = BARE_EXCEPT.replace("except:", "except:  # stationmaster:allow python-bare-except a signal handler");
        let pull = world.open_pull("lines", &[("lines.py", &allowed)]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_merged(pull).await;
        let silent = BARE_EXCEPT.replace("except:", "except:  # stationmaster:allow python-bare-except");
        let other = world.open_pull("points", &[("points.py", &silent)]).await;
        world.ci_passes(other).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(other, &["the review has 1 blocking finding"]);
    }

    async fn a_secret_stops_the_merge_and_is_shown_nowhere(world: &World) {
        let script = format!("curl -u me:{} https://api.github.com\n", token());
        let pull = world.open_pull("deploy", &[("deploy.sh", &script)]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(pull, &["secret", "the author, alice"]);
        assert_eq!(own_run(world, pull).conclusion.as_deref(), Some("failure"));
        assert_eq!(world.told(), ["octo/station#1 holds a secret"]);
        let written = all_that_is_written(world, pull).await;
        assert!(written.contains("deploy.sh"));
        assert!(!written.contains(&token()), "the secret is shown");
    }

    async fn a_secret_that_is_taken_out_is_no_finding(world: &World) {
        let script = format!("TOKEN={}\necho run\n", token());
        world.github.write_file(REPOSITORY, "main", ("deploy.sh", &script), "Before the App came").unwrap();
        world.settle().await;
        let pull = world.open_pull("clean", &[("deploy.sh", "echo run\n")]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_merged(pull).await;
    }

    async fn findings_by_the_hundred_are_one_check_run_in_pages(world: &World) {
        let source: String = (0..120).fold(String::from("\"\"\"Prints.\"\"\"\n\n"), |text, line| text + &format!("print({line})\n"));
        let pull = world.open_pull("prints", &[("prints.py", &source)]).await;
        let run = own_run(world, pull);
        assert!(run.output.annotations.len() >= 120, "{} annotations", run.output.annotations.len());
        assert_eq!(run.conclusion.as_deref(), Some("success"), "remarks do not block");
        assert!(world.count_requests("PATCH", "/check-runs/") >= 2);
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_merged(pull).await;
    }

    async fn a_check_run_and_a_review_whose_answers_are_lost_are_there_once(world: &World) {
        world.github.inject(Fault::new("/check-runs", FaultKind::StatusAfterDoing(502)).method("POST"));
        world.github.inject(Fault::new("/reviews", FaultKind::StatusAfterDoing(502)).method("POST"));
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.pass_ms(60_000).await;
        own_run(world, pull);
        assert_eq!(world.github.reviews(REPOSITORY, stationmaster::model::Number(pull)).len(), 1);
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn gitleaks_rules_that_cannot_be_read_block_with_file_line_and_column(world: &World) {
        let broken = "[[rules]]\nid = \"mine\"\nregex = '''('''\n";
        world.github.write_file(REPOSITORY, "main", (".gitleaks.toml", broken), "Rules").unwrap();
        world.settle().await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(pull, &["the review could not be made", ".gitleaks.toml:3:", "a maintainer"]);
        assert!(own_run(world, pull).output.summary.is_some_and(|text| text.contains(".gitleaks.toml:3:")));
        world.github.write_file(REPOSITORY, "main", (".gitleaks.toml", "[extend]\nuseDefault = true\n"), "Mend").unwrap();
        world.settle().await;
        world.pass_ms(310_000).await;
        world.engine.tick().await.unwrap();
        world.settle().await;
        world.expect_merged(pull).await;
    }

    async fn a_structural_rule_of_the_repository_counts_from_the_default_branch_only(world: &World) {
        let rule = "id: no-shout\nlanguage: python\nseverity: error\nmessage: Do not shout.\nrule:\n  pattern: shout($$$)\n";
        let path = ".github/stationmaster/rules/shout.yml";
        let shout = "\"\"\"Shouts.\"\"\"\n\nshout(\"all aboard\")\n";
        let early = world.open_pull("early", &[(path, rule), ("early.py", shout)]).await;
        world.ci_passes(early).await;
        world.pass_ms(10_000).await;
        world.expect_merged(early).await;
        let late = world.open_pull("late", &[("late.py", shout)]).await;
        world.ci_passes(late).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(late, &["the review has 1 blocking finding"]);
    }

    async fn an_invalid_structural_rule_blocks_the_pull_that_brings_it(world: &World) {
        let path = ".github/stationmaster/rules/broken.yml";
        let pull = world.open_pull("rules", &[(path, "id: broken\nlanguage: python\nrule: [\n")]).await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        world.expect_waiting(pull, &["the review could not be made", "broken.yml:"]);
    }

    async fn what_is_no_text_or_is_only_moved_is_nothing_to_remark(world: &World) {
        let files = [("logo.bin", Some(vec![0_u8, 159, 146, 150])), ("long.py", Some("x = 1\n".repeat(10_000).into_bytes()))];
        world.github.commit_files(REPOSITORY, "alice", "files", &files, "Files").unwrap();
        let new = stationmaster::simulator::github::NewPull {
            title: "Files".to_owned(),
            head: "files".to_owned(),
            base: "main".to_owned(),
            ..stationmaster::simulator::github::NewPull::default()
        };
        let pull = world.github.open_pull(REPOSITORY, "alice", new).unwrap().0;
        world.settle().await;
        world.ci_passes(pull).await;
        world.pass_ms(10_000).await;
        assert_ne!(own_run(world, pull).conclusion, None);
    }
}
