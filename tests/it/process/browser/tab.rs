//! A tab of headless Chromium, driven over `WebDriver` (<https://www.w3.org/TR/webdriver2/>).

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::{PATIENCE, Server};

/// So many browsers at once are enough for two cores.
static BROWSERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// What axe calls grave.
const GRAVE: [&str; 2] = ["serious", "critical"];

/// A browser of its own with one tab, which looks at one server.
pub(super) struct Tab {
    client: Client,
    base: String,
    _profile: tempfile::TempDir,
    _permit: SemaphorePermit<'static>,
}

fn from_environment(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run these tests by tests/run"))
}

impl Tab {
    /// Opens a browser that knows nothing yet.
    pub(super) async fn open(server: &Server) -> Self {
        let permit = BROWSERS.acquire().await.unwrap();
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1300,900",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let chromium = from_environment("STATIONMASTER_TEST_CHROMIUM");
        let mut wanted = Capabilities::new();
        wanted.insert("goog:chromeOptions".to_owned(), json!({"binary": chromium, "args": arguments}));
        let driver = from_environment("STATIONMASTER_TEST_CHROMEDRIVER");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&driver)
            .await
            .expect("Chromium starts");
        Self { client, base: format!("http://{}", server.address), _profile: profile, _permit: permit }
    }

    /// Closes the browser.
    pub(super) async fn close(self) {
        self.client.close().await.unwrap();
    }

    pub(super) async fn goes_to(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// The path and query that the tab shows.
    pub(super) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Signs in as one of the simulated GitHub's people, by its own page.
    pub(super) async fn signs_in_as(&self, login: &str) {
        self.goes_to("/sign-in").await;
        self.clicks("a[href^='/sign-in/github']").await;
        self.clicks(&format!("button[value='{login}']")).await;
        self.sees(&format!("@{login}")).await;
    }

    /// Signs in with a token.
    pub(super) async fn signs_in_with(&self, token: &str) {
        self.goes_to("/sign-in").await;
        self.runs("document.querySelectorAll('details').forEach(one => one.open = true)").await;
        self.types("#token", token).await;
        self.clicks("form[action='/sign-in/token'] button").await;
        self.sees("Sign out").await;
    }

    async fn find(&self, selector: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {selector} at {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    pub(super) async fn clicks(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap();
    }

    /// Fills a field in the place of what stands there.
    pub(super) async fn types(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(super) async fn chooses(&self, selector: &str, label: &str) {
        self.find(selector).await.select_by_label(label).await.unwrap();
    }

    /// Follows the first link with these words.
    pub(super) async fn opens(&self, words: &str) {
        let link = self.client.wait().at_most(PATIENCE).for_element(Locator::LinkText(words)).await;
        let Ok(link) = link else { panic!("no link {words:?} at {}:\n{}", self.path().await, self.text().await) };
        link.click().await.unwrap();
    }

    /// Presses keys where the focus is.
    pub(super) async fn presses(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// What a person can read.
    pub(super) async fn text(&self) -> String {
        self.runs("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page, without being loaded again by us, says this in whatever case.
    pub(super) async fn sees(&self, words: &str) {
        let look = async {
            let mut turns = tokio::time::interval(Duration::from_millis(100));
            while !self.text().await.to_lowercase().contains(&words.to_lowercase()) {
                turns.tick().await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, look).await;
        assert!(seen.is_ok(), "{words:?} is not to be read at {}:\n{}", self.path().await, self.text().await);
    }

    /// Waits until this part of the page, without being loaded again by us, says this in whatever case.
    pub(super) async fn sees_that(&self, selector: &str, words: &str) {
        let script =
            format!("return [...document.querySelectorAll({})].map(one => one.innerText).join()", json!(selector));
        let look = async {
            let mut turns = tokio::time::interval(Duration::from_millis(100));
            let says =
                |text: &Value| text.as_str().is_some_and(|text| text.to_lowercase().contains(&words.to_lowercase()));
            while !says(&self.runs(&script).await) {
                turns.tick().await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, look).await;
        assert!(seen.is_ok(), "{selector} does not say {words:?} at {}:\n{}", self.path().await, self.text().await);
    }

    /// Waits until the page says this no more.
    pub(super) async fn sees_no_more(&self, words: &str) {
        let look = async {
            let mut turns = tokio::time::interval(Duration::from_millis(100));
            while self.text().await.to_lowercase().contains(&words.to_lowercase()) {
                turns.tick().await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, look).await;
        assert!(seen.is_ok(), "{words:?} is still to be read at {}:\n{}", self.path().await, self.text().await);
    }

    pub(super) async fn sees_no(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.to_lowercase().contains(&words.to_lowercase()), "{words:?} at {}:\n{text}", self.path().await);
    }

    /// How many elements there are.
    pub(super) async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.unwrap().len()
    }

    /// Runs a script as the driver may, whatever the page's own policy says.
    pub(super) async fn runs(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Asserts that axe (npm `axe-core`) finds nothing grave, in both themes.
    pub(super) async fn is_accessible(&self) {
        let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-data/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(axe).expect("axe-core is installed: run these tests by tests/run");
        for theme in ["light", "dark"] {
            self.runs(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            self.runs(&axe).await;
            let script = "const done = arguments[arguments.length - 1]; \
                          axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations))";
            let found = self.client.execute_async(script, Vec::new()).await.unwrap();
            let grave: Vec<String> = found
                .as_array()
                .unwrap()
                .iter()
                .filter(|fault| GRAVE.contains(&fault["impact"].as_str().unwrap_or_default()))
                .map(|fault| format!("{}: {}\n  {}", fault["id"], fault["help"], fault["nodes"][0]["html"]))
                .collect();
            assert!(grave.is_empty(), "{} in the {theme} theme: {}", self.path().await, grave.join("\n"));
        }
    }

    /// Asserts that nothing stands beyond the right edge of a phone.
    pub(super) async fn fits_a_phone(&self) {
        self.client.set_window_size(390, 844).await.unwrap();
        let widths = "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]";
        let widths = self.runs(widths).await;
        assert!(widths[0].as_f64() <= widths[1].as_f64().map(|width| width + 1.0), "{}: {widths}", self.path().await);
        self.client.set_window_size(1300, 900).await.unwrap();
    }

    /// Keeps a picture of the page in each theme in `target/screenshots`, for people to look at.
    pub(super) async fn is_pictured(&self, name: &str) {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/screenshots"));
        std::fs::create_dir_all(&folder).unwrap();
        for theme in ["light", "dark"] {
            self.runs(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            let picture = self.client.screenshot().await.unwrap();
            std::fs::write(folder.join(format!("{name}-{theme}.png")), picture).unwrap();
        }
    }
}
