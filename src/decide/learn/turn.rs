//! Decides whether rules are proposed by a pull request: because somebody asked, or because the policy wants it weekly.

use super::propose::{History, Proposal, propose};
use super::pull;
use crate::model::{
    Action, Authority, Deed, DeliveryGuid, Door, Explanation, Permission, Planned, PolicyHome, Repository,
    RepositoryReport, RuleKey, RulesPull, RulesPullOrder, RulesRecord, SeenTitle, Sha, Subject, Timestamp,
};
use crate::policy::{LearnRules, Policy};

/// How often the server looks by itself.
const WEEK_MS: i64 = 7 * 24 * 3_600_000;
/// What somebody must be allowed to have the policy changed in their name.
const NEEDS: Permission = Permission::Maintain;

/// All that a decision about proposed rules may see.
#[derive(Debug, Clone, Copy)]
pub struct RulesScene<'s> {
    /// The repository.
    pub repository: &'s Repository,
    /// Its policy in force.
    pub policy: &'s Policy,
    /// Titles of the past.
    pub titles: &'s [SeenTitle],
    /// What is known of earlier proposals.
    pub record: &'s RulesRecord,
    /// What it is told.
    pub reports: &'s [RepositoryReport],
    /// The newest commit of the default branch; `None` in an empty repository.
    pub tip: Option<&'s Sha>,
    /// Where the policy stands.
    pub home: &'s PolicyHome,
    /// The present.
    pub now: Timestamp,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesDecision {
    /// Why, in sentences.
    pub explanation: Explanation,
    /// The record as it is to be.
    pub record: RulesRecord,
    /// What is to be done.
    pub actions: Vec<Planned>,
    /// What was asked, and what was answered.
    pub deeds: Vec<Deed>,
    /// When to look again though nothing happens.
    pub look_again: Option<Timestamp>,
}

/// Whether somebody may have rules proposed.
///
/// # Errors
/// A sentence part that says what they lack.
pub fn may_ask(authority: &Authority) -> Result<(), String> {
    match authority {
        Authority::Operator { .. } => Ok(()),
        Authority::Person { permission, .. } if *permission >= NEEDS => Ok(()),
        Authority::Person { login, permission } => {
            Err(format!("it takes the permission `{NEEDS}`, and that of {login} is `{permission}`"))
        }
    }
}

/// Somebody's ask, as the delivery brought it.
struct Asked<'a> {
    authority: &'a Authority,
    door: Door,
    request: &'a DeliveryGuid,
}

/// Hears what happened to the pull request, and has one written where that is asked for or due.
#[must_use]
pub fn decide(scene: &RulesScene<'_>) -> RulesDecision {
    let mut record = scene.record.clone();
    let asked = hear(scene, &mut record);
    let by_itself = scene.policy.learn.rules == LearnRules::Pull;
    let is_due = by_itself && record.looked.is_none_or(|looked| scene.now.since_ms(looked) >= WEEK_MS);
    let allowed = asked.iter().any(|asked| may_ask(asked.authority).is_ok());
    let mut decision = RulesDecision {
        explanation: Explanation::default(),
        look_again: None,
        actions: Vec::new(),
        deeds: Vec::new(),
        record,
    };
    if is_due {
        decision.record.looked = Some(scene.now);
    }
    if is_due || allowed {
        let (done, sentence) = match wanted(scene, &decision.record) {
            Ok(Wanted::There(sentence)) => (true, sentence),
            Ok(Wanted::Write(order, sentence)) => {
                write(scene, &mut decision, *order);
                (true, sentence)
            }
            Err(why) => (false, why),
        };
        decision.explanation.reasons.push(sentence.clone());
        decision.deeds.extend(asked.iter().map(|asked| deed(scene, asked, (done, &sentence))));
    } else {
        decision.deeds.extend(asked.iter().map(|asked| deed(scene, asked, (false, ""))));
    }
    if let Some(why) = decision.record.pull.as_ref().and_then(|pull| pull.refused.as_ref()) {
        decision.explanation.reasons.push(format!("the pull request that proposes rules was not written: {why}"));
    }
    let looked = decision.record.looked.filter(|_| by_itself);
    decision.look_again = looked.map(|looked| looked.plus_ms(WEEK_MS));
    decision
}

/// Takes over what became of the pull request; returns what was asked.
fn hear<'s>(scene: &RulesScene<'s>, record: &mut RulesRecord) -> Vec<Asked<'s>> {
    let mut asked = Vec::new();
    for report in scene.reports {
        match report {
            RepositoryReport::RulesAsked { authority, door, request, .. } => {
                asked.push(Asked { authority, door: *door, request });
            }
            RepositoryReport::RulesPullWritten { number, digest, tip } => {
                if let Some(pull) = record.pull.as_mut().filter(|pull| pull.digest == *digest) {
                    (pull.number, pull.tip, pull.refused) = (Some(*number), Some(tip.clone()), None);
                }
            }
            RepositoryReport::RulesPullRefused { digest, why } => {
                if let Some(pull) = record.pull.as_mut().filter(|pull| pull.digest == *digest) {
                    pull.refused = Some(why.clone());
                }
            }
        }
    }
    asked
}

enum Wanted {
    /// It is so already; the sentence says where.
    There(String),
    /// It is written; the sentence says what.
    Write(Box<RulesPullOrder>, String),
}

/// The pull request that should be there, or why none should.
fn wanted(scene: &RulesScene<'_>, record: &RulesRecord) -> Result<Wanted, String> {
    if scene.policy.learn.rules == LearnRules::Off {
        return Err("the policy says [learn] rules = \"off\", so no rules are proposed".to_owned());
    }
    if let Some(fault) = &scene.policy.unreadable {
        return Err(format!("no rules are proposed while the policy cannot be read: {fault}"));
    }
    let tip = scene.tip.ok_or("the default branch has no commit to add rules to")?;
    let proposals = proposals(scene);
    if proposals.is_empty() {
        return Err(nothing(scene));
    }
    let order = pull::order(&RulesScene { record, ..*scene }, tip, &proposals)?;
    let count = if proposals.len() == 1 { "1 rule".to_owned() } else { format!("{} rules", proposals.len()) };
    match &record.pull {
        Some(RulesPull { number: Some(number), digest, refused: None, .. }) if *digest == order.digest => {
            Ok(Wanted::There(format!("#{number} proposes {count} that history suggests")))
        }
        Some(RulesPull { digest, refused: None, .. }) if *digest == order.digest => {
            Ok(Wanted::There(format!("a pull request that proposes {count} is being written")))
        }
        Some(_) | None => {
            Ok(Wanted::Write(Box::new(order), format!("a pull request proposes {count} that history suggests")))
        }
    }
}

fn proposals(scene: &RulesScene<'_>) -> Vec<Proposal> {
    propose(&History {
        repository: &scene.repository.name,
        policy: scene.policy,
        titles: scene.titles,
        declined: &scene.record.declined,
    })
}

fn nothing(scene: &RulesScene<'_>) -> String {
    let turned_down = match scene.record.declined.len() {
        0 => String::new(),
        1 => "; 1 rule that was turned down is not proposed again".to_owned(),
        many => format!("; {many} rules that were turned down are not proposed again"),
    };
    format!(
        "history suggests no rule: it takes three titles with something in common that no rule matches and that people gave \
         the same type{turned_down}"
    )
}

fn write(scene: &RulesScene<'_>, decision: &mut RulesDecision, order: RulesPullOrder) {
    let subject = Subject::Repository(scene.repository.id);
    let before = decision.record.pull.take();
    // Where its branch cannot be written, what it proposed before is still in it.
    let mut rules: Vec<RuleKey> = proposals(scene).iter().map(Proposal::key).collect();
    rules.extend(before.iter().flat_map(|pull| pull.rules.iter().cloned()));
    rules.sort();
    rules.dedup();
    decision.record.pull = Some(RulesPull {
        number: before.as_ref().and_then(|pull| pull.number),
        branch: order.branch.clone(),
        digest: order.digest.clone(),
        rules,
        tip: before.and_then(|pull| pull.tip),
        refused: None,
    });
    // What GitHub refused once may be asked for again, and then it is another action.
    let key = format!("rules/pull/{subject}/{}/{}", order.digest, scene.now.ms());
    decision.actions.push(Planned {
        key,
        slot: Some("rules/pull".to_owned()),
        action: Action::ProposeRules(Box::new(order)),
    });
}

fn deed(scene: &RulesScene<'_>, asked: &Asked<'_>, (done, sentence): (bool, &str)) -> Deed {
    let who = match asked.authority {
        Authority::Operator { name } => name.clone(),
        Authority::Person { login, .. } => format!("@{login}"),
    };
    let (refused, what) = match may_ask(asked.authority) {
        Ok(()) if done => (false, format!("had rules proposed: {sentence}.")),
        Ok(()) => (true, format!("asked for rules to be proposed: {sentence}.")),
        Err(lacks) => (true, format!("asked for rules to be proposed: {lacks}.")),
    };
    Deed { who, what, door: asked.door, at: scene.now, refused, request: Some(asked.request.clone()) }
}
