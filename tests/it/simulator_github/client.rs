//! A client that knows only the real GitHub finds everything where it expects it.

use std::sync::Arc;

use jsonwebtoken::EncodingKey;
use octocrab::Octocrab;
use octocrab::models::{AppId, InstallationId};
use serde_json::json;
use stationmaster::model::SystemClock;
use stationmaster::simulator::github::WebhookMode;

#[tokio::test]
async fn octocrab_signs_in_as_the_app_and_works_on_issues_through_an_installation() {
    // octocrab signs with the machine's time, so this GitHub lives by it too.
    let github = crate::contract::github(Arc::new(SystemClock)).await;
    github.set_webhook_mode(WebhookMode::Manual);
    github.create_repository("acme/shop").unwrap();
    let issue = github.open_issue("acme/shop", "alice", "Deploy v2", "Soon").unwrap();
    let (app, id) = (github.app(), github.installation_id("acme").unwrap());
    let key = EncodingKey::from_rsa_pem(app.private_key_pem.as_bytes()).unwrap();
    let http = crate::wire::client();
    let base = Octocrab::builder().base_uri(github.api_url()).unwrap();
    let number = u64::try_from(app.app_id).unwrap();
    let app_client = base.app(AppId(number), key).build_with_reqwest(http).unwrap();
    let installations = app_client.apps().installations().send().await.unwrap();
    assert_eq!(installations.items[0].account.login, "acme");
    let client = app_client.installation(InstallationId(u64::try_from(id.0).unwrap())).unwrap();
    let issues = client.issues("acme", "shop");
    let number = u64::try_from(issue.0).unwrap();
    assert_eq!(issues.get(number).await.unwrap().title, "Deploy v2");
    issues.create_label("status/ready", "0e8a16", "May be taken").await.unwrap();
    issues.add_labels(number, &["status/ready".to_owned()]).await.unwrap();
    let comment = issues.create_comment(number, "Taken").await.unwrap();
    let path = format!("/repos/acme/shop/issues/comments/{}", comment.id);
    let edit = json!({"body": "Taken by nobody"});
    let _: octocrab::models::issues::Comment = client.patch(path, Some(&edit)).await.unwrap();
    issues.remove_label(number, "status/ready").await.unwrap();
    let listed = issues.list_comments(number).send().await.unwrap();
    assert_eq!(listed.items[0].user.login, "stationmaster[bot]");
    let seen = github.issue("acme/shop", issue.0).unwrap();
    assert!(seen.labels.is_empty());
    assert_eq!((seen.comments[0].body.as_str(), seen.comments[0].edits), ("Taken by nobody", 1));
    let refused = issues.create_label("status/ready", "0e8a16", "Again").await.unwrap_err();
    let octocrab::Error::GitHub { source, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(source.status_code.as_u16(), 422);
}
