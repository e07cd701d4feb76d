//! What nobody may see: every route of the pages is walked by people who may not read a private repository.
//!
//! The routes are read from the router's own source, so that a new page is walked as soon as there is one.

use std::path::Path;

use reqwest::{Method, StatusCode};
use stationmaster::model::DeliveryState;
use stationmaster::simulator::github::{CheckApp, NewPull, Permission};
use stationmaster::store::AuditQuery;
use syn::visit::{self, Visit};

use super::{Browser, Page};
use crate::world::{On, World, scenarios};

/// The private repository. Its name may stand in addresses that somebody makes up.
const PRIVATE: &str = "octo/vault";
/// A word of its issues, pulls, learnings and whatever else there is.
const SECRET: &str = "zebrafish";
/// Its environment, whose name may stand in such addresses too.
const ENVIRONMENT: &str = "aquarium";

/// A route of the pages.
#[derive(Debug)]
struct Route {
    path: String,
    methods: Vec<Method>,
}

/// Finds `.route("/path", get(…).post(…))`.
#[derive(Default)]
struct Routes(Vec<Route>);

/// Finds the names of the functions `get` and `post`.
#[derive(Default)]
struct Methods(Vec<Method>);

impl<'ast> Visit<'ast> for Methods {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        match ident.to_string().as_str() {
            "get" => self.0.push(Method::GET),
            "post" => self.0.push(Method::POST),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Routes {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "route"
            && let [syn::Expr::Lit(path), handlers] = call.args.iter().collect::<Vec<_>>().as_slice()
            && let syn::Lit::Str(path) = &path.lit
        {
            let mut methods = Methods::default();
            methods.visit_expr(handlers);
            self.0.push(Route { path: path.value(), methods: methods.0 });
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Every route of the pages with this method.
fn routes(method: &Method) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/pages");
    let mut found = Routes::default();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.visit_file(&syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap());
            }
        }
    }
    assert!(found.0.len() >= 9, "the routes are no longer found: {:?}", found.0);
    found.0.into_iter().filter(|route| route.methods.contains(method)).map(|route| route.path).collect()
}

/// What is in the private repository, to be put into the parameters of routes.
struct Vault {
    repository: i64,
    issue: i64,
    pull: i64,
    /// Ids of deliveries, actions and audit lines, and a number.
    ids: Vec<String>,
}

impl Vault {
    /// Filters that would find it, as far as pages know them.
    fn queries(&self) -> Vec<String> {
        let (id, item) = (self.repository.to_string(), format!("octo%2Fvault%23{}", self.issue));
        let name = "octo%2Fvault";
        let filters = [
            ("repo", name),
            ("repo", &id),
            ("repository", name),
            ("repository", &id),
            ("q", "zebra"),
            ("text", "zebra"),
            ("tag", "zebra"),
            ("subject", &item),
            ("item", &item),
            ("task", &item),
            ("environment", ENVIRONMENT),
        ];
        filters.iter().map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// The addresses of a route in which everything names the private repository.
    fn addresses(&self, route: &str) -> Vec<String> {
        let mut addresses = vec![String::new()];
        for part in route.split('/').skip(1) {
            let values = match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => vec![part.to_owned()],
                Some("owner") => vec!["octo".to_owned()],
                Some("name" | "repo" | "repository") => vec!["vault".to_owned()],
                Some("number" | "issue" | "pull") => vec![self.issue.to_string(), self.pull.to_string()],
                Some("environment" | "env") => vec![ENVIRONMENT.to_owned()],
                Some("base" | "branch") => vec!["main".to_owned()],
                Some("tag" | "version") => vec!["v0.1.0".to_owned()],
                Some("sha") => vec!["0".repeat(40)],
                Some(_) => self.ids.clone(),
            };
            addresses = addresses
                .iter()
                .flat_map(|address| values.iter().map(move |value| format!("{address}/{value}")))
                .collect();
        }
        addresses
    }
}

async fn checked(world: &World, sha: &str, conclusion: &str) {
    let check = world.github.start_check(PRIVATE, sha, CheckApp::actions(), "zebrafish").unwrap();
    world.settle().await;
    world.github.finish_check(check, conclusion).unwrap();
    world.settle().await;
}

/// A pull request whose check ends so.
async fn proposed(world: &World, title: &str, conclusion: &str) -> i64 {
    let branch = title.replace([' ', ':'], "-");
    let file = format!("{branch}.md");
    let files = [(file.as_str(), Some(b"A zebrafish.\n".to_vec()))];
    let head = world.github.commit_files(PRIVATE, "alice", &branch, &files, title).unwrap();
    let body = Some("A zebrafish.".to_owned());
    let pull = NewPull { title: title.to_owned(), body, head: branch, base: "main".to_owned(), ..NewPull::default() };
    let number = world.github.open_pull(PRIVATE, "alice", pull).unwrap().0;
    world.settle().await;
    checked(world, &head, conclusion).await;
    number
}

/// A private repository with something of everything in it.
async fn vault(world: &World) -> Vault {
    let repository = world.github.create_repository(PRIVATE).unwrap();
    world.github.set_private(PRIVATE, true).unwrap();
    world.github.set_permission(PRIVATE, "alice", Permission::Write).unwrap();
    world.settle().await;
    let issue = world.github.open_issue(PRIVATE, "alice", "Fix the zebrafish", "It is a zebrafish.").unwrap();
    world.settle().await;
    let policy = "[release]\n[[environment]]\nname = \"aquarium\"\nauto = true\ntrigger = \"none\"\n";
    world.github.write_file(PRIVATE, "main", (".github/stationmaster.toml", policy), "Change the policy").unwrap();
    let talk =
        "/assign @alice\n/claim\n/progress 40% a zebrafish\n/learn Zebrafish sleep. --impact 0.8 --tags zebrafish";
    world.github.comment(PRIVATE, "alice", issue, talk).unwrap();
    world.settle().await;
    // One is merged, released and deployed, the other one waits.
    proposed(world, "feat: a zebrafish swims", "success").await;
    let main = world.github.head_of(PRIVATE, "main").unwrap();
    checked(world, &main, "success").await;
    let pull = proposed(world, "feat: a zebrafish flies", "failure").await;
    let store = &world.app().store;
    let audit = store.audit_rows(&AuditQuery { limit: 1_000, ..AuditQuery::default() }).await.unwrap();
    let audit = audit.iter().find(|row| row.saw.as_deref().is_some_and(|saw| saw.contains(SECRET)));
    let delivery = store.deliveries(None, 1).await.unwrap().remove(0);
    let action = store.actions(None, 1).await.unwrap().remove(0);
    let ids = vec![
        "1".to_owned(),
        audit.expect("a decision about the private repository").id.to_string(),
        delivery.guid.to_string(),
        action.id.to_string(),
    ];
    let releases = store.releases(repository).await.unwrap();
    assert_eq!(releases.len(), 1, "{releases:?}");
    Vault { repository: repository.0, issue: issue.0, pull, ids }
}

/// How much there is of everything that a form could change.
async fn amounts(world: &World) -> String {
    let store = &world.app().store;
    let audit = store.audit_rows(&AuditQuery { limit: 10_000, ..AuditQuery::default() }).await.unwrap();
    let audit = audit.iter().filter(|row| row.kind != "sign_in").count();
    let (deliveries, actions) = (store.delivery_counts().await.unwrap(), store.action_counts().await.unwrap());
    let new = store.deliveries(Some(DeliveryState::New), 10).await.unwrap().len();
    format!("{audit} lines, {deliveries:?}, {actions:?}, {new} new, {:?}", world.github.issues(PRIVATE))
}

/// Asks for every page with every address, and fails where one tells anything.
async fn sees_nothing(browser: &Browser<'_>, vault: &Vault) {
    let tells_nothing = |page: &Page, word: &str| {
        assert!(!page.text.to_lowercase().contains(word), "{} tells {word}:\n{}", page.path, page.text);
    };
    for route in routes(&Method::GET) {
        for address in vault.addresses(&route) {
            let page = browser.once(Method::GET, &address, &[]).await;
            tells_nothing(&page, SECRET);
            tells_nothing(&page, "alice signed in");
            if address.contains("/vault") {
                let may_be = matches!(page.status, StatusCode::NOT_FOUND | StatusCode::SEE_OTHER);
                assert!(may_be, "{} {address}:\n{}", page.status, page.text);
            } else {
                tells_nothing(&page, "vault");
            }
            if !address.contains(ENVIRONMENT) {
                tells_nothing(&page, ENVIRONMENT);
            }
            for query in &vault.queries() {
                tells_nothing(&browser.once(Method::GET, &format!("{address}?{query}"), &[]).await, SECRET);
            }
        }
    }
}

/// Forms that everybody may send, who can at most lose their own session by them.
const EVERYBODYS: &[&str] = &["/sign-in/token", "/sign-out", "/theme"];

/// Sends every form with every address, and fails where one is followed.
async fn can_do_nothing(world: &World, browser: &Browser<'_>, vault: &Vault) {
    let before = amounts(world).await;
    let csrf = browser.get("/").await.csrf();
    let (issue, pull) = (vault.issue.to_string(), vault.pull.to_string());
    for route in routes(&Method::POST).iter().filter(|route| !EVERYBODYS.contains(&route.as_str())) {
        for address in vault.addresses(route) {
            for number in [&issue, &pull] {
                let mut fields = vec![("csrf", csrf.as_str()), ("number", number)];
                for name in ["repo", "repository", "item", "task", "name"] {
                    fields.push((name, PRIVATE));
                }
                for (name, value) in
                    [("environment", ENVIRONMENT), ("tag", "v0.1.0"), ("title", "A title"), ("why", "so")]
                {
                    fields.push((name, value));
                }
                let page = browser.once(Method::POST, &address, &fields).await;
                let refused = page.status == StatusCode::NOT_FOUND
                    || !address.contains("/vault") && matches!(page.status.as_u16(), 403 | 422);
                assert!(refused, "{} {address}:\n{}", page.status, page.text);
                assert!(!page.text.to_lowercase().contains(SECRET), "{address}:\n{}", page.text);
            }
        }
    }
    world.settle().await;
    assert_eq!(amounts(world).await, before, "something was changed");
}

scenarios! {
    async fn whoever_may_not_read_a_repository_sees_nothing_of_it_and_can_do_nothing(world: &World) {
        let vault = vault(world).await;
        let friend = Browser::new(world);
        friend.signs_in_as("alice").await.shows("Fix the zebrafish").shows(&format!("{PRIVATE}#{}", vault.issue));
        world.github.add_user("mallory");
        let mallory = Browser::new(world);
        mallory.signs_in_as("mallory").await.is(200);
        sees_nothing(&mallory, &vault).await;
        can_do_nothing(world, &mallory, &vault).await;
        // Neither does a page tell what was asked for by somebody else.
        mallory.get("/?asked=page-00000000000000000000000000000000").await.is(200).hides("class=\"notice");
    }
}

#[tokio::test]
async fn strangers_see_nothing_of_a_private_repository_in_public_mode() {
    World::run_with(On::Sqlite, &[("PUBLIC_DASHBOARD", "1")], async |world: &World| {
        let vault = vault(world).await;
        sees_nothing(&Browser::new(world), &vault).await;
    })
    .await;
}

/// Nothing is there, or only for people who sign in.
fn is_sent_away(page: &Page) {
    let leads_to_sign_in = page.status == StatusCode::SEE_OTHER && page.location().starts_with("/sign-in?to=");
    assert!(leads_to_sign_in || page.status == StatusCode::NOT_FOUND, "{} {}:\n{}", page.status, page.path, page.text);
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_from_every_page() {
    World::run(On::Sqlite, async |world: &World| {
        let vault = vault(world).await;
        let stranger = Browser::new(world);
        sees_nothing(&stranger, &vault).await;
        let open = ["/sign-in", "/sign-in/github", "/sign-in/callback", "/assets/{file}"];
        for route in routes(&Method::GET).iter().filter(|route| !open.contains(&route.as_str())) {
            for address in vault.addresses(route) {
                is_sent_away(&stranger.once(Method::GET, &address, &[]).await);
            }
        }
        for route in routes(&Method::POST).iter().filter(|route| !EVERYBODYS.contains(&route.as_str())) {
            for address in vault.addresses(route) {
                is_sent_away(&stranger.once(Method::POST, &address, &[("csrf", "guessed")]).await);
            }
        }
    })
    .await;
}
