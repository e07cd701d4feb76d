//! What people are told of an environment over ntfy, each once.

use super::turn::Turn;
use super::words;
use crate::model::{
    Action, ApprovalAsked, Deploy, DeployKind, MessageButton, PeopleMessage, Timestamp, Urgency5, Version, Wanted,
};

/// A message before it is dressed.
struct Words {
    title: String,
    text: String,
    urgency: Urgency5,
    tag: &'static str,
}

impl Turn<'_> {
    pub(super) fn tell_deploying(&mut self, deploy: &Deploy) {
        let tag = &deploy.version.tag;
        let asked = deploy.by.as_ref().map(|by| format!(" {} asked for it.", words::who(by))).unwrap_or_default();
        let approved =
            deploy.approved_by.as_ref().map(|by| format!(" {} approved it.", words::who(by))).unwrap_or_default();
        let over = deploy.overrides.as_ref();
        let over = over.map(|why| format!(" A freeze or a hold does not count: {why}")).unwrap_or_default();
        let (title, what) = match &deploy.kind {
            DeployKind::Deploy => (format!("{}: deploying {tag}", self.place()), format!("{tag} is being deployed.")),
            DeployKind::Rollback { from, why } => (
                format!("{}: going back to {tag}", self.place()),
                words::sentence(&format!("{} is left: {why}", from.tag)),
            ),
        };
        let text = format!("{what}{asked}{approved}{over}");
        self.tell_of(deploy, "deploying", Words { title, text, urgency: self.usual(), tag: "rocket" });
    }

    pub(super) fn tell_deployed(&mut self, deploy: &Deploy) {
        let tag = &deploy.version.tag;
        let title = format!("{} runs {tag}", self.place());
        let healthy = if self.settings.health.is_some() { " and is healthy" } else { "" };
        let text = format!("{tag} ({}) is deployed{healthy}.", deploy.version.sha.short());
        self.tell_of(deploy, "deployed", Words { title, text, urgency: self.usual(), tag: "white_check_mark" });
    }

    pub(super) fn tell_failed(&mut self, deploy: &Deploy, why: &str, target: Option<&Version>) {
        let title = format!("{}: {} failed", self.place(), deploy.version.tag);
        let text = format!("{} {}", words::sentence(why), self.consequence(target));
        // Where there is no way back, what serves people stays sick until somebody acts.
        let urgency = if target.is_none() && self.settings.production { Urgency5::Max } else { Urgency5::High };
        self.tell_of(deploy, "failed", Words { title, text, urgency, tag: "x" });
    }

    pub(super) fn tell_rolled_back(&mut self, deploy: &Deploy, from: &Version, why: &str) {
        let title = format!("{} runs {}, not {}", self.place(), deploy.version.tag, from.tag);
        let text = words::sentence(&format!("{} is held back: {why}", from.tag));
        self.tell_of(deploy, "rolled-back", Words { title, text, urgency: Urgency5::High, tag: "rewind" });
    }

    pub(super) fn tell_stuck(&mut self, deploy: &Deploy, from: &Version, why: &str) {
        let title = format!("{} is sick, and somebody must act", self.place());
        let text = format!(
            "{} was left for {}, which did not work either: {} Nothing more is done by itself.",
            from.tag,
            deploy.version.tag,
            words::sentence(why)
        );
        self.tell_of(deploy, "stuck", Words { title, text, urgency: Urgency5::Max, tag: "rotating_light" });
    }

    pub(super) fn tell_error(&mut self, deploy: &Deploy, why: &str) {
        let title = format!("{}: {} could not be deployed", self.place(), deploy.version.tag);
        let runs = match &self.record.running {
            Some(running) => format!("{} still runs, as far as is known.", running.version.tag),
            None => "Nothing ran there before.".to_owned(),
        };
        let text = format!("{} {runs}", words::sentence(why));
        self.tell_of(deploy, "error", Words { title, text, urgency: self.usual(), tag: "warning" });
    }

    pub(super) fn tell_approval(&mut self, wanted: &Wanted, approval: &ApprovalAsked) {
        let tag = &wanted.version.tag;
        let title = format!("{}: {tag} needs approval", self.place());
        let text = format!(
            "Somebody whose work is not in {tag} has to write `/approve {}` until {}.",
            self.snapshot.name, approval.expires
        );
        self.tell_about(wanted, "approval", Words { title, text, urgency: self.usual(), tag: "raised_hand" });
    }

    pub(super) fn tell_expired(&mut self, wanted: &Wanted) {
        let tag = &wanted.version.tag;
        let title = format!("{}: nobody approved {tag}", self.place());
        let text = format!("It is not deployed. `/deploy {} {tag}` asks again.", self.snapshot.name);
        self.tell_about(wanted, "expired", Words { title, text, urgency: self.usual(), tag: "hourglass" });
    }

    pub(super) fn tell_frozen(&mut self, wanted: &Wanted, until: Option<Timestamp>, why: &str) {
        let end = until.map_or_else(|| "open".to_owned(), |until| until.ms().to_string());
        let cause = format!("{}/frozen/{end}", wanted.version.tag);
        if self.record.told.as_ref() == Some(&cause) {
            return;
        }
        self.record.told = Some(cause);
        let until = until.map_or_else(|| "somebody says `/unfreeze`".to_owned(), |until| until.to_string());
        let title = format!("{}: {} waits", self.place(), wanted.version.tag);
        let text = words::sentence(&format!("it is frozen until {until}: {why}"));
        let message = Words { title, text, urgency: Urgency5::Default, tag: "snowflake" };
        self.tell_about(wanted, &format!("frozen/{end}"), message);
    }

    fn place(&self) -> String {
        format!("{} {}", self.snapshot.repository.name, self.snapshot.name)
    }

    fn usual(&self) -> Urgency5 {
        if self.settings.production { Urgency5::High } else { Urgency5::Default }
    }

    fn tell_of(&mut self, deploy: &Deploy, what: &str, said: Words) {
        let key = format!("told/{}/{}/{what}", self.subject(), deploy.number);
        self.tell(key, &deploy.version, said);
    }

    /// Once for each time that a version comes to be wanted: whoever wants it again, later, asks people again.
    fn tell_about(&mut self, wanted: &Wanted, what: &str, said: Words) {
        let version = &wanted.version;
        let since = wanted.since.ms();
        let key = format!("told/{}/{}/{}/{what}/{since}", self.subject(), version.tag, version.sha);
        self.tell(key, version, said);
    }

    fn tell(&mut self, key: String, version: &Version, said: Words) {
        let button = |label: &str, url: String| MessageButton { label: label.to_owned(), url };
        let issue = words::issue_url(version);
        let mut buttons = Vec::new();
        buttons.extend(issue.clone().map(|url| button("Open issue", url)));
        buttons.push(button("Open release", version.url.clone()));
        buttons.extend(self.settings.url.clone().map(|url| button(&format!("Open {}", self.snapshot.name), url)));
        let message = PeopleMessage {
            topic: self.policy.topic.map(str::to_owned),
            channels: None,
            title: said.title,
            text: said.text,
            priority: said.urgency,
            tags: vec![said.tag.to_owned()],
            click: Some(issue.unwrap_or_else(|| version.url.clone())),
            buttons,
            happened: self.now,
        };
        self.plan(key, Action::Notify(message));
    }
}
