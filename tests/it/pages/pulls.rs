//! Pages of pull requests and of the merge queue.

use stationmaster::model::{
    Delivery, DeliveryGuid, DeliverySource, Door, EventName, Number, PullAsk, RepositoryId, Request, Scope, Sha,
    Subject, TaskAuthority,
};
use stationmaster::simulator::github::{CheckApp, NewPull};
use stationmaster::store::AuditQuery;

use super::Browser;
use crate::world::{On, REPOSITORY, World, scenarios};

const FILES: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];
const QUEUE: &str = "[merge]\nstrategy = \"queue\"\n";

fn page_of(pull: i64) -> String {
    format!("/pulls/{REPOSITORY}/{pull}")
}

/// Sends a form of the pull's page, as it is for its present head, and shows the page once it was judged.
async fn asks(world: &World, browser: &Browser<'_>, pull: i64, fields: &[(&str, &str)]) -> String {
    let head = world.head(pull);
    let sent = browser.post(&page_of(pull), &[&[("head", head.as_str())], fields].concat()).await;
    sent.is(200).shows("it is decided in a moment");
    world.settle().await;
    let judged = browser.get(&sent.path).await;
    judged.is(200);
    judged.text
}

async fn repository(world: &World, pull: i64) -> RepositoryId {
    let Subject::Pull(id, _) = world.pull_subject(pull).await else { panic!("no pull") };
    id
}

scenarios! {
    async fn a_list_says_of_each_pull_why_it_is_not_merged_and_on_whom_it_waits(world: &World) {
        let first = world.open_pull("signals", FILES).await;
        let second = world.open_pull("bells", &[("docs/bells.md", "Ring twice.\n")]).await;
        world.check(second, "build", "failure").await;
        let browser = Browser::operator(world).await;
        let all = browser.get("/pulls").await;
        all.is(200).shows("Add signals").shows("no check has been reported for this head").shows("the check <code>any</code>");
        all.shows("Add bells").shows("the author, alice").shows("blocked").shows("<span class=\"count\">2</span>");
        browser.get("/pulls?waits_on=author").await.shows("Add bells").hides("Add signals");
        browser.get("/pulls?waits_on=check").await.shows("Add signals").hides("Add bells");
        browser.get("/pulls?q=SIGNALS").await.shows("Add signals").hides("Add bells");
        browser.get("/pulls?author=%40Alice").await.shows("Add signals").shows("Add bells");
        browser.get("/pulls?author=bob").await.shows("No pull request fits.");
        browser.get("/pulls?repository=octo/nowhere&after=x.y").await.is(200).shows("Add signals");
        world.ci_passes(first).await;
        world.expect_merged(first).await;
        browser.get("/pulls").await.hides("Add signals");
        browser.get("/pulls?state=merged").await.shows("Add signals").shows("merged").hides("Add bells");
    }

    async fn a_pulls_page_tells_blockers_checks_findings_and_what_happened(world: &World) {
        world.set_policy("[checks]\nrequired = [\"build\", \"deploy\"]\n").await;
        let pull = world.open_pull("signals", &[("docs/signals.md", "Red.\n<<<<<<< HEAD\nGreen.\n")]).await;
        world.check(pull, "build", "failure").await;
        let page = Browser::operator(world).await.get(&page_of(pull)).await;
        page.is(200).shows("the check <code>build</code> failed").shows("the author, alice");
        page.shows("the check <code>deploy</code> has not been reported for this head; the policy demands it");
        page.shows("not reported").shows("Retest").shows("<code>docs/signals.md:2</code>").shows("blocks");
        page.shows("What happened").shows("waits: ").shows("Hold it because");
    }

    async fn what_is_written_in_a_title_stays_text(world: &World) {
        world.push("alice", "signals", FILES);
        let title = "<script>alert(1)</script>".to_owned();
        let pull = NewPull { title, head: "signals".to_owned(), base: "main".to_owned(), ..NewPull::default() };
        let pull = world.github.open_pull(REPOSITORY, "alice", pull).unwrap().0;
        world.settle().await;
        let browser = Browser::operator(world).await;
        browser.get("/pulls").await.shows("&#60;script&#62;").hides("<script>alert");
        browser.get(&page_of(pull)).await.shows("&#60;script&#62;").hides("<script>alert");
    }

    async fn a_hold_by_a_page_keeps_a_pull_until_the_page_takes_it_back(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        let browser = Browser::operator(world).await;
        let held = asks(world, &browser, pull, &[("ask", "hold"), ("why", "until the release is out")]).await;
        assert!(held.contains("Done: the operator holds octo/station#"), "{held}");
        world.ci_passes(pull).await;
        world.expect_waiting(pull, &["the operator holds it: until the release is out"]);
        browser.get(&page_of(pull)).await.shows("the operator holds it: until the release is out").shows("Unhold");
        asks(world, &browser, pull, &[("ask", "unhold")]).await;
        world.expect_merged(pull).await;
        let query = AuditQuery { door: Some(Door::Page), limit: 10, ..AuditQuery::default() };
        let lines: Vec<_> = world.app().store.audit_rows(&query).await.unwrap();
        let asked: Vec<_> = lines.iter().filter(|line| line.kind == "ask").map(|line| line.summary.as_str()).collect();
        assert_eq!(asked.len(), 2, "{asked:?}");
        browser.get(&page_of(pull)).await.shows("merged").hides("Ask for something");
    }

    async fn a_page_asks_for_a_merge_and_for_failed_checks_to_be_run_again(world: &World) {
        world.set_policy("[merge]\nautomatic = false\n").await;
        let pull = world.open_pull("signals", FILES).await;
        world.check(pull, "build", "failure").await;
        let browser = Browser::operator(world).await;
        world.clock.advance_ms(60_000);
        asks(world, &browser, pull, &[("ask", "retest")]).await;
        let runs = world.github.check_runs(REPOSITORY, &world.head(pull));
        let again: Vec<_> = runs.iter().filter(|run| run.status == "queued").collect();
        assert_eq!(again.len(), 1);
        world.github.finish_check(again[0].id, "success").unwrap();
        world.settle().await;
        assert!(world.pull(pull).merge_sha.is_none());
        asks(world, &browser, pull, &[("ask", "merge")]).await;
        world.expect_merged(pull).await;
    }

    async fn a_form_of_an_older_head_changes_nothing(world: &World) {
        world.set_policy("[merge]\nautomatic = false\n").await;
        let pull = world.open_pull("signals", FILES).await;
        let old = world.head(pull);
        world.push("alice", "signals", &[("docs/signals.md", "Green means go.\n")]);
        world.settle().await;
        world.ci_passes(pull).await;
        let browser = Browser::operator(world).await;
        browser.post(&page_of(pull), &[("head", &old), ("ask", "merge")]).await.is(409).shows("has a new head");
        browser.post(&page_of(pull), &[("head", &world.head(pull)), ("ask", "explode")]).await.is(422);
        browser.post(&page_of(pull), &[("head", &world.head(pull)), ("ask", "hold")]).await.is(422);
        world.settle().await;
        world.expect_waiting(pull, &["the policy merges only what is asked for by `/merge`"]);
    }

    async fn a_word_for_a_head_that_was_pushed_away_is_refused_when_it_is_judged(world: &World) {
        world.set_policy("[merge]\nautomatic = false\n").await;
        let pull = world.open_pull("signals", FILES).await;
        let browser = Browser::operator(world).await;
        let (old, id) = (world.head(pull), repository(world, pull).await);
        // The page was right when it was sent; the push comes before the pull's decision.
        let sent = browser.post(&page_of(pull), &[("head", &old), ("ask", "merge")]).await;
        world.push("alice", "signals", &[("docs/signals.md", "Green means go.\n")]);
        world.settle().await;
        browser.get(&sent.path).await.shows("Not done: ").shows("look at it and ask again");
        let record = world.app().store.pull(id, Number(pull)).await.unwrap().unwrap();
        assert_eq!(record.merge_asked, None);
        assert_eq!(record.head, Sha::new(world.head(pull)));
    }

    async fn a_persons_word_is_judged_by_what_they_may_do_then(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        let id = repository(world, pull).await;
        world.github.add_user("rita");
        let request = Request::Pull {
            repository: id,
            number: Number(pull),
            wish: PullAsk::Hold { why: "mine".to_owned() },
            head: Sha::new(world.head(pull)),
            authority: TaskAuthority::Person { login: "rita".into(), bot: false },
            door: Door::Page,
        };
        let delivery = Delivery {
            guid: DeliveryGuid::new("page-1"),
            source: DeliverySource::Api,
            event: EventName(request.event_name().to_owned()),
            received: world.app().clock.now(),
            body: serde_json::to_vec(&request).unwrap().into(),
        };
        world.app().store.accept(delivery).await.unwrap();
        world.settle().await;
        let page = Browser::operator(world).await.get(&page_of(pull)).await;
        page.shows("rita asked for <code>hold</code>").shows("this needs write permission").shows("refused");
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn whoever_only_reads_sees_no_form_and_can_send_none(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        let (_, secret) = world.app().store.create_token("reader", &Scope::Read, None).await.unwrap();
        let browser = Browser::new(world);
        browser.signs_in_with(&secret).await.is(200);
        browser.get(&page_of(pull)).await.is(200).shows("What keeps it from being merged").hides("Ask for something");
        let fields = [("head", world.head(pull)), ("ask", "hold".to_owned()), ("why", "mine".to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(&page_of(pull), &fields).await.is(403).shows("write permission");
        let forged: Vec<_> = [("csrf", "forged")].into_iter().chain(fields).collect();
        let operator = Browser::operator(world).await;
        operator.send(reqwest::Method::POST, &page_of(pull), &forged).await.is(409);
        world.settle().await;
        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
    }

    async fn what_is_not_there_is_not_found(world: &World) {
        let pull = world.open_pull("signals", FILES).await;
        let browser = Browser::operator(world).await;
        for path in ["/pulls/octo/station/99999", "/pulls/octo/station/x", "/pulls/octo/other/1", "/pulls/..%2f/station/1"] {
            browser.get(path).await.is(404);
        }
        Browser::new(world).get(&page_of(pull)).await.shows("Sign in");
    }

    async fn the_queue_shows_what_is_tested_what_waits_and_who_was_put_out(world: &World) {
        let browser = Browser::operator(world).await;
        browser.get("/queue").await.is(200).shows("Nothing is queued.").shows(".github/stationmaster.toml");
        world.set_policy(QUEUE).await;
        let first = world.open_pull("signals", FILES).await;
        world.ci_passes(first).await;
        let staging = world.github.head_of(REPOSITORY, "stationmaster/queue/main").unwrap();
        let check = world.github.start_check(REPOSITORY, &staging, CheckApp::actions(), "build").unwrap();
        world.settle().await;
        let second = world.open_pull("bells", &[("docs/bells.md", "Ring twice.\n")]).await;
        world.ci_passes(second).await;
        let page = browser.get("/queue").await;
        page.is(200).shows("is being tested").shows("Add signals").shows(">build<").shows("Add bells");
        page.shows("it waits for its turn").shows(&staging[..7]);
        browser.get(&page_of(second)).await.shows("in the queue").shows("Take out of the queue");
        world.github.finish_check(check, "failure").unwrap();
        world.settle().await;
        world.expect_comment(first, "build");
        browser.get("/queue").await.shows("Put out").shows("the check <code>build</code>");
        asks(world, &browser, second, &[("ask", "dequeue"), ("why", "not today")]).await;
        browser.get("/queue").await.shows("the operator took it out: not today");
    }
}
