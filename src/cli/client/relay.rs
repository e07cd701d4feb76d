//! Passes messages of the Model Context Protocol on to the server, byte for byte.

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};

use super::{Client, ClientError, Problem, innermost};

/// What the protocol wants clients to take (<https://modelcontextprotocol.io/specification/2025-11-25/basic/transports>).
const ACCEPTED: &str = "application/json, text/event-stream";

impl Client {
    /// Passes a message on with these headers, once. `None` where nothing is answered, as to notifications.
    ///
    /// # Errors
    /// Where no answer came, and where what came is none of the protocol's.
    pub async fn pass(&self, message: &str, headers: &[(&'static str, String)]) -> Result<Option<String>, ClientError> {
        let unreachable =
            |error: reqwest::Error| ClientError::Unreachable { url: self.url.clone(), why: innermost(&error) };
        let mut request = self.http.post(format!("{}/mcp", self.url)).header(AUTHORIZATION, self.authorization.clone());
        request = request.header(ACCEPT, ACCEPTED).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.body(message.to_owned()).send().await.map_err(unreachable)?;
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_message = kind.starts_with("application/json");
        let text = response.text().await.map_err(unreachable)?;
        if status == StatusCode::ACCEPTED || (status.is_success() && text.is_empty()) {
            return Ok(None);
        }
        if is_message {
            // Where a line ends, a message ends; within texts JSON writes line ends as two characters.
            return Ok(Some(text.replace(['\n', '\r'], " ")));
        }
        let status = status.as_u16();
        let problem = serde_json::from_str::<Problem>(&text);
        Err(match problem {
            Ok(Problem { title, detail }) => ClientError::Refused { status, title, detail },
            Err(_) => ClientError::Strange { url: self.url.clone(), status },
        })
    }
}
