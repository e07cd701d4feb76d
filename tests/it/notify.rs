//! The ntfy client against the simulated server.

use std::sync::Arc;

use stationmaster::model::{ManualClock, MessageButton, PeopleMessage, Timestamp, Urgency5};
use stationmaster::notify::{Next, Notifier, NotifyError, NtfyConfig, Published, http_client};
use stationmaster::simulator::ntfy::{Fault, NtfySimulator, RequestLimit};
use url::Url;

const LINK: &str = "https://github.com/octo/trains/issues/7";

/// A server, a notifier for its topic `people`, and the clock of both.
struct Station {
    ntfy: NtfySimulator,
    clock: ManualClock,
    config: NtfyConfig,
    notifier: Notifier,
}

impl Station {
    async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    async fn open_with(change: impl FnOnce(&mut NtfyConfig)) -> Self {
        let clock = ManualClock::at(Timestamp::parse_rfc3339("2026-11-21T06:30:00Z").unwrap());
        let ntfy = NtfySimulator::start(Arc::new(clock.clone())).await.unwrap();
        let mut config = NtfyConfig {
            url: ntfy.url().parse().unwrap(),
            topic: Some("people".to_owned()),
            protocol_topic: None,
            token: None,
            fallback_url: None,
            fallback_topic: None,
        };
        change(&mut config);
        let notifier = Notifier::new(http_client().unwrap(), config.clone(), Arc::new(clock.clone()));
        Self { ntfy, clock, config, notifier }
    }

    /// A station whose urgent messages can go to a second server.
    async fn with_fallback() -> (Self, NtfySimulator) {
        let clock = Arc::new(ManualClock::at(Timestamp::parse_rfc3339("2026-11-21T06:30:00Z").unwrap()));
        let second = NtfySimulator::start(clock).await.unwrap();
        let station = Self::open_with(|config| {
            config.fallback_url = Some(second.url().parse().unwrap());
            config.fallback_topic = Some("emergency".to_owned());
        })
        .await;
        (station, second)
    }

    async fn publish(&self, message: &PeopleMessage) -> Result<Published, NotifyError> {
        self.notifier.publish(message).await
    }

    fn now(&self) -> Timestamp {
        use stationmaster::model::Clock;
        self.clock.now()
    }

    /// Publishes and returns the pause that this begins or meets, in seconds from now.
    async fn pause_s(&self) -> Option<(i64, bool)> {
        match self.publish(&message("t", "text")).await {
            Ok(_) => None,
            Err(NotifyError::Limited { until, daily }) => Some((until.since_ms(self.now()) / 1_000, daily)),
            Err(other) => panic!("expected a pause, got {other:?}"),
        }
    }

    fn titles(&self) -> Vec<String> {
        self.ntfy.messages("people").into_iter().filter_map(|message| message.title).collect()
    }
}

fn message(title: &str, text: &str) -> PeopleMessage {
    PeopleMessage {
        topic: None,
        channels: None,
        title: title.to_owned(),
        text: text.to_owned(),
        priority: Urgency5::Default,
        tags: Vec::new(),
        click: Some(LINK.to_owned()),
        buttons: Vec::new(),
        happened: Timestamp(0),
    }
}

fn urgent(title: &str) -> PeopleMessage {
    PeopleMessage { priority: Urgency5::Max, ..message(title, "Production is down.") }
}

#[tokio::test]
async fn everything_about_a_message_arrives() {
    let station = Station::open().await;
    let mut given = message("Déployé 🚂", "Line one\nLine \"two\"");
    given.priority = Urgency5::High;
    given.tags = vec!["rocket".to_owned(), "qa".to_owned()];
    given.buttons = ["Open", "Logs", "Why", "More"]
        .map(|label| MessageButton { label: label.to_owned(), url: format!("https://example.org/{label}?a=1,2") })
        .to_vec();
    let published = station.publish(&given).await.unwrap();

    let arrived = &station.ntfy.messages("people")[0];
    assert_eq!(arrived.id, published.id);
    assert_eq!(arrived.title.as_deref(), Some("Déployé 🚂"));
    assert_eq!(arrived.message, "Line one\nLine \"two\"");
    assert_eq!(arrived.priority, Some(4));
    assert_eq!(arrived.tags, ["rocket", "qa"]);
    assert_eq!(arrived.click.as_deref(), Some(LINK));
    let buttons: Vec<_> =
        arrived.actions.iter().map(|a| (a.action.as_str(), a.label.as_str(), a.url.as_str())).collect();
    assert_eq!(
        buttons,
        [
            ("view", "Open", "https://example.org/Open?a=1,2"),
            ("view", "Logs", "https://example.org/Logs?a=1,2"),
            ("view", "Why", "https://example.org/Why?a=1,2"),
        ]
    );
}

#[tokio::test]
async fn a_message_goes_to_the_topic_it_names() {
    let station = Station::open().await;
    let named = PeopleMessage { topic: Some("night-shift".to_owned()), ..message("t", "text") };
    station.publish(&named).await.unwrap();
    assert_eq!((station.ntfy.messages("night-shift").len(), station.ntfy.messages("people").len()), (1, 0));
}

#[tokio::test]
async fn without_any_topic_nothing_is_sent() {
    let station = Station::open_with(|config| config.topic = None).await;
    let error = station.publish(&message("t", "text")).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.next()), ("no ntfy topic is configured", Next::GiveUp));
    assert_eq!(station.ntfy.requests(), 0);
}

#[tokio::test]
async fn long_texts_arrive_as_texts_whatever_is_in_them() {
    let station = Station::open().await;
    for filling in ["x", "é", "線", "🚂", "\"", "\\", "\n.", "\u{1}"] {
        let title = filling.repeat(400);
        station.publish(&message(&title, &format!("<{}", filling.repeat(9_000)))).await.unwrap();
        let arrived = station.ntfy.messages("people").pop().unwrap();
        assert_eq!(arrived.attachment, None, "{filling:?} became a file");
        assert!(arrived.message.starts_with('<') && arrived.message.len() < 4_096, "{filling:?}");
        assert!(arrived.message.ends_with(&format!("… {LINK}")), "{filling:?}: {}", arrived.message);
    }
}

#[tokio::test]
async fn the_token_is_sent_and_not_shown() {
    let station = Station::open_with(|config| config.token = Some("tk_secret".into())).await;
    station.ntfy.require_token("tk_secret");
    station.publish(&message("t", "text")).await.unwrap();
    assert!(!format!("{:?} {:?}", station.config, station.notifier).contains("tk_secret"));

    station.ntfy.require_token("tk_other");
    let error = station.publish(&message("t", "text")).await.unwrap_err();
    assert_eq!(error.to_string(), "ntfy refused with status 401 (40101): unauthorized");
    assert_eq!(error.next(), Next::GiveUp);
}

#[tokio::test]
async fn a_refused_message_names_the_reason() {
    let station = Station::open().await;
    let misnamed = PeopleMessage { topic: Some("no spaces".to_owned()), ..message("t", "text") };
    let error = station.publish(&misnamed).await.unwrap_err();
    assert_eq!(error.to_string(), "ntfy refused with status 400 (40009): invalid request: topic invalid");
    assert_eq!(error.next(), Next::GiveUp);
}

#[tokio::test]
async fn after_429_nothing_is_asked_until_the_pause_is_over_and_pauses_grow() {
    let station = Station::open().await;
    station.ntfy.inject(Fault::Status(429), 4);
    let mut asked = 0;
    for length_s in [5, 10, 20, 40] {
        assert_eq!(station.pause_s().await, Some((length_s, false)));
        asked += 1;
        station.clock.advance_ms(length_s * 1_000 - 1);
        assert!(station.pause_s().await.is_some());
        assert_eq!(station.ntfy.requests(), asked, "a request was made during the pause");
        station.clock.advance_ms(1);
    }
    assert_eq!(station.pause_s().await, None);

    station.ntfy.inject(Fault::Status(429), 1);
    assert_eq!(station.pause_s().await, Some((5, false)), "success makes the pause short again");
}

#[tokio::test]
async fn a_burst_over_the_limit_is_paused_and_resumes_with_the_clock() {
    let station = Station::open().await;
    station.ntfy.limit_requests(Some(RequestLimit { burst: 2, refill_ms: 5_000 }));
    station.publish(&message("one", "text")).await.unwrap();
    station.publish(&message("two", "text")).await.unwrap();
    let error = station.publish(&message("three", "text")).await.unwrap_err();
    assert_eq!(error.next(), Next::Wait(station.now().plus_ms(5_000)));
    assert_eq!(error.to_string(), "ntfy limits our requests, paused until 2026-11-21T06:30:05Z");
    station.clock.advance_ms(5_000);
    station.publish(&message("three", "text")).await.unwrap();
    assert_eq!(station.titles(), ["one", "two", "three"]);
}

#[tokio::test]
async fn clones_share_the_pause() {
    let station = Station::open().await;
    station.ntfy.inject(Fault::Status(429), 1);
    assert!(station.notifier.clone().publish(&message("t", "text")).await.is_err());
    assert!(station.pause_s().await.is_some());
    assert_eq!(station.ntfy.requests(), 1);
}

#[tokio::test]
async fn the_daily_limit_pauses_until_midnight_in_utc() {
    let station = Station::open().await;
    station.ntfy.hit_daily_limit();
    let to_midnight_s = (17 * 60 + 30) * 60;
    assert_eq!(station.pause_s().await, Some((to_midnight_s, true)));
    station.clock.advance_ms(to_midnight_s * 1_000 - 1);
    let error = station.publish(&urgent("t")).await.unwrap_err();
    assert_eq!(error.to_string(), "ntfy takes no more messages today, paused until 2026-11-22T00:00:00Z");
    assert_eq!(station.ntfy.requests(), 1);
    station.clock.advance_ms(1);
    assert_eq!(station.pause_s().await, None);
}

#[tokio::test]
async fn when_the_day_is_used_up_only_urgent_messages_go_to_the_fallback() {
    let (station, second) = Station::with_fallback().await;
    station.ntfy.hit_daily_limit();
    assert!(station.publish(&urgent("down")).await.unwrap().by_fallback);
    assert!(station.publish(&urgent("still down")).await.unwrap().by_fallback);
    assert_eq!(station.ntfy.requests(), 1, "the paused server is not asked again");
    assert!(matches!(station.publish(&message("digest", "text")).await, Err(NotifyError::Limited { daily: true, .. })));
    let titles: Vec<_> = second.messages("emergency").into_iter().filter_map(|message| message.title).collect();
    assert_eq!(titles, ["down", "still down"]);
}

#[tokio::test]
async fn the_fallback_is_left_alone_while_the_server_works_or_only_limits_the_rate() {
    let (station, second) = Station::with_fallback().await;
    station.publish(&urgent("one")).await.unwrap();
    station.ntfy.inject(Fault::Status(429), 1);
    assert!(matches!(station.publish(&urgent("two")).await, Err(NotifyError::Limited { daily: false, .. })));
    assert_eq!(second.requests(), 0);
}

#[tokio::test]
async fn the_fallback_never_gets_the_token() {
    let (station, second) = Station::with_fallback().await;
    let config = NtfyConfig { token: Some("tk_secret".into()), ..station.config.clone() };
    let notifier = Notifier::new(http_client().unwrap(), config, Arc::new(station.clock.clone()));
    station.ntfy.require_token("tk_secret");
    station.ntfy.hit_daily_limit();
    // The second server knows no tokens and answers 401 to any.
    assert!(notifier.publish(&urgent("down")).await.unwrap().by_fallback);
    assert_eq!(second.messages("emergency").len(), 1);
}

#[tokio::test]
async fn a_fallback_on_the_limited_server_itself_is_not_asked() {
    let station = Station::open_with(|config| {
        config.fallback_url = Some(config.url.clone());
        config.fallback_topic = Some("emergency".to_owned());
    })
    .await;
    station.ntfy.hit_daily_limit();
    assert!(matches!(station.publish(&urgent("t")).await, Err(NotifyError::Limited { daily: true, .. })));
    assert_eq!(station.ntfy.requests(), 1);
}

#[tokio::test]
async fn a_fallback_that_fails_decides_what_comes_next() {
    let (station, second) = Station::with_fallback().await;
    station.ntfy.hit_daily_limit();
    second.inject(Fault::Status(503), 1);
    assert_eq!(station.publish(&urgent("t")).await.unwrap_err().next(), Next::Retry);
    second.require_token("tk_unknown_to_us");
    let error = station.publish(&urgent("t")).await.unwrap_err();
    assert!(matches!(error, NotifyError::Limited { daily: true, .. }), "it waits for the quota: {error:?}");
}

#[tokio::test]
async fn a_dead_server_is_worth_a_retry_and_does_not_show_the_topic() {
    let station = Station::open().await;
    station.ntfy.set_down(true);
    let error = station.publish(&message("t", "text")).await.unwrap_err();
    assert!(matches!(error, NotifyError::Unreachable(_)), "{error:?}");
    assert_eq!(error.next(), Next::Retry);
    let looked = station.notifier.already_published(&message("t", "text"), station.now()).await.unwrap_err();
    assert!(!format!("{looked:?}").contains("people"), "{looked:?}");
    station.ntfy.set_down(false);
    station.publish(&message("t", "text")).await.unwrap();
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_worth_a_retry() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url: Url = format!("http://{}", unused.local_addr().unwrap()).parse().unwrap();
    drop(unused);
    let station = Station::open_with(|config| config.url = url).await;
    let error = station.publish(&message("t", "text")).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.next()), ("ntfy cannot be reached", Next::Retry));
}

#[tokio::test]
async fn failures_of_the_server_are_worth_a_retry_without_a_pause() {
    let station = Station::open().await;
    for status in [500, 502, 503, 507, 408] {
        station.ntfy.inject(Fault::Status(status), 1);
        let error = station.publish(&message("t", "text")).await.unwrap_err();
        assert!(matches!(error, NotifyError::Server(given) if given == status), "{error:?}");
        assert_eq!(error.next(), Next::Retry);
    }
    station.publish(&message("t", "text")).await.unwrap();
}

#[tokio::test]
async fn a_success_that_is_not_ntfys_is_no_success() {
    let station = Station::open().await;
    station.ntfy.inject(Fault::Status(200), 1);
    let error = station.publish(&message("t", "text")).await.unwrap_err();
    assert!(matches!(error, NotifyError::NotNtfy), "{error:?}");
    assert_eq!((error.next(), station.titles().len()), (Next::Retry, 0));
}

#[tokio::test]
async fn a_redirect_is_a_refusal_and_not_followed() {
    let station = Station::open().await;
    station.ntfy.inject(Fault::Status(301), 1);
    let error = station.publish(&message("t", "text")).await.unwrap_err();
    assert_eq!(error.to_string(), "ntfy refused with status 301: Moved Permanently");
}

#[tokio::test]
async fn a_message_that_was_published_before_the_failure_is_found() {
    for fault in [Fault::StatusAfterDoing(502), Fault::CutAfterDoing] {
        let station = Station::open().await;
        let began = station.now();
        let long = message("  Build \"12\" failed\n", &"line 線\n".repeat(2_000));
        station.ntfy.inject(fault, 1);
        assert_eq!(station.publish(&long).await.unwrap_err().next(), Next::Retry);
        station.clock.advance_ms(30_000);
        assert!(station.notifier.already_published(&long, began).await.unwrap(), "{fault:?}");
        assert_eq!(station.titles().len(), 1);
    }
}

#[tokio::test]
async fn a_message_that_was_not_published_before_the_failure_is_not_found() {
    for fault in [Fault::Status(502), Fault::CutConnection] {
        let station = Station::open().await;
        station.ntfy.inject(fault, 1);
        assert_eq!(station.publish(&message("t", "text")).await.unwrap_err().next(), Next::Retry);
        let found = station.notifier.already_published(&message("t", "text"), station.now()).await.unwrap();
        assert!(!found, "{fault:?}");
    }
}

#[tokio::test]
async fn only_the_same_title_text_and_link_since_then_is_the_same_message() {
    let station = Station::open().await;
    let given = message("t", "text");
    station.publish(&given).await.unwrap();
    let others = [
        message("other", "text"),
        message("t", "other"),
        PeopleMessage { click: None, ..given.clone() },
        PeopleMessage { topic: Some("elsewhere".to_owned()), ..given.clone() },
    ];
    for other in others {
        assert!(!station.notifier.already_published(&other, station.now()).await.unwrap(), "{other:?}");
    }
    assert!(station.notifier.already_published(&given, station.now()).await.unwrap());
    station.clock.advance_ms(3_600_000);
    assert!(!station.notifier.already_published(&given, station.now()).await.unwrap(), "an hour ago is long ago");
}

#[tokio::test]
async fn a_message_without_title_or_text_is_found_too() {
    let station = Station::open().await;
    for bare in [message("only a title", ""), message("", "only a text")] {
        station.publish(&bare).await.unwrap();
        assert!(station.notifier.already_published(&bare, station.now()).await.unwrap(), "{bare:?}");
    }
}

#[tokio::test]
async fn a_topic_that_may_not_be_read_counts_as_not_published() {
    let station = Station::open().await;
    station.ntfy.make_write_only("people");
    station.publish(&message("t", "text")).await.unwrap();
    assert!(!station.notifier.already_published(&message("t", "text"), station.now()).await.unwrap());
}

#[tokio::test]
async fn looking_is_paused_as_publishing_is() {
    let station = Station::open().await;
    station.ntfy.inject(Fault::Status(429), 1);
    let looked = station.notifier.already_published(&message("t", "text"), station.now()).await.unwrap_err();
    assert_eq!(looked.next(), Next::Wait(station.now().plus_ms(5_000)));
    assert!(station.pause_s().await.is_some());
    assert_eq!(station.ntfy.requests(), 1);
}

#[tokio::test]
async fn an_urgent_message_is_found_at_the_fallback() {
    let (station, second) = Station::with_fallback().await;
    station.ntfy.hit_daily_limit();
    assert!(station.pause_s().await.is_some());
    second.inject(Fault::StatusAfterDoing(502), 1);
    assert_eq!(station.publish(&urgent("down")).await.unwrap_err().next(), Next::Retry);
    assert!(station.notifier.already_published(&urgent("down"), station.now()).await.unwrap());
    assert!(!station.notifier.already_published(&urgent("other"), station.now()).await.unwrap());
    station.clock.advance_ms(18 * 3_600_000);
    let began = station.now().plus_ms(-18 * 3_600_000);
    second.set_down(true);
    assert!(!station.notifier.already_published(&urgent("down"), began).await.unwrap(), "better twice than never");
}
