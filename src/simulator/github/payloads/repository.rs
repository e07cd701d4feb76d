//! Repositories and their labels.

use serde_json::{Value, json};

use super::{Views, node_id};
use crate::simulator::github::entities::{Label, Repository};

/// Fields that are the API's address of the repository with something behind it.
const LINKS: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];

impl Views<'_> {
    /// The API's address of a repository.
    pub fn repository_url(self, repository: &Repository) -> String {
        format!("{}/repos/{}", self.state.base, repository.full_name())
    }

    /// The address of a repository's page.
    pub fn page_url(self, repository: &Repository) -> String {
        format!("{}/{}", self.state.base, repository.full_name())
    }

    /// GitHub's `full-repository`: a repository that was asked for by itself.
    pub fn full_repository(self, repository: &Repository) -> Value {
        let mut view = self.repository(repository);
        view["subscribers_count"] = 0.into();
        view["network_count"] = 0.into();
        view
    }

    /// GitHub's `minimal-repository`, as it stands beside what belongs to it: who it is and its addresses.
    pub fn minimal_repository(self, repository: &Repository) -> Value {
        let mut view = self.repository(repository);
        let named =
            ["id", "node_id", "name", "full_name", "private", "owner", "html_url", "description", "fork", "url"];
        if let Some(fields) = view.as_object_mut() {
            fields.retain(|field, _| named.contains(&field.as_str()) || LINKS.iter().any(|(link, _)| field == link));
        }
        view
    }

    /// A repository as webhooks carry it.
    pub fn told_repository(self, repository: &Repository) -> Value {
        let mut view = self.repository(repository);
        view["custom_properties"] = json!({});
        view
    }

    /// GitHub's `repository`.
    pub fn repository(self, repository: &Repository) -> Value {
        let page = self.page_url(repository);
        let open = repository.issues.values().filter(|issue| issue.closed.is_none()).count();
        let mut view = json!({
            "id": repository.id,
            "node_id": node_id("R_", repository.id),
            "name": repository.name,
            "full_name": repository.full_name(),
            "private": repository.private,
            "visibility": if repository.private { "private" } else { "public" },
            "owner": self.user(&repository.owner),
            "html_url": page,
            "url": self.repository_url(repository),
            "description": null,
            "fork": repository.fork_of.is_some(),
            "created_at": repository.created_at.to_rfc3339(),
            "updated_at": repository.pushed_at.to_rfc3339(),
            "pushed_at": repository.pushed_at.to_rfc3339(),
            "git_url": page.replacen("http:", "git:", 1) + ".git",
            "ssh_url": format!("git@127.0.0.1:{}.git", repository.full_name()),
            "clone_url": format!("{page}.git"),
            "svn_url": page,
            "homepage": null,
            "mirror_url": null,
            "language": null,
            "license": null,
            "size": 0,
            "forks_count": 0,
            "stargazers_count": 0,
            "watchers_count": 0,
            "forks": 0,
            "watchers": 0,
            "open_issues": open,
            "open_issues_count": open,
            "default_branch": repository.default_branch,
            "topics": [],
        });
        self.settings(repository, &mut view);
        view
    }

    fn settings(self, repository: &Repository, view: &mut Value) {
        for (name, value) in [
            ("archived", repository.archived),
            ("disabled", false),
            ("is_template", false),
            ("has_issues", true),
            ("has_projects", true),
            ("has_wiki", true),
            ("has_pages", false),
            ("has_downloads", true),
            ("has_discussions", false),
            ("allow_forking", true),
            ("web_commit_signoff_required", false),
            ("allow_squash_merge", repository.merge_methods.squash),
            ("allow_merge_commit", repository.merge_methods.merge),
            ("allow_rebase_merge", repository.merge_methods.rebase),
            ("allow_auto_merge", false),
            ("delete_branch_on_merge", false),
        ] {
            view[name] = value.into();
        }
        for (name, rest) in LINKS {
            view[*name] = format!("{}{rest}", self.repository_url(repository)).into();
        }
    }

    pub fn label(self, repository: &Repository, label: &Label) -> Value {
        let name: String = url::form_urlencoded::byte_serialize(label.name.as_bytes()).collect();
        json!({
            "id": label.id,
            "node_id": node_id("LA_", label.id),
            "url": format!("{}/labels/{}", self.repository_url(repository), name.replace('+', "%20")),
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
        })
    }
}

/// The five fields that installation webhooks list of each repository.
pub fn repository_lite(repository: &Repository) -> Value {
    json!({
        "id": repository.id,
        "node_id": node_id("R_", repository.id),
        "name": repository.name,
        "full_name": repository.full_name(),
        "private": repository.private,
    })
}
