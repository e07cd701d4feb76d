//! Who looks at which address: what the frame of a page takes from its request.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::fault::PageFault;
use super::shell::{Look, Part, Shell};
use super::viewer::Viewer;
use crate::http::Door;

/// Somebody who looks at an address.
pub(super) struct Looking {
    pub(super) viewer: Viewer,
    headers: HeaderMap,
    path: String,
}

impl Looking {
    /// The frame of the page at this address.
    pub(super) async fn shell(&self, door: &Door, part: Part, title: impl Into<String>) -> Result<Shell, PageFault> {
        let look = Look { door, viewer: &self.viewer, headers: &self.headers, path: &self.path };
        Shell::new(&look, part, title).await
    }

    /// What stands behind the `?` of the address.
    pub(super) fn query(&self) -> &str {
        self.path.split_once('?').map_or("", |(_, query)| query)
    }

    /// Goes on only for those who look into the server itself; to everybody else there is nothing here.
    pub(super) fn operators_only(&self) -> Result<(), PageFault> {
        if self.viewer.is_operator() { Ok(()) } else { Err(PageFault::NotFound) }
    }
}

impl FromRequestParts<Arc<Door>> for Looking {
    type Rejection = PageFault;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, PageFault> {
        let viewer = Viewer::from_request_parts(parts, door).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { viewer, headers: parts.headers.clone(), path })
    }
}
