//! Time from one end to the other: what people see when nobody answers, nothing moves, or whoever should is not there.

mod chain;
mod digests;
mod putting_off;
mod response;
mod restarts;
mod silence;
mod urgent;
mod watchdog;

use std::sync::Arc;

use stationmaster::app::App;
use stationmaster::engine::Engine;
use stationmaster::model::{Clock as _, Timestamp};
use stationmaster::simulator::github::Permission;
use stationmaster::simulator::ntfy::Message;

use crate::world::{TOPIC, World};

pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// People deploy and paint, by day in New York; agents fix and refactor, around the clock.
const ROUTING: &str = r#"
[[rule]]
name = "deploy"
title = '^\s*(?:urgent:\s*)?deploy'
type = "deployment"
role = "people"
priority = 90

[[rule]]
name = "paint"
title = '^\s*(?:urgent:\s*)?paint'
type = "deployment"
role = "people"
priority = 50

[[rule]]
name = "fix"
title = '^\s*(?:urgent:\s*)?fix'
type = "development"
role = "agents"
priority = 60

[[rule]]
name = "refactor"
title = '^\s*(?:urgent:\s*)?refactor'
type = "development"
role = "agents"
priority = 50
"#;

const WORKERS: &str = r#"
[[role]]
name = "people"
[[role]]
name = "agents"
capabilities = ["code"]

[[worker]]
id = "ada"
role = "people"
login = "ada"
capacity = 20
tell = []

[[worker]]
id = "bob"
role = "people"
login = "bob"
capacity = 20
tell = []

[[worker]]
id = "robo"
role = "agents"
capacity = 20
always = true
tell = []

[[worker]]
id = "robo2"
role = "agents"
capacity = 20
always = true
tell = []
"#;

/// Has the team come to work, with this `[clocks]`. It is seven in the morning in New York, on 21 November.
pub async fn staff(world: &World, clocks: &str) {
    std::fs::write(world.rules().join("routing.toml"), ROUTING).unwrap();
    std::fs::write(world.rules().join("workers.toml"), format!("{clocks}\n{WORKERS}")).unwrap();
    for person in ["ada", "bob"] {
        world.permission(person, Permission::Write);
    }
    world.engine.tick().await.unwrap();
    world.settle().await;
    assert_eq!(world.told(), [""; 0], "the rules are not broken");
}

pub fn until_ms(world: &World, at: &str) -> i64 {
    let wait_ms = Timestamp::parse_rfc3339(at).unwrap().since_ms(world.clock.now());
    assert!(wait_ms >= 0, "{at} has passed: it is {:?}", world.clock.now());
    wait_ms
}

/// Lets time pass until then, and does what has fallen due.
pub async fn until(world: &World, at: &str) {
    world.pass_ms(until_ms(world, at)).await;
}

/// Lets time pass until then while no server runs.
pub fn asleep_until(world: &World, at: &str) {
    world.clock.advance_ms(until_ms(world, at));
}

/// What people were told on this topic beside who was given what.
pub fn alarms_on(world: &World, topic: &str) -> Vec<Message> {
    let all = world.ntfy.messages(topic).into_iter();
    let is_alarm = |title: &str| !title.contains('→') && !title.contains("is ready for");
    all.filter(|message| message.title.as_deref().is_some_and(is_alarm)).collect()
}

/// Headlines of what people were told beside who was given what.
pub fn alarms(world: &World) -> Vec<String> {
    alarms_on(world, TOPIC).into_iter().filter_map(|message| message.title).collect()
}

/// The same on another topic.
pub fn heard_on(world: &World, topic: &str) -> Vec<String> {
    alarms_on(world, topic).into_iter().filter_map(|message| message.title).collect()
}

/// Whether an issue carries this label.
pub fn has(world: &World, issue: i64, label: &str) -> bool {
    world.issue(issue).labels.iter().any(|shown| shown == label)
}

/// Somebody writes a command, which is carried out.
pub async fn command(world: &World, issue: i64, login: &str, text: &str) {
    let comment = world.comment_as(issue, login, text).await;
    assert_eq!(world.reactions_to(issue, comment), ["eyes", "rocket"], "{text}: {:#?}", world.bot_comments(issue));
}

/// A server that was started on the same database, with nothing in memory of those before it.
pub struct Server<'a> {
    world: &'a World,
    pub engine: Arc<Engine>,
}

impl<'a> Server<'a> {
    /// Starts it, and has it do what is due.
    pub async fn start(world: &'a World) -> Self {
        let config = (*world.app().config).clone();
        let app = App::connect(config, Arc::new(world.clock.clone())).await.unwrap();
        app.learn_own_login().await.unwrap();
        let server = Self { world, engine: Engine::new(app) };
        server.tick().await;
        server
    }

    /// Looks at the clock as it does every second, and does what is due.
    pub async fn tick(&self) {
        self.engine.tick().await.unwrap();
        self.world.settle_with(&self.engine).await;
    }

    /// Lets time pass until then with this server alone.
    pub async fn until(&self, at: &str) {
        self.world.clock.advance_ms(until_ms(self.world, at));
        self.tick().await;
    }
}
