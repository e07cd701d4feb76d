//! Releases.

use serde_json::{Value, json};

use super::{Views, encode_path, node_id};
use crate::model::Timestamp;
use crate::simulator::github::entities::Repository;
use crate::simulator::github::shipping::Release;

impl Views<'_> {
    /// GitHub's `release`.
    pub fn release(self, repository: &Repository, release: &Release) -> Value {
        let api = self.repository_url(repository);
        let url = format!("{api}/releases/{}", release.id);
        let uploads = format!("{}/api/uploads/repos/{}", self.state.base, repository.full_name());
        let tag = encode_path(&release.tag);
        json!({
            "url": url,
            "html_url": self.release_page(repository, release),
            "assets_url": format!("{url}/assets"),
            "upload_url": format!("{uploads}/releases/{}/assets{{?name,label}}", release.id),
            "tarball_url": (!release.draft).then(|| format!("{api}/tarball/{tag}")),
            "zipball_url": (!release.draft).then(|| format!("{api}/zipball/{tag}")),
            "id": release.id,
            "node_id": node_id("RE_", release.id),
            "tag_name": release.tag,
            "target_commitish": release.target,
            "name": release.name,
            "body": release.body,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "immutable": false,
            "created_at": release.created_at.to_rfc3339(),
            "published_at": release.published_at.map(Timestamp::to_rfc3339),
            "updated_at": release.updated_at.to_rfc3339(),
            "author": self.user(&release.author),
            "assets": [],
        })
    }

    /// The page of a release; that of a draft has no tag in its address.
    pub fn release_page(self, repository: &Repository, release: &Release) -> String {
        let page = self.page_url(repository);
        if release.draft {
            format!("{page}/releases/tag/untagged-{:020x}", release.id)
        } else {
            format!("{page}/releases/tag/{}", encode_path(&release.tag))
        }
    }
}
