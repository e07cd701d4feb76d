//! Releases and environments: what stands on their pages, and what comes of their forms.

use sha2::{Digest as _, Sha256};
use stationmaster::model::{Clock as _, Login};
use stationmaster::simulator::github::Permission;
use stationmaster::store::SessionOf;

use super::{Browser, Page};
use crate::world::{On, REPOSITORY, World, scenarios};
use crate::world_releases::Town;

const PROD: &str = "/releases/octo/station/prod";

/// A browser in which this person is signed in.
pub async fn person<'a>(world: &'a World, login: &str) -> Browser<'a> {
    let secret = format!("the session of {login}");
    let hash = format!("{:x}", Sha256::digest(&secret));
    let ends = world.clock.now().plus_ms(86_400_000);
    let of = SessionOf::Person(Login::new(login));
    world.app().store.begin_session(&hash, &of, ends).await.unwrap();
    let browser = Browser::new(world);
    browser.holds("stationmaster", &secret);
    browser
}

/// A town, and a repository that deploys to it; bob may approve, dave maintains, and carol reads.
async fn set_up(world: &World, prod: &str) -> Town {
    let town = Town::open().await;
    let people = [("bob", Permission::Write), ("carol", Permission::Read), ("dave", Permission::Maintain)];
    for (login, permission) in people {
        world.github.add_user(login);
        world.github.set_permission(REPOSITORY, login, permission).unwrap();
    }
    world.set_policy(&town.policy("", prod)).await;
    town
}

/// The commit that waits for approval in production.
async fn waiting(world: &World) -> (String, String) {
    let asked = world.environment("prod").await.approval.expect("nothing waits for approval");
    (asked.tag.to_string(), asked.sha.to_string())
}

async fn approve(world: &World, browser: &Browser<'_>) -> Page {
    let (tag, sha) = waiting(world).await;
    browser.post(PROD, &[("ask", "approve"), ("version", &tag), ("sha", &sha)]).await
}

/// Sends a form, lets the world settle, and looks at the page that it led to.
async fn asked(world: &World, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Page {
    let page = browser.post(PROD, fields).await;
    page.is(200).shows("Asked for; it is decided in a moment.");
    world.settle().await;
    browser.get(&page.path).await
}

async fn requests(world: &World) -> usize {
    let rows = world.app().store.deliveries(None, 1_000).await.unwrap();
    rows.into_iter().filter(|row| row.event == "environment").count()
}

/// v0.1.0 runs in production, and v0.2.0 has taken its place.
async fn two_versions(world: &World) {
    world.land("feat: signals").await;
    world.say_on("v0.1.0", "bob", "/approve prod").await;
    world.land("feat: switches").await;
    world.say_on("v0.2.0", "bob", "/approve prod").await;
}

/// The value of a hidden field of the first form that has one.
fn hidden(page: &Page, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}"));
    rest.split('"').next().unwrap().to_owned()
}

scenarios! {
    async fn what_runs_where_and_what_waits_for_whom_stands_on_one_page(world: &World) {
        let browser = Browser::operator(world).await;
        browser.get("/releases").await.is(200).shows("No repository releases anything yet.");
        let _town = set_up(world, "").await;
        browser.get("/releases").await.shows("Nothing of ours runs there.").shows("Nothing was released yet");
        world.land("feat: signals").await;
        let page = browser.get("/releases").await;
        page.is(200).shows(REPOSITORY).shows("from <code>main</code>");
        page.shows("v0.1.0</a> <span class=\"state ok\">verified</span>");
        page.shows("v0.1.0 waits for approval by somebody whose work is not in it, until ");
        page.shows("Whoever has write permission and no work in it approves it.");
        page.shows("@alice").shows("/pulls/octo/station/1").shows(&world.release_story().await[..12]);
        assert!(page.text.find("/station/qa\"").unwrap() < page.text.find("/station/prod\"").unwrap(), "the policy's order");
        browser.get("/releases?repo=octo/station").await.is(200).shows("v0.1.0");
        browser.get("/releases?repo=octo/nowhere").await.is(404);
        browser.get("/releases/octo/nowhere/prod").await.is(404);
        browser.get("/releases/octo/station/staging").await.is(404);
    }

    async fn somebody_whose_work_is_not_in_it_approves_on_the_page_and_it_is_deployed(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        let bob = person(world, "bob").await;
        bob.get(PROD).await.is(200).shows("Approve v0.1.0 for prod").shows("Nothing was deployed there yet.");
        let (tag, sha) = waiting(world).await;
        let page = asked(world, &bob, &[("ask", "approve"), ("version", &tag), ("sha", &sha)]).await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        page.shows("notice ok").shows("bob approves v0.1.0").shows("succeeded").hides("Approve v0.1.0");
        page.shows("<td data-label=\"Approved by\">bob</td>").shows("<td data-label=\"Asked for by\">the policy</td>");
    }

    async fn nobody_approves_their_own_work_on_the_page(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        let alice = person(world, "alice").await;
        let page = alice.get(PROD).await;
        page.is(200).hides("Approve v0.1.0").shows("alice may not approve v0.1.0: their own work is in it.");
        let (tag, sha) = waiting(world).await;
        let page = asked(world, &alice, &[("ask", "approve"), ("version", &tag), ("sha", &sha)]).await;
        page.shows("notice bad").shows("Not done: ").shows("alice asked to approve v0.1.0, but alice may not approve");
        assert_eq!(town.runs("prod"), None);
    }

    async fn whoever_only_reads_is_offered_nothing_and_can_do_nothing(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        let carol = person(world, "carol").await;
        carol.get("/releases").await.is(200).shows("v0.1.0");
        carol.get(PROD).await.is(200).shows("waits for approval by").hides("What you can do").hides("value=\"approve\"");
        let (tag, sha) = waiting(world).await;
        for ask in ["approve", "reject", "deploy", "override", "freeze"] {
            let fields = [("ask", ask), ("version", &tag), ("sha", &sha), ("why", "x"), ("seen", "0"), ("until", "2h")];
            let page = carol.post(PROD, &fields).await;
            page.is(403).shows("<p>carol may not do this: it takes the permission `").shows("theirs is `read`");
        }
        let reader = Browser::new(world);
        let (_, token) = world.app().store.create_token("eyes", &"read".parse().unwrap(), None).await.unwrap();
        reader.signs_in_with(&token).await.is(200);
        reader.get(PROD).await.is(200).hides("What you can do");
        reader.post(PROD, &[("ask", "approve"), ("version", &tag), ("sha", &sha)]).await.is(403);
        let stranger = Browser::new(world);
        let fields = [("ask", "approve"), ("version", tag.as_str()), ("sha", sha.as_str()), ("csrf", "forged")];
        stranger.send(reqwest::Method::POST, PROD, &fields).await.shows("Sign in");
        let bob = person(world, "bob").await;
        bob.send(reqwest::Method::POST, PROD, &fields).await.is(409).shows("not made for your session");
        world.settle().await;
        assert_eq!((requests(world).await, town.runs("prod")), (0, None));
    }

    async fn a_form_that_is_older_than_what_waits_is_refused(world: &World) {
        let town = set_up(world, "").await;
        world.land("feat: signals").await;
        let old = waiting(world).await;
        world.land("feat: switches").await;
        let bob = person(world, "bob").await;
        let page = bob.post(PROD, &[("ask", "approve"), ("version", &old.0), ("sha", &old.1)]).await;
        page.is(409).shows("It is v0.2.0 that waits for approval").shows("and not v0.1.0");
        let page = bob.post(PROD, &[("ask", "reject"), ("version", &old.0), ("sha", &old.1), ("why", "x")]).await;
        page.is(409);
        let other_commit = [("ask", "approve"), ("version", "v0.2.0"), ("sha", old.1.as_str())];
        bob.post(PROD, &other_commit).await.is(409);
        bob.post(PROD, &[("ask", "approve"), ("version", "v0.2.0")]).await.is(422).shows("The commit is missing");
        assert_eq!((requests(world).await, town.runs("prod")), (0, None));
        approve(world, &bob).await.is(200);
        world.settle().await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.2.0"));
        let page = bob.post(PROD, &[("ask", "approve"), ("version", "v0.2.0"), ("sha", &old.1)]).await;
        page.is(409).shows("does not wait for approval in prod any more");
    }

    async fn going_back_says_what_will_happen_and_happens_once(world: &World) {
        let town = set_up(world, "").await;
        two_versions(world).await;
        let bob = person(world, "bob").await;
        let page = bob.get(PROD).await;
        page.shows("prod goes back from v0.2.0 to v0.1.0 at once");
        let (from, to) = (hidden(&page, "left"), hidden(&page, "target"));
        let fields = [("ask", "rollback"), ("left", from.as_str()), ("target", to.as_str()), ("why", "it <b>hurts</b>")];
        bob.post(PROD, &fields[..3]).await.is(422).shows("The reason is missing");
        let page = asked(world, &bob, &fields).await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        page.shows("back from v0.2.0").shows("Held back here").shows("it &#60;b&#62;hurts&#60;/b&#62;").hides("<b>hurts");
        page.shows("a rollback is not rolled back").hides("value=\"rollback\"");
        bob.post(PROD, &fields).await.is(409);
        assert_eq!(requests(world).await, 1);
    }

    async fn an_environment_is_frozen_and_thawed_and_a_maintainer_passes_it(world: &World) {
        let town = set_up(world, "requires_approval = false\n").await;
        let (bob, dave) = (person(world, "bob").await, person(world, "dave").await);
        let page = bob.post(PROD, &[("ask", "freeze"), ("until", "soon"), ("why", "the fair")]).await;
        page.is(422).shows("`soon` is no time");
        let page = asked(world, &bob, &[("ask", "freeze"), ("until", "2h"), ("why", "the fair <i>")]).await;
        page.shows("bob freezes it: the fair").shows("frozen").shows("the fair &#60;i&#62;").hides("<i>");
        world.land("feat: signals").await;
        assert_eq!(town.runs("prod"), None);
        let page = bob.get(PROD).await;
        page.shows("It is frozen until ").hides("Deploy all the same");
        let overriding = [("ask", "override"), ("seen", "0"), ("version", "v0.1.0"), ("why", "it burns")];
        bob.post(PROD, &overriding).await.is(403).shows("`maintain`");
        dave.get(PROD).await.shows("In spite of a freeze or a hold").shows("Deploy all the same");
        asked(world, &dave, &overriding).await.shows("dave overrides the freeze: it burns");
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        dave.post(PROD, &overriding).await.is(409).shows("Something was deployed to prod since");

        let page = bob.get(PROD).await;
        let fields = [("ask", "unfreeze"), ("freezes", &hidden(&page, "freezes"))];
        bob.post(PROD, &[("ask", "unfreeze"), ("freezes", "another")]).await.is(409);
        asked(world, &bob, &fields).await.shows("bob ends the freeze").hides("name=\"freezes\"");
        bob.post(PROD, &fields).await.is(409).shows("Nobody freezes prod any more");
    }

    async fn a_chosen_version_is_deployed_and_a_rejected_one_is_not(world: &World) {
        let town = set_up(world, "").await;
        two_versions(world).await;
        world.land("feat: wires").await;
        let bob = person(world, "bob").await;
        let (tag, sha) = waiting(world).await;
        let fields = [("ask", "reject"), ("version", tag.as_str()), ("sha", sha.as_str()), ("why", "not tested")];
        asked(world, &bob, &fields).await.shows("bob rejects v0.3.0: not tested");
        let page = bob.get(PROD).await;
        page.shows("<option>v0.1.0</option>").hides("Approve v0.3.0");
        let fields = [("ask", "deploy"), ("seen", &hidden(&page, "seen")), ("version", "v0.1.0")];
        asked(world, &bob, &fields).await.shows("bob wants v0.1.0");
        let dave = person(world, "dave").await;
        approve(world, &dave).await.is(200);
        world.settle().await;
        assert_eq!(town.runs("prod").as_deref(), Some("v0.1.0"));
        let page = bob.get(&format!("{PROD}?before=3")).await;
        page.shows("deployment-2").hides("deployment-3");
        bob.post(PROD, &[("ask", "destroy")]).await.is(422);
    }
}
