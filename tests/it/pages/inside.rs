//! Inbox, outbox, audit and the page of the API: who sees them, what they hide, and what is done once more.

use reqwest::Method;
use sha2::{Digest as _, Sha256};
use stationmaster::model::{DeliveryState, Login, Timestamp};
use stationmaster::simulator::github::Access;
use stationmaster::store::{AuditQuery, OutboxState, SessionOf};

use super::{Browser, Page};
use crate::scenario_task_commands::people;
use crate::world::{On, REPOSITORY, World, deliver, scenarios};

/// A private repository of which only its admin knows.
pub const HIDDEN: &str = "octo/vault";

/// A browser in which this person is signed in.
pub async fn signed_in<'a>(world: &'a World, login: &str) -> Browser<'a> {
    let secret = format!("{:032x}", rand::random::<u128>());
    let hash = format!("{:x}", Sha256::digest(&secret));
    let (of, ends) = (SessionOf::Person(Login::new(login)), Timestamp(i64::MAX));
    world.app().store.begin_session(&hash, &of, ends).await.unwrap();
    let browser = Browser::new(world);
    browser.holds("stationmaster", &secret);
    browser
}

/// A repository that alice does not see, with an issue in it.
pub async fn hide_one(world: &World) {
    world.github.create_repository(HIDDEN).unwrap();
    world.github.set_private(HIDDEN, true).unwrap();
    world.settle().await;
    world.github.open_issue(HIDDEN, "bob", "Fix the combination lock", "").unwrap();
    world.settle().await;
}

/// An issue for which nothing can be written on GitHub, and then the permissions that were missing.
async fn leave_dead_actions(world: &World) -> i64 {
    // A token keeps what it was made with, so ours is made while nothing is missing.
    world.open_issue("Test the lamp").await;
    let few = [
        ("metadata", Access::Read),
        ("contents", Access::Read),
        ("issues", Access::Read),
        ("pull_requests", Access::Read),
    ];
    world.github.set_installation_permissions("octo", &few).unwrap();
    let issue = world.open_issue("Fix the signal").await;
    let enough = few.map(|(name, _)| (name, if name == "issues" { Access::Write } else { Access::Read }));
    world.github.set_installation_permissions("octo", &enough).unwrap();
    issue
}

/// What a page says of its scripts.
fn script_policy(page: &Page) -> String {
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    policy.split("; ").find(|part| part.starts_with("script-src")).unwrap().to_owned()
}

scenarios! {
    async fn who_does_not_run_the_server_finds_neither_inbox_nor_outbox(world: &World) {
        people(world);
        world.open_issue("Fix the signal").await;
        let (_, reader) = world.app().store.create_token("reader", &"read".parse().unwrap(), None).await.unwrap();
        let of_token = Browser::new(world);
        of_token.signs_in_with(&reader).await.is(200);
        for browser in [of_token, signed_in(world, "mia").await] {
            browser.get("/").await.is(200).hides("href=\"/inbox\"").hides("href=\"/outbox\"");
            for path in ["/inbox", "/inbox/any", "/outbox", "/outbox/1", "/outbox/retry?kind=write_card"] {
                browser.get(path).await.is(404);
            }
            browser.post("/inbox/replay", &[("guid", "any"), ("state", "dead")]).await.is(404);
            browser.post("/outbox/retry", &[("kind", "write_card"), ("count", "0")]).await.is(404);
        }
    }

    async fn a_dead_delivery_is_found_looked_at_without_its_secrets_and_replayed(world: &World) {
        let secret = world.github.app().webhook_secret;
        let body = br#"{"action":"opened","issue":{"title":"<script>alert(1)</script>"},"hook":{"client_secret":"hush-hush"},
            "repository":{"id":1,"full_name":"octo/station"}}"#;
        assert_eq!(deliver(&world.url, &secret, ("issues", "bad-1"), body).await, 202);
        world.settle().await;
        world.expect_one_dead();
        let browser = Browser::operator(world).await;
        browser.get("/inbox").await.is(200).shows("One delivery could not be understood").shows("bad-1");
        browser.get("/inbox?state=dead&event=issues&guid=BAD").await.shows("bad-1");
        browser.get("/inbox?state=done&guid=bad-1").await.shows("No delivery is here.");
        browser.get("/inbox?event=push").await.shows("No delivery is here.");
        let page = browser.get("/inbox/bad-1").await;
        page.is(200).shows("issue.number").shows("(hidden)").hides("hush-hush").hides("<script>alert");

        let page = browser.post("/inbox/replay", &[("guid", "bad-1"), ("state", "dead")]).await;
        page.is(200).shows("Replayed");
        world.settle().await;
        let page = browser.post("/inbox/replay", &[("guid", "bad-1"), ("state", "done")]).await;
        page.is(409).shows("The delivery was done when you looked, and is dead now.");
        browser.get("/audit?kind=replay").await.shows("Delivery bad-1 was replayed.").shows("operator").shows("by page");
        browser.get("/inbox/there-is-none").await.is(404);
    }

    async fn a_delivery_tells_which_decision_it_led_to(world: &World) {
        let issue = world.open_issue("Fix the signal").await;
        let browser = Browser::operator(world).await;
        let all = world.app().store.deliveries(Some(DeliveryState::Done), 100).await.unwrap();
        let opened = all.iter().find(|delivery| delivery.event == "issues").unwrap();
        let page = browser.get(&format!("/inbox/{}", opened.guid)).await;
        page.is(200).shows("What it led to").shows(&format!("/tasks/{REPOSITORY}/{issue}"));
        page.shows("&#34;full_name&#34;: &#34;octo/station&#34;");
    }

    async fn the_inbox_is_read_page_by_page_without_missing_or_repeating_any(world: &World) {
        let secret = world.github.app().webhook_secret;
        for number in 0..60 {
            let guid = format!("row-{number:02}-of-many");
            assert_eq!(deliver(&world.url, &secret, ("ping", &guid), b"{\"zen\":\"x\"}").await, 202);
        }
        world.settle().await;
        let browser = Browser::operator(world).await;
        let first = browser.get("/inbox?event=ping").await;
        first.shows("row-59-of-many").shows("row-10-of-many").hides("row-09-of-many");
        let (_, rest) = first.text.split_once("before=").unwrap();
        let before = rest.split(['"', '&']).next().unwrap();
        let second = browser.get(&format!("/inbox?event=ping&before={before}")).await;
        second.shows("row-09-of-many").shows("row-00-of-many").hides("row-10-of-many").shows("Newest");
    }

    async fn dead_actions_are_tried_once_more_one_by_one_and_all_of_a_kind(world: &World) {
        let issue = leave_dead_actions(world).await;
        let dead = world.app().store.actions(Some(OutboxState::Dead), 10).await.unwrap();
        let browser = Browser::operator(world).await;
        let page = browser.get("/outbox?state=dead").await;
        page.is(200).shows("given up").shows("`issues: write`").shows("write_card").shows("Try the one of the kind");

        let card = dead.iter().find(|action| action.kind == "write_card").unwrap();
        let path = format!("/outbox/{}", card.id);
        browser.get(&path).await.is(200).shows(&card.key).shows("Try once more").shows("What is to be done");
        let fields = [("id", card.id.to_string()), ("key", card.key.clone())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        browser.post("/outbox/retry", &fields).await.is(200).shows("tried once more in a moment");
        browser.post("/outbox/retry", &fields).await.is(409);

        let page = browser.get("/outbox/retry?kind=set_labels").await;
        page.is(200).shows("1 dead action of the kind set_labels").shows("name=\"count\" value=\"1\"");
        let stale = [("kind", "set_labels"), ("count", "2")];
        browser.post("/outbox/retry", &stale).await.is(409).shows("There were 2 dead actions of the kind set_labels, and now there are 1");
        browser.post("/outbox/retry", &[("kind", "set_labels"), ("count", "1")]).await.is(200);
        world.settle().await;
        world.card(issue);
        assert!(world.issue(issue).labels.contains(&"type/development".to_owned()));
        browser.get("/outbox").await.hides("given up");
        let audit = browser.get("/audit?kind=replay&door=page&actor=operator").await;
        audit.shows("1 dead action of the kind set_labels was replayed.").shows(&format!("Action {} was replayed.", card.key));
    }

    async fn a_forged_or_foreign_form_does_nothing_once_more(world: &World) {
        leave_dead_actions(world).await;
        let browser = Browser::operator(world).await;
        let fields = [("kind", "set_labels"), ("count", "1"), ("csrf", "forged")];
        browser.send(Method::POST, "/outbox/retry", &fields).await.is(409);
        browser.send(Method::POST, "/outbox/retry", &fields[..2]).await.is(409);
        let dead = world.app().store.actions(Some(OutboxState::Dead), 10).await.unwrap();
        for _ in &dead {
            world.expect_one_dead();
        }
        assert_eq!(dead.iter().filter(|action| action.kind == "set_labels").count(), 1);
    }

    async fn the_audit_shows_a_person_their_repositories_and_the_operator_all(world: &World) {
        people(world);
        let issue = world.open_issue("Fix the signal").await;
        hide_one(world).await;
        let item = format!("{REPOSITORY}#{issue}");
        let page = signed_in(world, "alice").await.get("/audit").await;
        page.is(200).shows(&item).shows("rule `fix`").hides("vault").hides("combination lock");
        for path in ["/audit?repo=octo/vault", "/audit?about=octo/vault%231", "/audit.csv?repo=octo/vault"] {
            signed_in(world, "alice").await.get(path).await.is(404);
        }
        let operator = Browser::operator(world).await;
        operator.get("/audit").await.shows(&item).shows("octo/vault#1");
        let hidden = AuditQuery { kind: Some("decision".to_owned()), limit: 100, ..AuditQuery::default() };
        let rows = world.app().store.audit_rows(&hidden).await.unwrap();
        let (open, hidden) = issue_line(&rows, world.decisions(issue).await[0].subject.as_deref().unwrap());
        // Whoever only reads sees why, and whoever may write also what the decision saw.
        let alice = signed_in(world, "alice").await;
        alice.get(&format!("/audit/{open}")).await.is(200).shows("What it saw").shows("&#34;title&#34;: &#34;Fix the signal&#34;");
        signed_in(world, "rita").await.get(&format!("/audit/{open}")).await.is(200).shows("rule `fix`").hides("What it saw");
        alice.get(&format!("/audit/{hidden}")).await.is(404);
        operator.get(&format!("/audit/{hidden}")).await.is(200).shows("combination lock");
    }

    async fn the_audit_is_searched_and_taken_home_as_a_file(world: &World) {
        let first = world.open_issue("Fix the signal").await;
        let second = world.open_issue("Deploy v2").await;
        let browser = Browser::operator(world).await;
        let about = |issue: i64| format!("/audit?about=octo/station%23{issue}");
        browser.get(&about(first)).await.shows(&format!("#{first}")).hides(&format!("#{second}<"));
        browser.get("/audit?q=no+such+words").await.shows("The audit has no such line.");
        let words = world.decisions(first).await[0].summary.to_uppercase();
        let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        browser.get(&format!("/audit?q={words}")).await.shows(&format!("octo/station#{first}"));
        browser.get("/audit?from=2026-11-22").await.shows("The audit has no such line.");
        browser.get("/audit?from=2026-11-21&until=2026-11-21").await.shows(&format!("octo/station#{second}"));
        browser.get("/audit?from=tomorrow").await.shows("“From” should be a day");
        browser.get("/audit?about=nothing").await.shows("“About” should be an issue or pull request");
        browser.get("/audit.csv?door=window").await.is(422);

        let csv = browser.get("/audit.csv?kind=decision").await;
        assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"audit.csv\"");
        let lines: Vec<&str> = csv.text.lines().collect();
        assert_eq!(lines[0], "at,actor,door,about,kind,decision,summary");
        assert!(lines.iter().any(|line| line.contains(&format!("\"octo/station#{second}\""))), "{}", csv.text);
        let file = browser.get("/audit.jsonl?kind=decision").await;
        let lines: Vec<serde_json::Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), csv.text.lines().count() - 1);
        assert!(lines.iter().any(|line| line["about"] == format!("octo/station#{first}") && line["explanation"]["reasons"].is_array()));
    }

    async fn the_page_of_the_api_loads_all_it_names_from_us_and_runs_no_inline_script(world: &World) {
        let browser = Browser::operator(world).await;
        browser.get("/").await.shows("href=\"/api\"");
        let page = browser.get("/api").await;
        page.is(200).shows("/api/openapi.json");
        assert_eq!(script_policy(&page), "script-src 'self'");
        let named = page.text.split(['"', '\'']).filter(|part| part.starts_with("/api/") || part.starts_with("/assets/"));
        let mut count = 0;
        for path in named {
            let asset = browser.get(path).await;
            asset.is(200);
            if !path.contains(".json") {
                assert_eq!(asset.headers["x-content-type-options"], "nosniff", "{path}");
            }
            count += 1;
        }
        assert!(count >= 6, "{}", page.text);
        assert!(!page.text.contains("<script>") && !page.text.contains("style="), "{}", page.text);
        let script = browser.get("/api/docs/swagger-ui-bundle.js").await;
        assert_eq!(script.headers["content-encoding"], "gzip");
        assert!(script_policy(&browser.get("/").await) == "script-src 'self'");
        browser.get("/api/docs/..%2Fstyle.css").await.is(404);
        Browser::new(world).get("/api").await.shows("Sign in");
    }
}

/// The ids of a line about this subject, and of one about another issue.
fn issue_line(rows: &[stationmaster::store::AuditRow], subject: &str) -> (i64, i64) {
    let is_own = |row: &&stationmaster::store::AuditRow| row.subject.as_deref() == Some(subject);
    let own = rows.iter().find(is_own).unwrap().id;
    let other =
        rows.iter().find(|row| !is_own(row) && row.subject.as_deref().is_some_and(|of| of.starts_with("issue/")));
    (own, other.unwrap().id)
}
