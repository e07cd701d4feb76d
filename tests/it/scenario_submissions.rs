//! Handing in evidence from one end to the other, in comments and by the API: what holds, what waits, what is refused.

use serde_json::json;
use stationmaster::model::{CommentId, Number};
use stationmaster::simulator::github::{CheckApp, NewPull, Permission, ReviewEvent};

use crate::api::{Caller, item, ready_task};
use crate::scenario_evidence::{begun, fixing, merge, pull_of, status};
use crate::world::{On, REPOSITORY, World, scenarios};

const MINUTE_MS: i64 = 60_000;

/// Alice hands in this.
async fn complete(world: &World, issue: i64, evidence: &str) -> CommentId {
    world.comment_as(issue, "alice", &format!("/complete {evidence}")).await
}

/// What alice hands in is not understood as evidence, and one comment says these words.
async fn refused(world: &World, issue: i64, evidence: &str, words: &[&str]) {
    let said = complete(world, issue, evidence).await;
    assert_eq!(world.reactions_to(issue, said), ["eyes", "confused"], "{evidence}");
    let last = world.bot_comments(issue).pop().unwrap().body;
    assert!(last.starts_with("This line was not run:"), "{evidence}: {last}");
    for words in words {
        assert!(last.contains(words), "{evidence}: {last}");
    }
    world.expect_comment(issue, &last);
    assert_eq!(status(world, issue), "in-progress", "{evidence}");
}

/// What alice hands in is looked at and does not hold, and one comment says these words.
async fn sent_back(world: &World, issue: i64, evidence: &str, words: &str) {
    let said = complete(world, issue, evidence).await;
    assert_eq!(world.reactions_to(issue, said), ["eyes", "rocket"], "{evidence}");
    let last = world.bot_comments(issue).pop().unwrap().body;
    assert!(last.starts_with("@alice: the evidence does not hold, so the task is in progress again."), "{last}");
    assert!(last.contains(words), "{evidence}: {last}");
    world.expect_comment(issue, &last);
    assert_eq!(status(world, issue), "in-progress", "{evidence}");
}

/// What alice hands in holds.
async fn holds(world: &World, issue: i64, evidence: &str, words: &str) {
    complete(world, issue, evidence).await;
    assert_eq!(status(world, issue), "done", "{evidence}: {:?}", world.issue(issue).comments);
    assert_eq!(world.issue(issue).state, "closed");
    let timeline = world.task(issue).await.unwrap().work.timeline;
    assert!(timeline.last().unwrap().what.contains(words), "{timeline:?}");
}

/// The address of a pull as people read it.
fn address(world: &World, pull: i64) -> String {
    format!("{}/{REPOSITORY}/pull/{pull}", world.github.api_url())
}

scenarios! {
    async fn an_unmerged_pull_waits_in_review_and_completes_on_its_merge(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        let pull = fixing(world, issue).await;
        let said = complete(world, issue, &address(world, pull)).await;
        assert_eq!(world.reactions_to(issue, said), ["eyes", "rocket"]);
        assert_eq!(status(world, issue), "review");
        let waits = format!("does not hold yet: octo/station#{pull} to be merged");
        assert!(world.card(issue).contains(&waits), "{}", world.card(issue));
        world.pass_ms(30 * MINUTE_MS).await;
        assert_eq!(status(world, issue), "review");
        merge(world, pull).await;
        assert_eq!((status(world, issue).as_str(), world.issue(issue).state.as_str()), ("done", "closed"));
        assert!(world.card(issue).contains("**Done.**"), "{}", world.card(issue));
    }

    async fn a_pull_that_is_closed_without_a_merge_is_sent_back(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        let pull = fixing(world, issue).await;
        complete(world, issue, &format!("#{pull}")).await;
        assert_eq!(status(world, issue), "review");
        world.close_issue(pull, "alice").await;
        assert_eq!(status(world, issue), "in-progress");
        world.expect_comment(issue, &format!("octo/station#{pull} was closed without a merge"));
        sent_back(world, issue, &format!("#{pull}"), "was closed without a merge").await;
    }

    async fn addresses_that_look_like_a_pull_and_are_none_are_refused_with_what_is_wrong(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        let pull = fixing(world, issue).await;
        let good = address(world, pull);
        let (scheme, rest) = good.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        for (evidence, words) in [
            ("https://github.com.evil.io/octo/station/pull/1".to_owned(), "does not begin with `http://`"),
            (format!("{scheme}://{host}.evil.io/{path}"), ".evil.io"),
            (format!("{scheme}://evil.io/{path}"), "is not on"),
            (format!("{scheme}://{host}@evil.io/{path}"), "has a user name in front of its host"),
            (format!("{scheme}://alice:secret@{host}/{path}"), "has a user name in front of its host"),
            (format!("//{host}/{path}"), "is no whole address"),
            (format!("{scheme}://{host}\\@evil.io/{path}"), "has encoded or foreign signs"),
            (good.replace("/pull/", "/issues/"), "is an issue, not a pull request"),
            (good.replace("/pull/", "/%70ull/"), "has encoded or foreign signs in its path"),
            (format!("{good}x"), "is not the address of a pull request"),
        ] {
            refused(world, issue, &evidence, &[words, "/pull/7`"]).await;
        }
        merge(world, pull).await;
    }

    async fn pulls_that_do_not_count_are_sent_back_with_why(world: &World) {
        world.github.create_repository("octo/other").unwrap();
        let early = pull_of(world, ("task/3-early", "Early", ""), "main").await;
        merge(world, early).await;
        let unlinked = pull_of(world, ("signals", "Signals", "See #3."), "main").await;
        world.pass_ms(MINUTE_MS).await;
        let issue = begun(world, "Fix the signal").await;
        assert_eq!(issue, 3);
        sent_back(world, issue, &address(world, early), "octo/station#1 was merged before the task began").await;
        sent_back(world, issue, "#99", "octo/station#99 is not found").await;
        sent_back(world, issue, "octo/other#1", "octo/other#1 is in another repository, and pulls of `octo/station` count").await;
        sent_back(world, issue, &format!("#{unlinked}"), "is not linked to this task: neither `Fixes #3` in its text").await;
        merge(world, unlinked).await;
        assert_eq!(status(world, issue), "in-progress");
        sent_back(world, issue, &format!("#{unlinked}"), "is not linked to this task").await;
        sent_back(world, issue, &format!("#{issue}"), "octo/station#3 is not found").await;
    }

    async fn a_pull_of_another_repository_counts_where_the_policy_lists_it(world: &World) {
        world.github.create_repository("octo/other").unwrap();
        world.set_policy("[evidence]\nrepositories = [\"octo/other\"]\n").await;
        let issue = begun(world, "Fix the signal").await;
        world.github.commit_files("octo/other", "alice", "signals", &[("a.txt", Some(b"red".to_vec()))], "Red").unwrap();
        let body = Some(format!("Fixes octo/station#{issue}"));
        let (title, head, base) = ("Signals".to_owned(), "signals".to_owned(), "main".to_owned());
        let pull = NewPull { title, body, head, base, ..NewPull::default() };
        let pull = world.github.open_pull("octo/other", "alice", pull).unwrap();
        world.settle().await;
        complete(world, issue, &format!("octo/other#{pull}")).await;
        assert_eq!(status(world, issue), "review");
        assert!(world.github.merge_pull("octo/other", "alice", pull).unwrap());
        world.settle().await;
        world.pass_ms(10 * MINUTE_MS).await;
        assert_eq!(status(world, issue), "done", "nobody tells of pulls elsewhere, so it is looked at again");
    }

    async fn words_alone_are_refused_with_what_is_missing(world: &World) {
        let issue = begun(world, "Fix the signal").await;
        for words in ["Done", "Fixed it", "Works for me!"] {
            let quoted = format!("\"{words}\" alone shows nothing");
            refused(world, issue, words, &[&quoted, "no pull request is named", "/complete http"]).await;
        }
        refused(world, issue, "it is merged, see the pull request of yesterday evening", &["no pull request is named"]).await;
    }

    async fn failed_tests_are_refused_and_passed_ones_finish(world: &World) {
        let issue = begun(world, "Test the signal").await;
        refused(world, issue, "all tests passed", &["how many tests passed", "how many tests failed"]).await;
        refused(world, issue, "passed=12", &["how many tests failed", "`/complete passed=12 failed=0`"]).await;
        refused(world, issue, "0 passed, 0 failed", &["no test was run"]).await;
        sent_back(world, issue, "passed=12 failed=3", "3 of 15 tests failed").await;
        sent_back(world, issue, "10/12 passed", "2 of 12 tests failed").await;
        holds(world, issue, "passed=15 failed=0", "15 tests passed and none failed").await;
    }

    async fn checks_are_looked_up_on_the_commit_that_is_named(world: &World) {
        let issue = begun(world, "Monitor the lamps").await;
        let sha = world.github.head_of(REPOSITORY, "main").unwrap();
        let check = |name: &str, conclusion: Option<&str>| {
            let id = world.github.start_check(REPOSITORY, &sha, CheckApp::actions(), name).unwrap();
            if let Some(conclusion) = conclusion {
                world.github.finish_check(id, conclusion).unwrap();
            }
            id
        };
        check("build", Some("success"));
        check("smoke", Some("failure"));
        let slow = check("deploy", None);
        world.settle().await;
        refused(world, issue, "everything is fine now, believe me, it was a long night", &["no check is named"]).await;
        sent_back(world, issue, "build: passed, smoke: failed", "`smoke` did not pass").await;
        sent_back(world, issue, &format!("checks: build, smoke commit {sha}"), "`smoke` is not green on GitHub").await;
        sent_back(world, issue, &format!("checks: build, paint commit {sha}"), "`paint` is not green on GitHub").await;
        complete(world, issue, &format!("checks: build, deploy commit {sha}")).await;
        assert_eq!(status(world, issue), "review");
        assert!(world.card(issue).contains("the check `deploy` to end"), "{}", world.card(issue));
        world.github.finish_check(slow, "success").unwrap();
        world.settle().await;
        world.pass_ms(10 * MINUTE_MS).await;
        assert_eq!(status(world, issue), "done");
    }

    async fn research_needs_a_summary_and_its_sources(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        world.comment_as(issue, "alice", "/route research\n/assign @alice\n/claim").await;
        assert_eq!(status(world, issue), "in-progress");
        let summary = "Both libraries retry by themselves, and only one of them with jitter.";
        refused(world, issue, summary, &["no source is named"]).await;
        refused(world, issue, "short. sources: https://docs.example.com/retry", &["at least 40 are needed"]).await;
        holds(world, issue, &format!("{summary} sources: https://docs.example.com/retry"), "a summary with 1").await;
    }

    async fn documentation_has_to_be_there_and_on_a_host_that_is_listed(world: &World) {
        let host = world.url.clone();
        world.set_policy(&format!("[evidence]\nhosts = [\"{host}\"]\n")).await;
        world.github.write_file(REPOSITORY, "main", ("docs/signals.md", "Red means stop."), "Say so").unwrap();
        let documented = async |title: &str| {
            let issue = world.open_issue(title).await;
            world.comment_as(issue, "alice", "/route documentation\n/assign @alice\n/claim").await;
            assert_eq!(status(world, issue), "in-progress");
            issue
        };
        let issue = documented("Fix the signal").await;
        refused(world, issue, "see the wiki", &["no page and no file is named"]).await;
        refused(world, issue, &format!("{}/", host.replace("://", "://alice@")), &["user name in front of its host"]).await;
        sent_back(world, issue, "docs/nowhere.md", "`docs/nowhere.md` is not on the branch `main`").await;
        sent_back(world, issue, "https://docs.example.com/signals", "pages of `docs.example.com` are not looked up").await;
        sent_back(world, issue, &format!("{host}/nowhere"), "answers 404").await;
        holds(world, issue, "docs/signals.md", "`docs/signals.md` is there").await;
        let page = documented("Fix the switch").await;
        holds(world, page, &format!("{host}/healthz"), "/healthz` is there").await;
    }

    async fn a_maintainer_completes_without_evidence_and_that_is_audited(world: &World) {
        world.permission("mia", Permission::Maintain);
        world.permission("wendy", Permission::Write);
        let issue = begun(world, "Fix the signal").await;
        for who in ["alice", "wendy"] {
            let said = world.comment_as(issue, who, "/complete --override it works").await;
            assert_eq!(world.reactions_to(issue, said), ["eyes", "confused"], "{who}");
            world.expect_comment(issue, &format!("this takes maintain permission, and {who} has write"));
        }
        assert_eq!(status(world, issue), "in-progress");
        let said = world.comment_as(issue, "mia", "/complete --override done in the old repository").await;
        assert_eq!(world.reactions_to(issue, said), ["eyes", "rocket"]);
        assert_eq!((status(world, issue).as_str(), world.issue(issue).state.as_str()), ("done", "closed"));
        let card = world.card(issue);
        assert!(card.contains("**Done** without evidence, by a maintainer’s word: done in the old repository."), "{card}");
        let audit = Caller::operator(world).get(&format!("audit?item={REPOSITORY}%23{issue}")).await.good(200);
        let entries = audit["entries"].as_array().unwrap();
        let said = entries.iter().find(|entry| entry["summary"].to_string().contains("completed it without evidence"));
        let said = said.unwrap_or_else(|| panic!("{audit:#}"));
        assert!(said["actor"].to_string().contains("mia") && said["door"] == "github", "{said}");
        let denied = entries.iter().filter(|entry| entry["kind"] == "refused").count();
        assert_eq!(denied, 2, "{audit:#}");
    }

    async fn somebody_elses_task_is_not_completed(world: &World) {
        world.permission("wendy", Permission::Write);
        let issue = begun(world, "Fix the signal").await;
        let pull = fixing(world, issue).await;
        let said = world.comment_as(issue, "wendy", &format!("/complete #{pull}")).await;
        assert_eq!(world.reactions_to(issue, said), ["eyes", "confused"]);
        world.expect_comment(issue, "@wendy `/complete");
        assert_eq!(status(world, issue), "in-progress");
    }

    async fn changes_requested_on_the_pull_send_a_task_in_review_back(world: &World) {
        world.permission("carol", Permission::Write);
        let issue = begun(world, "Fix the signal").await;
        let pull = fixing(world, issue).await;
        complete(world, issue, &format!("#{pull}")).await;
        assert_eq!(status(world, issue), "review");
        world.review(pull, "carol", ReviewEvent::RequestChanges).await;
        assert_eq!(status(world, issue), "in-progress");
        world.expect_comment(issue, &format!("changes are requested on octo/station#{pull}"));
        assert_eq!(world.task(issue).await.unwrap().worker.unwrap().as_str(), "alice", "it stays with its holder");
        sent_back(world, issue, &format!("#{pull}"), "changes are requested on").await;
        world.review(pull, "carol", ReviewEvent::Approve).await;
        complete(world, issue, &format!("#{pull}")).await;
        assert_eq!(status(world, issue), "review");
        merge(world, pull).await;
        assert_eq!(status(world, issue), "done");
    }

    async fn a_workers_completion_by_the_api_goes_the_same_way(world: &World) {
        let issue = ready_task(world, "Fix the signal").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        let fence = worker.post("tasks/claim", json!({})).await.good(200)["fence"].clone();
        world.settle().await;
        let pull = fixing(world, issue).await;
        let evil = worker.post(&item(issue, "complete"), json!({"evidence": "http://github.com.evil.io/octo/station/pull/1", "fence": fence})).await;
        assert!(evil.problem(409, "conflict").contains("is not on"), "{}", evil.body);
        let asked = worker.asked(issue, "complete", json!({"evidence": "octo/other#1", "fence": fence})).await;
        assert_eq!(asked["state"], "done", "handed in, and then looked at: {asked}");
        world.expect_comment(issue, "octo/other#1 is in another repository");
        assert_eq!(worker.get(&item(issue, "")).await.good(200)["status"], "in-progress");
        worker.asked(issue, "complete", json!({"evidence": address(world, pull), "fence": fence})).await;
        assert_eq!(worker.get(&item(issue, "")).await.good(200)["status"], "review");
        assert_eq!(status(world, issue), "review");
        merge(world, pull).await;
        let shown = worker.get(&item(issue, "")).await.good(200);
        assert_eq!((&shown["status"], &shown["lease_until"]), (&json!("done"), &json!(null)), "{shown}");
        assert_eq!((status(world, issue).as_str(), world.issue(issue).state.as_str()), ("done", "closed"));
        let late = worker.asked(issue, "complete", json!({"evidence": address(world, pull), "fence": fence})).await;
        assert_eq!(late["state"], "refused", "{late}");
    }

    async fn an_admins_token_completes_without_evidence_and_a_workers_does_not(world: &World) {
        let issue = ready_task(world, "Fix the signal").await;
        let worker = Caller::new(world, "worker:dev_worker1").await;
        worker.post("tasks/claim", json!({})).await.good(200);
        world.settle().await;
        let body = json!({"evidence": "done before this server was there", "override": true});
        worker.post(&item(issue, "complete"), body.clone()).await.problem(403, "forbidden");
        assert_eq!(Caller::operator(world).asked(issue, "complete", body).await["state"], "done");
        assert_eq!((status(world, issue).as_str(), world.issue(issue).state.as_str()), ("done", "closed"));
        assert!(world.card(issue).contains("done before this server was there"), "{}", world.card(issue));
    }

    async fn a_project_is_completed_with_its_last_part_and_not_before(world: &World) {
        let whole = world.open_issue("The harbour line").await;
        world.comment_as(whole, "alice", "/route project").await;
        let part = begun(world, "Fix the signal").await;
        world.add_sub_issue(whole, "alice", part).await;
        let said = world.comment_as(whole, "alice", "/complete").await;
        assert_eq!(world.reactions_to(whole, said), ["eyes", "confused"]);
        world.expect_comment(whole, &format!("octo/station#{part}"));
        merge(world, fixing(world, part).await).await;
        let said = world.comment_as(whole, "alice", "/complete").await;
        assert_eq!(world.reactions_to(whole, said), ["eyes", "rocket"]);
        assert_eq!((status(world, whole).as_str(), world.issue(whole).state.as_str()), ("done", "closed"));
        assert_eq!(world.github.issue(REPOSITORY, Number(part).0).unwrap().state, "closed");
    }
}
