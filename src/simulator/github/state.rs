//! Everything the simulated GitHub remembers, with the look-ups that the rest shares.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use tempfile::TempDir;

use super::app_manifest::Registrations;
use super::endpoint_faults::EndpointFaults;
use super::entities::{Account, AccountKind, Actor, Issue, Repository};
use super::error::SimulatorError;
use super::faults::Fault;
use super::holds::Gate;
use super::installations::{EVENTS, Installation, Permissions, Token, default_permissions};
use super::key::AppKey;
use super::limits::Limits;
use super::observe::LoggedRequest;
use super::sign_in::SignIns;
use super::webhooks::Webhooks;
use super::witness::Witness;
use crate::model::{Clock, Timestamp};

/// The App whose credentials the simulator accepts.
#[derive(Debug, Clone)]
pub struct App {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub owner: String,
    pub webhook_secret: String,
    pub client_id: String,
    pub client_secret: String,
    pub key: AppKey,
    /// What it asks for wherever it is installed.
    pub permissions: Permissions,
    pub events: Vec<String>,
    pub created_at: Timestamp,
}

#[derive(Debug)]
pub struct State {
    pub clock: Arc<dyn Clock>,
    /// Where the simulator is reached, without a slash at the end.
    pub base: String,
    pub app: App,
    pub accounts: BTreeMap<String, Account>,
    pub installations: BTreeMap<i64, Installation>,
    pub repositories: BTreeMap<i64, Repository>,
    /// Names that a repository had before, in lower case: GitHub redirects from them.
    pub former_names: HashMap<String, i64>,
    pub tokens: HashMap<String, Token>,
    pub sign_ins: SignIns,
    pub registrations: Registrations,
    pub limits: Limits,
    pub faults: Vec<Fault>,
    pub endpoint_faults: Option<EndpointFaults>,
    pub gates: Vec<Gate>,
    pub requests: VecDeque<LoggedRequest>,
    pub webhooks: Webhooks,
    pub witness: Option<Arc<dyn Witness>>,
    pub directory: TempDir,
    /// How many reads of a pull find its mergeability unknown after a push to either end.
    pub unknown_mergeability_reads: u32,
    last_id: i64,
}

impl State {
    pub fn new(clock: Arc<dyn Clock>, base: String, key: AppKey) -> std::io::Result<Self> {
        let app = App {
            id: 700_001,
            slug: "stationmaster".to_owned(),
            name: "Stationmaster".to_owned(),
            owner: "stationmaster-maintainers".to_owned(),
            webhook_secret: format!("{:032x}", rand::random::<u128>()),
            client_id: "Iv23liStationmaster1".to_owned(),
            client_secret: format!("{:040x}", rand::random::<u128>()),
            key,
            permissions: default_permissions(),
            events: EVENTS.iter().map(|event| (*event).to_owned()).collect(),
            created_at: clock.now(),
        };
        let mut state = Self {
            clock,
            base,
            app,
            accounts: BTreeMap::new(),
            installations: BTreeMap::new(),
            repositories: BTreeMap::new(),
            former_names: HashMap::new(),
            tokens: HashMap::new(),
            sign_ins: SignIns::default(),
            registrations: Registrations::default(),
            limits: Limits::default(),
            faults: Vec::new(),
            endpoint_faults: None,
            gates: Vec::new(),
            requests: VecDeque::new(),
            webhooks: Webhooks::default(),
            witness: None,
            directory: tempfile::Builder::new().prefix("stationmaster-github-").tempdir()?,
            unknown_mergeability_reads: 1,
            last_id: 1_000_000,
        };
        let (owner, bot) = (state.app.owner.clone(), state.bot().login);
        state.add_account(&owner, AccountKind::Organization);
        state.add_account(&bot, AccountKind::Bot);
        Ok(state)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A number that nothing else has.
    pub const fn fresh_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// The App's own account.
    pub fn bot(&self) -> Actor {
        Actor { login: format!("{}[bot]", self.app.slug), via_app: true }
    }

    /// Adds an account unless there is one of this login, whose kind then stays.
    pub fn add_account(&mut self, login: &str, kind: AccountKind) -> i64 {
        if let Some(known) = self.accounts.get(&login.to_lowercase()) {
            return known.id;
        }
        let id = self.fresh_id();
        self.accounts.insert(login.to_lowercase(), Account { id, login: login.to_owned(), kind });
        id
    }

    pub fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.get(&login.to_lowercase())
    }

    /// The id of a repository by its present or a former `owner/name`.
    pub fn repository_id(&self, full_name: &str) -> Result<i64, SimulatorError> {
        let lower = full_name.to_lowercase();
        let present = self.repositories.values().find(|known| known.full_name().to_lowercase() == lower);
        present
            .map(|known| known.id)
            .or_else(|| self.former_names.get(&lower).copied())
            .ok_or_else(|| SimulatorError::UnknownRepository(full_name.to_owned()))
    }

    pub fn repository(&self, id: i64) -> Result<&Repository, SimulatorError> {
        self.repositories.get(&id).ok_or_else(|| SimulatorError::UnknownRepository(id.to_string()))
    }

    pub fn repository_mut(&mut self, id: i64) -> Result<&mut Repository, SimulatorError> {
        self.repositories.get_mut(&id).ok_or_else(|| SimulatorError::UnknownRepository(id.to_string()))
    }

    pub fn issue(&self, repository: i64, number: i64) -> Result<&Issue, SimulatorError> {
        let repository = self.repository(repository)?;
        let unknown = || SimulatorError::UnknownIssue { repository: repository.full_name(), number };
        repository.issues.get(&number).ok_or_else(unknown)
    }

    pub fn issue_mut(&mut self, repository: i64, number: i64) -> Result<&mut Issue, SimulatorError> {
        let repository = self.repository_mut(repository)?;
        let name = repository.full_name();
        repository.issues.get_mut(&number).ok_or(SimulatorError::UnknownIssue { repository: name, number })
    }

    /// The number of the issue that holds a comment.
    pub fn issue_of_comment(&self, repository: i64, comment: i64) -> Result<i64, SimulatorError> {
        let holder =
            self.repository(repository)?.issues.values().find(|issue| issue.comments.iter().any(|c| c.id == comment));
        holder.map(|issue| issue.number).ok_or(SimulatorError::UnknownComment(comment))
    }

    /// The installation of an account, if there is one.
    pub fn installation_of(&self, owner: &str) -> Option<&Installation> {
        self.installations.values().find(|installation| installation.account.eq_ignore_ascii_case(owner))
    }
}
