//! The nouns of Stationmaster: ids, deliveries, events, snapshots, decisions and actions, with no logic beyond their own invariants.

mod action;
mod decision;
mod delivery;
mod event;
mod ids;
mod issue;
mod label;
mod repository;
mod request;
mod subject;
mod task;
mod time;
mod worker;

pub use action::{Action, Fact, MessageButton, Outcome, PeopleMessage, Planned, Urgency5};
pub use decision::{Blocker, Decision, Explanation};
pub use delivery::{Delivery, DeliverySource, DeliveryState, EventName};
pub use event::{Actor, ActorKind, Event, EventKind, InstallationChange, Parsed, RepositoryChange};
pub use ids::{
    BranchName, CommentId, DeliveryGuid, IdError, InstallationId, LabelName, Login, Number, RepositoryId,
    RepositoryName, RoleName, TaskType, WorkerId,
};
pub use issue::{Issue, IssueSnapshot, IssueState};
pub use label::{LabelFamily, LabelSpec, Level};
pub use repository::Repository;
pub use request::Request;
pub use subject::{Subject, SubjectKind};
pub use task::{Task, TaskState};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use worker::{Telling, Worker, WorkerLoad};
