//! What callers learn when GitHub refuses or fails.

use serde_json::json;
use stationmaster::github::{Call, GithubError, Path};
use stationmaster::model::{Login, ManualClock, Number};

use super::server::{INSTALLATION, Reply, START, Server, client, rust};

async fn error_of(reply: Reply) -> GithubError {
    let server = Server::start(move |_, _| reply.clone()).await;
    let error = server.client().create_comment(&rust(), Number(5), "text").await.unwrap_err();
    assert_eq!(server.seen().len(), 1, "a write is sent exactly once");
    error
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let reply = Reply::new(403, json!({ "message": "Resource not accessible by integration" }))
        .header("x-accepted-github-permissions", "issues=write,contents=read; pull_requests=write");
    assert_eq!(
        error_of(reply).await.to_string(),
        "POST /repos/acme/rust/issues/5/comments: Resource not accessible by integration (the App needs the permission \
         `issues: write` and `contents: read`, or `pull_requests: write`; an owner grants it in the App's settings)"
    );
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let said = |text: &str| json!({ "message": text });
    let suspended = error_of(Reply::new(403, said("This installation has been suspended"))).await;
    assert!(matches!(suspended, GithubError::Suspended { installation: Some(INSTALLATION), .. }));
    assert!(suspended.to_string().ends_with("the installation 77 is suspended"), "{suspended}");
    assert!(matches!(error_of(Reply::new(404, said("Not Found"))).await, GithubError::NotFound { .. }));
    assert!(matches!(error_of(Reply::new(410, said("Deleted"))).await, GithubError::Gone { .. }));
    assert!(matches!(error_of(Reply::new(405, said("Not mergeable"))).await, GithubError::NotAllowed { .. }));
    let conflict = error_of(Reply::new(409, said("Head branch was modified"))).await;
    assert_eq!(conflict.to_string(), "POST /repos/acme/rust/issues/5/comments: conflict: Head branch was modified");
    assert!(!conflict.is_transient() && !conflict.may_have_happened());
    let teapot = error_of(Reply::new(418, "<html>")).await;
    assert_eq!(teapot.to_string(), "POST /repos/acme/rust/issues/5/comments: GitHub answered 418: I'm a teapot");
}

#[tokio::test]
async fn a_validation_error_says_which_field() {
    let body = json!({
        "message": "Validation Failed",
        "errors": [{ "resource": "Label", "field": "name", "code": "missing" }, "body is too long"]
    });
    let error = error_of(Reply::new(422, body)).await;
    assert!(error.to_string().ends_with("refused: Validation Failed (name missing; body is too long)"), "{error}");
}

#[tokio::test]
async fn a_write_that_meets_502_is_sent_once_and_may_have_happened() {
    let error = error_of(Reply::new(502, "<html>Bad Gateway</html>")).await;
    assert_eq!(error.to_string(), "POST /repos/acme/rust/issues/5/comments: GitHub failed with 502: Bad Gateway");
    assert!(error.is_transient() && error.may_have_happened());
}

#[tokio::test]
async fn a_read_that_meets_502_has_done_nothing() {
    let server = Server::start(|_, _| Reply::new(502, "")).await;
    let error = server.client().issue(&rust(), Number(5)).await.unwrap_err();
    assert!(error.is_transient() && !error.may_have_happened());
}

#[tokio::test]
async fn an_answer_to_a_write_that_cannot_be_read_has_happened() {
    let error = error_of(Reply::new(201, json!({ "id": "seven" }))).await;
    assert!(error.to_string().contains("cannot be read: at id: invalid type"), "{error}");
    assert!(error.may_have_happened());
}

#[tokio::test]
async fn no_connection_is_not_a_maybe() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let github = client(&format!("http://{free}"), &ManualClock::at(START));
    let error = github.installation(INSTALLATION).create_comment(&rust(), Number(5), "text").await.unwrap_err();
    assert!(error.to_string().contains("no connection: "), "{error}");
    assert!(error.is_transient() && !error.may_have_happened());
}

#[tokio::test]
async fn a_connection_cut_after_a_write_is_a_maybe() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cutting = tokio::spawn(async move {
        let mut cut = 0;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                let count = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await.unwrap();
                head.extend_from_slice(&buffer[..count]);
                if count == 0 {
                    break;
                }
            }
            cut += 1;
            assert_eq!(cut, 1, "it is not sent again");
        }
    });
    let github = client(&url, &ManualClock::at(START));
    let call = Call::new(http::Method::POST, Path::new(["app", "x"]).unwrap());
    let error = github.app().call(call).await.unwrap_err();
    assert!(error.to_string().starts_with("POST /app/x: no answer came: "), "{error}");
    assert!(error.is_transient() && error.may_have_happened());
    assert!(!cutting.is_finished(), "one connection, one request");
    cutting.abort();
}

#[tokio::test]
async fn only_not_found_means_no_permission() {
    let server = Server::start(|_, before| match before {
        0 => Reply::new(404, json!({ "message": "Not Found" })),
        1 => Reply::new(403, json!({ "message": "Resource not accessible by integration" })),
        2 => Reply::new(200, json!({ "permission": "owner" })),
        _ => Reply::new(500, ""),
    })
    .await;
    let (client, login) = (server.client(), Login::from("mallory[bot]"));
    assert_eq!(client.permission(&rust(), &login).await.unwrap().to_string(), "none");
    assert!(matches!(client.permission(&rust(), &login).await, Err(GithubError::Forbidden { .. })));
    assert!(matches!(client.permission(&rust(), &login).await, Err(GithubError::Decode { .. })));
    assert!(matches!(client.permission(&rust(), &login).await, Err(GithubError::Server { status: 500, .. })));
    assert_eq!(server.seen()[0].target, "/repos/acme/rust/collaborators/mallory%5Bbot%5D/permission");
}
