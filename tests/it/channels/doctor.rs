//! What `doctor` finds out about a channel without sending anything, and what it never repeats.

use std::sync::Arc;

use stationmaster::act::ChannelMeans;
use stationmaster::model::{Channel, ChannelWay, SystemClock};
use stationmaster::reach::Reach;

use super::SECRET;
use super::mail::{MailServer, Trouble};

fn means(value: Option<String>) -> ChannelMeans {
    ChannelMeans {
        reach: Reach::new("127.0.0.1".parse().unwrap()),
        secrets: Arc::new(move |_| value.clone()),
        clock: Arc::new(SystemClock),
    }
}

fn slack() -> Channel {
    Channel { name: "ops".to_owned(), way: ChannelWay::Slack { url_env: "OPS_URL".to_owned() } }
}

fn email() -> Channel {
    let way = ChannelWay::Email {
        smtp_env: "SMTP_URL".to_owned(),
        from: "station@example.com".to_owned(),
        to: vec!["ops@example.com".to_owned()],
    };
    Channel { name: "mail".to_owned(), way }
}

async fn found(channel: &Channel, value: Option<&str>) -> Result<String, String> {
    let found = means(value.map(str::to_owned)).look(channel).await;
    let (Ok(said) | Err(said)) = &found;
    assert!(!said.contains(SECRET), "{said}");
    found
}

#[tokio::test]
async fn a_variable_is_set_and_holds_an_address_that_may_be_called() {
    assert!(found(&slack(), Some(&format!("https://93.184.216.34/{SECRET}"))).await.is_ok());
    let unset = found(&slack(), None).await.unwrap_err();
    assert_eq!(unset, "OPS_URL is not set in the server's environment");
    let unfit = found(&slack(), Some(&format!("hooks/{SECRET}"))).await.unwrap_err();
    assert_eq!(unfit, "OPS_URL cannot be called: only addresses that begin with http:// or https:// are called");
    let inside = found(&slack(), Some(&format!("http://10.0.0.1/{SECRET}"))).await.unwrap_err();
    assert!(inside.contains("`10.0.0.1` is within the server's own network"), "{inside}");
}

#[tokio::test]
async fn the_mail_server_answers_and_lets_us_in_and_no_mail_is_sent() {
    let server = MailServer::open().await;
    assert_eq!(found(&email(), Some(&server.url())).await.unwrap(), "the mail server lets us in");
    assert_eq!((server.signed_in().len(), server.taken().len()), (1, 0));
    server.has(Trouble::Refuses("AUTH", "535 5.7.8 T0pS3cretPath is wrong"));
    let refused = found(&email(), Some(&server.url())).await.unwrap_err();
    assert!(refused.starts_with("the mail server does not let us in: ") && refused.contains("535"), "{refused}");
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dead = found(&email(), Some(&format!("smtp://u:{SECRET}@{gone}"))).await.unwrap_err();
    assert!(dead.starts_with("the mail server could not be spoken to: "), "{dead}");
    let unfit = found(&email(), Some(&format!("mail.example.com:{SECRET}"))).await.unwrap_err();
    assert!(unfit.starts_with("SMTP_URL does not hold an SMTP address such as"), "{unfit}");
}
