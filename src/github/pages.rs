//! Lists that GitHub gives page by page, followed by its `Link` headers.

use serde::de::DeserializeOwned;

use super::caller::Caller;
use super::request::{Call, Response};
use super::{GithubError, Path};

/// Entries a page, GitHub's most (<https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api>).
const PER_PAGE: &str = "100";
/// A list of more pages is an error rather than an hour's rate limit.
const PAGES_LIMIT: usize = 100;

impl Caller {
    /// All entries of a list whose pages are bare arrays.
    pub(super) async fn list<T: DeserializeOwned>(&self, path: Path) -> Result<Vec<T>, GithubError> {
        self.list_within(path, |page: Vec<T>| page).await
    }

    /// All entries of a list whose pages are objects around them; `open` takes the entries out of a page.
    pub(super) async fn list_within<P: DeserializeOwned, T>(
        &self,
        path: Path,
        open: impl Fn(P) -> Vec<T> + Send,
    ) -> Result<Vec<T>, GithubError> {
        let mut call = Call::get(path.query("per_page", PER_PAGE));
        let mut entries = Vec::new();
        for _ in 0..PAGES_LIMIT {
            let response = self.call(call.clone()).await?;
            entries.extend(open(response.decode(&call)?));
            // Only path and query are taken over: the next page is asked at our base, with our credential.
            match next(&response).and_then(|url| self.shared.transport.path_of(url)) {
                Some(path) => call = Call::get(path),
                None => return Ok(entries),
            }
        }
        Err(GithubError::TooManyPages { call: call.to_string(), pages: PAGES_LIMIT })
    }
}

/// The URL of `rel="next"` in a `Link` header (<https://www.rfc-editor.org/rfc/rfc8288#section-3>).
pub(super) fn next(response: &Response) -> Option<&str> {
    let mut rest = response.header("link")?;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        if parameters.contains("rel=\"next\"") || parameters.contains("rel=next") {
            return Some(url);
        }
        rest = after;
    }
    None
}
