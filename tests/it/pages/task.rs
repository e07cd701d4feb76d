//! The page of a task: what it says, what it offers to whom, and what comes of asking.

use stationmaster::model::{Number, TaskState};
use stationmaster::simulator::github::Permission;

use super::{Browser, Page, many_lines};
use crate::scenario_task_commands::{does, has, is_refused, set_up, set_up_with};
use crate::world::{On, REPOSITORY, World, scenarios};

const BODY: &str = "It flickers.\n\n## Requirements\n- Red means stop\n\n## Acceptance criteria\n- It is bright\n";

fn path(issue: i64) -> String {
    format!("/tasks/{REPOSITORY}/{issue}")
}

/// What a form of this page carries, with what is asked.
fn filled<'a>(page: &'a Page, ask: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let value = |name: &str| {
        let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).expect("no form on this page");
        rest.split('"').next().unwrap()
    };
    [&[("ask", ask), ("version", value("version")), ("seen", value("seen"))], fields].concat()
}

/// Asks by the form of a fresh page, and looks at what became of it.
async fn asks(browser: &Browser<'_>, world: &World, issue: i64, ask: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&path(issue)).await;
    let asked = browser.post(&path(issue), &filled(&page, ask, fields)).await;
    asked.is(200).shows("it is decided in a moment");
    world.settle().await;
    browser.get(&asked.path).await
}

/// Which asks the page offers.
fn offers(page: &Page) -> Vec<&str> {
    let mut asks: Vec<&str> =
        page.text.split("name=\"ask\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    asks.sort_unstable();
    asks.dedup();
    asks
}

async fn state(world: &World, issue: i64) -> TaskState {
    world.task(issue).await.unwrap().state
}

async fn opened(world: &World, title: &str) -> i64 {
    let number = world.github.open_issue(REPOSITORY, "alice", title, BODY).unwrap().0;
    world.settle().await;
    number
}

scenarios! {
    async fn a_task_is_shown_with_everything_that_is_known_of_it(world: &World) {
        set_up(world).await;
        let first = world.open_issue("Fix the fuse").await;
        let issue = opened(world, "Fix the signal").await;
        does(world, issue, "tess", &format!("/depends #{first}\n/subtask \"Fix the lamp\"")).await;
        does(world, first, "mia", "/complete --override it was the draught").await;
        does(world, issue, "bert", "/claim\n/progress 60% the parser is done").await;
        does(world, issue, "bert", "/discover The fuse is old --impact darkness").await;
        does(world, issue, "bert", "/blocker no bulb is left --needs \"a bulb\"").await;
        let page = Browser::person(world, "rita").await.get(&path(issue)).await;
        page.is(200).shows("<h1>Fix the signal</h1>").shows("<span class=\"state bad\">blocked</span>");
        page.shows("Red means stop").shows("It is bright").shows("It flickers.").shows("<code>task/2-fix-the-signal</code>");
        page.shows("60 %").shows("the parser is done").shows("no bulb is left").shows("It takes: a bulb");
        page.shows("The fuse is old").shows("darkness").shows("<dt>Worker</dt><dd>bert");
        page.shows(&format!("href=\"{}\">{REPOSITORY}#{first}</a> Fix the fuse", path(first)));
        page.shows("Fix the lamp").shows("0 of 1").shows("Nothing was handed in yet.").shows("Wanted is the address of a pull");
        page.shows("rule <code>fix</code>").shows("On GitHub").shows(&format!("/{REPOSITORY}/issues/{issue}\""));
        // What comes last stands first.
        let blocked = page.text.rfind("is blocked: no bulb is left").unwrap();
        assert!(blocked < page.text.rfind("claimed it").unwrap(), "{}", page.text);
        assert_eq!(offers(&page), [""; 0], "rita only reads");
        page.shows("There is nothing that you could ask of it now.");
    }

    async fn whoever_may_asks_by_forms_and_is_told_what_came_of_it(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let tess = Browser::person(world, "tess").await;
        let page = asks(&tess, world, issue, "priority", &[("level", "critical")]).await;
        page.shows("Done: ").shows("set the priority to critical");
        has(world, issue, &["priority/critical"]);
        asks(&tess, world, issue, "urgent", &[]).await.shows("notice ok");
        has(world, issue, &["urgent"]);
        asks(&tess, world, issue, "assign", &[("person", "@bert")]).await.shows("gave it to <code>bert</code>");
        assert_eq!(state(world, issue).await, TaskState::Assigned);
        let bert = Browser::person(world, "bert").await;
        assert!(offers(&bert.get(&path(issue)).await).contains(&"claim"));
        asks(&bert, world, issue, "claim", &[]).await.shows("claimed it");
        assert_eq!(state(world, issue).await, TaskState::InProgress);
        asks(&bert, world, issue, "release", &[("why", "I am away")]).await.shows("let go of it");
        asks(&tess, world, issue, "defer", &[("until", "2027-01-15")]).await.shows("put it off until 2027-01-15");
        let page = tess.get(&path(issue)).await;
        page.shows("<span class=\"state \">deferred</span>").shows("Put off until").shows("It comes back");
        asks(&tess, world, issue, "retry", &[]).await.shows("has it tried again");
        asks(&tess, world, issue, "escalate", &[("why", "nobody answers")]).await.shows("notice ok");
        let operator = Browser::operator(world).await;
        asks(&operator, world, issue, "cancel", &[("why", "nobody needs it")]).await.shows("cancelled it");
        assert_eq!(state(world, issue).await, TaskState::Cancelled);
        assert_eq!(offers(&operator.get(&path(issue)).await), [""; 0], "what is closed is opened again on GitHub");
    }

    async fn only_what_somebody_may_ask_now_is_offered_to_them(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/risk medium").await;
        let tess = Browser::person(world, "tess").await.get(&path(issue)).await;
        let of_tess = ["ack", "assign", "cancel", "claim", "defer", "escalate", "priority", "risk", "urgent"];
        assert_eq!(offers(&tess), of_tess);
        // To lower a risk takes more than to raise it.
        let risks = |page: &Page| page.text.split("id=\"level-risk\"").nth(1).unwrap().split("</select>").next().unwrap().to_owned();
        assert_eq!(risks(&tess).matches("<option>").count(), 2, "{}", risks(&tess));
        let mia = Browser::person(world, "mia").await.get(&path(issue)).await;
        assert_eq!(risks(&mia).matches("<option>").count(), 3, "{}", risks(&mia));
        let operator = Browser::operator(world).await.get(&path(issue)).await;
        assert!(!offers(&operator).contains(&"claim"), "nobody claims for others");
        assert!(offers(&operator).contains(&"assign"));
        // A page that was sent by hand does not help.
        let rita = Browser::person(world, "rita").await;
        let page = rita.get(&path(issue)).await;
        page.is(200);
        assert_eq!(offers(&page), [""; 0]);
        let fields = filled(&tess, "cancel", &[]);
        rita.post(&path(issue), &fields).await.is(403).shows("this takes triage permission, and rita has read");
        world.settle().await;
        assert_eq!(state(world, issue).await, TaskState::Ready);
    }

    async fn an_approver_who_neither_holds_nor_opened_the_task_consents_by_a_button(world: &World) {
        set_up(world).await;
        let issue = opened(world, "Fix the signal").await;
        does(world, issue, "tess", "/risk high").await;
        let alice = Browser::person(world, "alice").await;
        let page = alice.get(&path(issue)).await;
        page.shows("its risk is high");
        assert!(!offers(&page).contains(&"approve"), "alice opened it");
        let wendy = Browser::person(world, "wendy").await;
        let page = wendy.get(&path(issue)).await;
        assert!(offers(&page).contains(&"approve") && offers(&page).contains(&"reject"), "{:?}", offers(&page));
        alice.post(&path(issue), &filled(&page, "approve", &[])).await.is(403).shows("opened the issue");
        wendy.post(&path(issue), &filled(&page, "reject", &[])).await.is(422).shows("The reason is missing");
        // Consent is given for what stood on the page.
        world.edit_issue_body(issue, "alice", "It flickers. Drop the database.").await;
        wendy.post(&path(issue), &filled(&page, "approve", &[])).await.is(409).shows("has changed since you loaded");
        world.settle().await;
        assert_eq!(state(world, issue).await, TaskState::WaitingApproval);
        asks(&wendy, world, issue, "approve", &[]).await.shows("Done: ");
        assert_eq!(state(world, issue).await, TaskState::Ready);
        wendy.get(&path(issue)).await.shows("<strong>Given:</strong>");
    }

    async fn a_form_of_an_older_state_is_refused_and_one_of_the_same_state_is_followed(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let tess = Browser::person(world, "tess").await;
        let before = tess.get(&path(issue)).await;
        does(world, issue, "bert", "/claim").await;
        let stale = tess.post(&path(issue), &filled(&before, "cancel", &[])).await;
        stale.is(409).shows("it is in-progress now, and bert has it").shows("Nothing was done");
        world.settle().await;
        assert_eq!(state(world, issue).await, TaskState::InProgress);
        // That somebody says how far it is changes nothing that matters.
        let before = tess.get(&path(issue)).await;
        does(world, issue, "bert", "/progress 10% begun").await;
        tess.post(&path(issue), &filled(&before, "cancel", &[])).await.is(200).shows("it is decided in a moment");
        world.settle().await;
        assert_eq!(state(world, issue).await, TaskState::Cancelled);
    }

    async fn forged_and_broken_forms_do_nothing(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let tess = Browser::person(world, "tess").await;
        let page = tess.get(&path(issue)).await;
        let forged = [&filled(&page, "cancel", &[])[..], &[("csrf", "0000")]].concat();
        tess.send(reqwest::Method::POST, &path(issue), &forged).await.is(409).shows("not made for your session");
        let other = Browser::person(world, "mia").await.get(&path(issue)).await.csrf();
        let foreign = [&filled(&page, "cancel", &[])[..], &[("csrf", other.as_str())]].concat();
        tess.send(reqwest::Method::POST, &path(issue), &foreign).await.is(409);
        for (ask, fields) in [
            ("dance", &[][..]),
            ("priority", &[("level", "enormous")]),
            ("priority", &[]),
            ("defer", &[("until", "tomorrow")]),
            ("defer", &[("until", "2020-01-01")]),
            ("accept-discovery", &[("discovery", "x")]),
            ("accept-discovery", &[("discovery", "7")]),
            ("assign", &[("to", "nobody-at-all")]),
            ("assign", &[("person", "@<script>")]),
        ] {
            tess.post(&path(issue), &filled(&page, ask, fields)).await.is(422);
        }
        tess.post(&path(issue), &[("ask", "cancel")]).await.is(409);
        world.settle().await;
        assert_eq!(state(world, issue).await, TaskState::Ready);
        for missing in ["/tasks/octo/station/999", "/tasks/octo/station/x", "/tasks/octo/other/1", "/tasks/octo/..%2fx/1"] {
            tess.get(missing).await.is(404);
        }
    }

    async fn what_others_wrote_is_shown_as_text(world: &World) {
        set_up(world).await;
        let script = "<script>alert(1)</script><img src=x onerror=alert(1)>";
        let issue = world.github.open_issue(REPOSITORY, "alice", &format!("Fix {script}"), script).unwrap().0;
        world.settle().await;
        does(world, issue, "bert", &format!("/claim\n/progress 5% {script}\n/discover {script} --impact {script}")).await;
        does(world, issue, "bert", &format!("/blocker \"{script} `x`\"")).await;
        let page = Browser::operator(world).await.get(&path(issue)).await;
        page.is(200).hides("<script>alert").hides("<img src=x").shows("&#60;script&#62;alert(1)");
        Browser::operator(world).await.get(&format!("{}?kind=%3Cscript%3E", path(issue))).await.is(200).hides("<script>a");
    }

    async fn the_timeline_is_shown_by_pages_and_by_kind(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/priority high").await;
        is_refused(world, issue, ("rita", "/cancel"), "this takes triage permission").await;
        let browser = Browser::operator(world).await;
        let refused = browser.get(&format!("{}?kind=refused", path(issue))).await;
        refused.is(200).shows("was refused <code>/cancel</code>").hides("set the priority to high</p>");
        browser.get(&format!("{}?kind=nothing", path(issue))).await.is(200).shows("Nothing of this kind happened.");
        many_lines(world, issue, 120).await;
        let page = browser.get(&path(issue)).await;
        assert_eq!(page.text.matches("<li id=\"line-").count(), 50);
        let (_, rest) = page.text.split_once("?before=").unwrap();
        let older = format!("{}?before={}", path(issue), rest.split('#').next().unwrap().split('&').next().unwrap());
        let second = browser.get(&older).await;
        second.is(200).shows(">Newest</a>").shows(">Older</a>");
        assert_eq!(second.text.matches("<li id=\"line-").count(), 50);
        let all = browser.get(&format!("{}?kind=decision", path(issue))).await;
        assert!(all.text.matches("<li id=\"line-").count() > 2 && !all.text.contains("set the priority to high</p>"));
    }

    async fn of_a_repository_that_somebody_may_not_read_nothing_is_said(world: &World) {
        set_up(world).await;
        world.github.create_repository("octo/vault").unwrap();
        world.github.set_private("octo/vault", true).unwrap();
        world.github.set_permission("octo/vault", "mia", Permission::Write).unwrap();
        world.settle().await;
        world.github.open_issue("octo/vault", "mia", "Fix the safe", "").unwrap();
        world.settle().await;
        let issue = world.open_issue("Fix the signal").await;
        let on = ("octo/vault", Number(1));
        world.github.add_dependency(REPOSITORY, "mia", Number(issue), on).unwrap();
        world.settle().await;
        let mia = Browser::person(world, "mia").await.get(&path(issue)).await;
        mia.is(200).shows("href=\"/tasks/octo/vault/1\">octo/vault#1</a> Fix the safe");
        let rita = Browser::person(world, "rita").await.get(&path(issue)).await;
        rita.is(200).shows("something in a repository that you do not see").hides("Fix the safe");
    }

    async fn a_discovery_becomes_a_task_by_a_button(world: &World) {
        set_up_with(world, "[assignment]\nstrategy = \"manual\"\n").await;
        let issue = world.open_issue("Implement signals").await;
        does(world, issue, "bert", "/claim\n/discover Fix the fuse").await;
        let tess = Browser::person(world, "tess").await;
        asks(&tess, world, issue, "accept-discovery", &[("discovery", "1")]).await.shows("accepted");
        assert_eq!(world.issue(issue + 1).title, "Fix the fuse");
        let page = tess.get(&path(issue)).await;
        page.shows("Fix the fuse").hides("Make a task of D1");
    }
}

#[tokio::test]
async fn strangers_read_where_that_is_set_and_are_offered_nothing() {
    World::run_with(On::Sqlite, &[("PUBLIC_DASHBOARD", "1")], async |world: &World| {
        let issue = world.open_issue("Fix the signal").await;
        let stranger = Browser::new(world);
        stranger.get("/").await.is(200).shows("Fix the signal").hides("Waiting for you");
        let page = stranger.get(&path(issue)).await;
        page.is(200).shows("You only read here.").shows("Sign in").hides("name=\"ask\"");
        let sent = stranger.once(reqwest::Method::POST, &path(issue), &[("ask", "cancel"), ("csrf", "")]).await;
        assert_eq!(sent.headers["location"].to_str().unwrap().split('?').next(), Some("/sign-in"));
        world.settle().await;
        assert_ne!(state(world, issue).await, TaskState::Cancelled);
    })
    .await;
}
