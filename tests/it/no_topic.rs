//! Without a topic nobody is told, and nothing piles up because of it.

use std::sync::Arc;

use stationmaster::act::Deed;
use stationmaster::app::App;
use stationmaster::config::{Config, Flags};
use stationmaster::model::{Action, Outcome, PeopleMessage, SystemClock, Timestamp, Urgency5};
use stationmaster::simulator::ntfy::NtfySimulator;

use crate::world::{On, migrated_database, settings};

#[tokio::test]
async fn a_message_for_people_is_done_with_and_not_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let github = crate::contract::github(Arc::new(SystemClock)).await;
    let ntfy = NtfySimulator::start(Arc::new(SystemClock)).await.unwrap();
    let mut settings = settings(&github, &ntfy, &migrated_database(On::Sqlite, folder.path()).await);
    settings.remove("NTFY_TOPIC");
    let config = Config::load(&Flags::default(), |name| settings.get(name).cloned(), None).unwrap();
    let app = App::connect(config, Arc::new(SystemClock)).await.unwrap();
    let action = Action::Notify(PeopleMessage {
        topic: None,
        channels: None,
        title: "hello".to_owned(),
        text: "hello".to_owned(),
        priority: Urgency5::Default,
        tags: Vec::new(),
        click: None,
        buttons: Vec::new(),
        happened: Timestamp(0),
    });
    let deed = Deed { key: "hello", action: &action, attempts: 0, first_attempt: Timestamp(0), fresh: true };
    let outcome = app.hands.perform(deed).await;
    let note = "nobody is told: NTFY_TOPIC is not set".to_owned();
    assert_eq!(outcome, Outcome::Performed { note, learned: None });
    assert!(ntfy.all_messages().is_empty());
}
