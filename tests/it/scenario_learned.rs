//! Rules that history suggests, from three issues that people typed by hand to an issue that is routed; and estimates.

use stationmaster::model::Number;
use stationmaster::simulator::github::{Fault, FaultKind, Permission, ReviewEvent};

use crate::pages::Browser;
use crate::world::{On, REPOSITORY, World, scenarios};

const DAY_MS: i64 = 24 * 3_600_000;
const HOUR_MS: i64 = 3_600_000;
const FILE: &str = ".github/stationmaster.toml";

/// Issues that no rule knows, until alice says what they are.
async fn typed_by_hand(world: &World, titles: &[&str], label: &str) {
    for title in titles {
        let issue = world.open_issue(title).await;
        assert!(world.issue(issue).labels.contains(&"type/triage".to_owned()), "a rule knows {title}");
        world.label_as(issue, label, "alice").await;
    }
}

async fn polished(world: &World) {
    typed_by_hand(world, &["Polish the bell", "Polish the rails", "Polish the lamps"], "type/development").await;
}

/// The pull request that proposes rules.
async fn proposing(world: &World) -> Option<i64> {
    let store = &world.app().store;
    let id = store.repositories().await.unwrap()[0].id;
    store.rules_record(id).await.unwrap().pull?.number.map(|number| number.0)
}

/// The text of the pull request, and its file.
fn written(world: &World, pull: i64) -> (String, String) {
    let mut files = world.github.files_at(REPOSITORY, &world.pull(pull).head);
    let file = files.remove(FILE).expect("there is no policy");
    (world.issue(pull).body, String::from_utf8(file).unwrap())
}

/// Asks by the page's button; the page that comes of it, once it is decided.
async fn asks(world: &World, browser: &Browser<'_>) -> String {
    let page = browser.post("/rules/octo/station/propose", &[]).await;
    page.is(200);
    world.settle().await;
    browser.get(&page.path).await.text
}

scenarios! {
    async fn what_people_type_by_hand_becomes_a_rule_once_a_person_has_approved_it(world: &World) {
        let own = world.app().own_login().unwrap();
        // Not even a policy that trusts our own App has such a pull merged without a person.
        world.set_policy(&format!("[trust]\nbots = [\"{own}\"]\n")).await;
        polished(world).await;
        world.open_issue("Polish the buffers").await;
        let browser = Browser::operator(world).await;
        let page = browser.get("/rules").await;
        page.is(200).shows("What history suggests").shows("learned-polish").shows("Polish the rails");
        page.shows("people gave 3 titles that no rule matches the type <code>development</code>");
        page.shows("it would have routed 1 that is still in triage").shows("Propose it by a pull request");
        assert_eq!(proposing(world).await, None, "showing changes nothing");

        let said = asks(world, &browser).await;
        assert!(said.contains("had rules proposed: a pull request proposes 1 rule"), "{said}");
        let pull = proposing(world).await.expect("no pull request");
        let (body, file) = written(world, pull);
        for words in ["Nothing changes until somebody merges this", "`Polish the lamps` (development)", "`learned-polish`"] {
            assert!(body.contains(words), "{words:?} is missing:\n{body}");
        }
        assert!(file.starts_with("[trust]\n") && file.contains("title = '^polish\\b'"), "{file}");
        let page = browser.get("/rules?repo=octo/station").await;
        page.shows(&format!("<a href=\"/pulls/octo/station/{pull}\">")).hides("Propose it by");

        // It is looked at as soon as it is there, though nobody but us has done anything to it.
        let page = browser.get(&format!("/pulls/octo/station/{pull}")).await;
        page.is(200).shows("Of the newest 4 issues, 4 would be routed otherwise:");

        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["nobody who has it has approved this head"]);
        assert_eq!(asks(world, &browser).await.matches("proposes 1 rule").count(), 1, "it is there already");
        world.review(pull, "alice", ReviewEvent::Approve).await;
        world.expect_merged(pull).await;

        let issue = world.open_issue("Polish the sign").await;
        let labels = world.issue(issue).labels;
        assert!(labels.contains(&"type/development".to_owned()), "{labels:?}");
        assert!(world.card(issue).contains("rule `learned-polish`"), "{}", world.card(issue));
        browser.get("/rules?repo=octo/station").await.hides("What history suggests").shows("learned-polish");
        assert_eq!(proposing(world).await, None);
    }

    async fn a_pull_request_that_is_closed_is_a_no(world: &World) {
        polished(world).await;
        let browser = Browser::operator(world).await;
        asks(world, &browser).await;
        let pull = proposing(world).await.unwrap();
        world.github.close_pull(REPOSITORY, "alice", Number(pull)).unwrap();
        world.settle().await;
        let page = browser.get("/rules").await;
        page.shows("1 rule was turned down, and is not proposed again").hides("learned-polish");
        let said = asks(world, &browser).await;
        assert!(said.contains("Not done") && said.contains("1 rule that was turned down is not proposed again"), "{said}");
        assert_eq!(proposing(world).await, None);
        typed_by_hand(world, &["Polish the clock"], "type/development").await;
        browser.get("/rules").await.hides("learned-polish");
        typed_by_hand(world, &["Oil the hinge", "Oil the axle", "Oil the crane"], "type/development").await;
        asks(world, &browser).await;
        let second = proposing(world).await.unwrap();
        let (_, file) = written(world, second);
        assert!(file.contains("learned-oil") && !file.contains("polish"), "{file}");
    }

    async fn where_the_policy_wants_it_one_pull_request_is_kept_up_week_by_week(world: &World) {
        world.set_policy("[learn]\nrules = \"pull\"\n").await;
        polished(world).await;
        assert_eq!(proposing(world).await, None, "it has looked this week");
        world.pass_ms(7 * DAY_MS).await;
        let pull = proposing(world).await.expect("a week later");
        typed_by_hand(world, &["Oil the hinge", "Oil the axle", "Oil the crane"], "type/development").await;
        world.pass_ms(7 * DAY_MS).await;
        assert_eq!(proposing(world).await, Some(pull), "one at a time");
        let (body, file) = written(world, pull);
        assert!(file.contains("learned-oil") && file.contains("learned-polish") && body.contains("Oil the axle"), "{file}");

        // Whoever pushes to the branch has taken it over.
        let branch = world.pull(pull).head;
        let head = world.push("alice", &branch, &[(FILE, "[learn]\nrules = \"pull\"\n# By hand.\n")]);
        typed_by_hand(world, &["Sweep the yard", "Sweep the hall", "Sweep the shed"], "type/development").await;
        world.pass_ms(7 * DAY_MS).await;
        assert_eq!(world.head(pull), head, "what alice pushed stays");
        Browser::operator(world).await.get("/rules").await.shows("somebody else has pushed to");
    }

    async fn only_who_maintains_has_rules_proposed(world: &World) {
        polished(world).await;
        let browser = Browser::person(world, "alice").await;
        browser.get("/rules").await.shows("learned-polish").hides("by a pull request</button>");
        let page = browser.post("/rules/octo/station/propose", &[]).await;
        page.is(403).shows("it takes the permission `maintain`");
        world.github.add_user("mia");
        world.github.set_permission(REPOSITORY, "mia", Permission::Maintain).unwrap();
        let browser = Browser::person(world, "mia").await;
        browser.get("/rules").await.shows("by a pull request</button>");
        asks(world, &browser).await;
        assert!(proposing(world).await.is_some());
        browser.post("/rules/octo/elsewhere/propose", &[]).await.is(404);
    }

    async fn a_policy_that_holds_for_others_too_is_not_replaced(world: &World) {
        world.github.create_repository("octo/.github").unwrap();
        world.github.write_file("octo/.github", "main", (FILE, "[tasks]\nmanage = true\n"), "Ours").unwrap();
        world.settle().await;
        polished(world).await;
        let browser = Browser::operator(world).await;
        let said = asks(world, &browser).await;
        assert!(said.contains("Not done") && said.contains("octo/.github, which holds for other repositories too"), "{said}");
        assert_eq!(proposing(world).await, None);
    }

    async fn what_github_refuses_is_told_and_asked_for_again(world: &World) {
        polished(world).await;
        let message = "Resource not accessible by integration".to_owned();
        world.github.inject(Fault::new("/pulls", FaultKind::Refusal { status: 403, message }).method("POST"));
        let browser = Browser::operator(world).await;
        asks(world, &browser).await;
        assert_eq!(proposing(world).await, None);
        browser.get("/rules").await.shows("The pull request was not written: GitHub refuses it");
        asks(world, &browser).await;
        assert!(proposing(world).await.is_some());
    }

    async fn a_pull_says_how_long_others_like_it_took(world: &World) {
        let browser = Browser::operator(world).await;
        for hours in 1..=5 {
            let pull = world.open_pull(&format!("part-{hours}"), &[(&format!("docs/{hours}.md"), "Red means stop.\n")]).await;
            let page = browser.get(&format!("/pulls/octo/station/{pull}")).await;
            page.shows("There is too little history to say").shows(&format!("({} of the 5 merged pull requests", hours - 1));
            world.pass_ms(hours * HOUR_MS).await;
            world.ci_passes(pull).await;
            world.expect_merged(pull).await;
        }
        let pull = world.open_pull("last", &[("docs/last.md", "Green means go.\n")]).await;
        let page = browser.get(&format!("/pulls/octo/station/{pull}")).await;
        page.shows("Half of the small pull requests here (fewer than 100 changed lines) were merged within 3 h");
        page.shows("nine of ten within 5 h (of 5)");
        let said: Vec<String> = world.issue(pull).comments.into_iter().map(|comment| comment.body).collect();
        assert!(!said.concat().contains("pull requests here"), "no comment is edited for an estimate: {said:?}");
    }

    async fn a_task_says_how_likely_its_answer_is_late(world: &World) {
        for version in 1..=5 {
            world.open_issue(&format!("Deploy v{version}")).await;
        }
        world.pass_ms(5 * HOUR_MS).await;
        let issue = world.open_issue("Deploy v6").await;
        let page = Browser::operator(world).await.get(&format!("/tasks/octo/station/{issue}")).await;
        page.shows("risk of a late answer: 5 of 5 like it (priority high").shows("0 % of its time is gone");
    }

    async fn checks_that_fail_and_then_pass_are_named_the_second_time(world: &World) {
        let store = &world.app().store;
        let id = store.repositories().await.unwrap()[0].id;
        for turn in 1..=2 {
            let pull = world.open_pull(&format!("part-{turn}"), &[(&format!("docs/{turn}.md"), "Red means stop.\n")]).await;
            world.check(pull, "build", "failure").await;
            world.pass_ms(60_000).await;
            world.ci_passes(pull).await;
            let named = store.flaky_named(id).await.unwrap();
            assert_eq!(named.len(), usize::from(turn == 2), "{named:?}");
        }
        let named = store.flaky_named(id).await.unwrap().remove(0);
        assert_eq!((named.name.as_str(), named.flaky, named.commits, named.runs), ("build", 2, 2, 4));
        assert!(named.sha.is_some());
        let page = Browser::operator(world).await.get("/charts").await;
        page.shows("2 of 2").shows("100 %");
    }

    async fn what_is_switched_off_is_not_there(world: &World) {
        world.set_policy("[learn]\nrules = \"off\"\nmerge_time = false\nsla_risk = false\nflaky = false\n").await;
        polished(world).await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red means stop.\n")]).await;
        world.check(pull, "build", "failure").await;
        world.pass_ms(60_000).await;
        world.ci_passes(pull).await;
        let issue = world.open_issue("Deploy v2").await;
        let open = world.open_pull("lamps", &[("docs/lamps.md", "Lamps.\n")]).await;
        let browser = Browser::operator(world).await;
        browser.get("/rules?repo=octo/station").await.is(200).hides("What history suggests");
        browser.get(&format!("/pulls/octo/station/{open}")).await.is(200).hides("id=\"merge-time\"");
        browser.get(&format!("/tasks/octo/station/{issue}")).await.is(200).hides("id=\"sla-risk\"");
        browser.get("/charts").await.shows("No check was flaky in this time.");
        let said = asks(world, &browser).await;
        assert!(said.contains("Not done") && said.contains("[learn] rules = &#34;off&#34;"), "{said}");
        assert_eq!(proposing(world).await, None);
    }
}
