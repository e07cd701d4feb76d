//! Whether somebody whose work is not in it lets a version pass; the answer is of that one commit alone.

use super::ask::may;
use super::turn::Turn;
use super::words;
use crate::model::{ApprovalAsked, Authority, DeployBlocker, Login, Permission, TagName, Timestamp, Version, Wanted};
use crate::policy::EnvironmentSettings;

/// Whether somebody's word counts where versions wait for approval.
///
/// # Errors
/// Why not.
pub fn may_approve(settings: &EnvironmentSettings, authority: &Authority) -> Result<(), DeployBlocker> {
    let Authority::Person { login, .. } = authority else { return Ok(()) };
    let approvers = &settings.approvers;
    if approvers.is_empty() {
        return may(authority, Permission::Write);
    }
    if approvers.iter().any(|approver| approver.is(login)) {
        return Ok(());
    }
    let names: Vec<&str> = approvers.iter().map(Login::as_str).collect();
    let lacks = format!("approvals for {} are given by {}", settings.name, names.join(", "));
    Err(DeployBlocker::NotAllowed { who: login.to_string(), lacks })
}

/// Nobody approves their own work.
///
/// # Errors
/// That it is theirs.
pub fn not_own_work(version: &Version, authority: &Authority) -> Result<(), DeployBlocker> {
    match authority {
        Authority::Person { login, .. } if version.authors.iter().any(|author| author.is(login)) => {
            Err(DeployBlocker::OwnWork { who: login.to_string(), tag: version.tag.clone() })
        }
        Authority::Person { .. } | Authority::Operator { .. } => Ok(()),
    }
}

impl Turn<'_> {
    pub(super) fn approve(
        &mut self,
        tag: Option<&TagName>,
        authority: &Authority,
        at: Timestamp,
    ) -> Result<(), DeployBlocker> {
        may_approve(self.settings, authority)?;
        let (wanted, mut approval) = self.open_question(tag, at)?;
        not_own_work(&wanted.version, authority)?;
        self.because(format!("{} approves {}", words::who(authority), approval.tag));
        approval.by = Some(authority.clone());
        self.record.approval = Some(approval);
        Ok(())
    }

    pub(super) fn reject(&mut self, why: &str, authority: &Authority, at: Timestamp) -> Result<(), DeployBlocker> {
        may_approve(self.settings, authority)?;
        let (wanted, approval) = self.open_question(None, at)?;
        let why = if why.trim().is_empty() { "no reason was given" } else { why.trim() };
        let note = format!("{} rejects {}: {why}", words::who(authority), approval.tag);
        self.record.last_end = Some(words::ended(&note));
        self.because(note);
        self.touch(&wanted.version);
        self.remember_lapsed(&approval.tag);
        self.drop_wanted();
        Ok(())
    }

    /// The question that is meant, with what is wanted. Words that were said before it was asked, or after it was taken
    /// back, are not of it.
    fn open_question(&self, tag: Option<&TagName>, at: Timestamp) -> Result<(Wanted, ApprovalAsked), DeployBlocker> {
        let nothing = || DeployBlocker::NothingToApprove { waits: None };
        let wanted = self.record.wanted.clone().ok_or_else(nothing)?;
        let approval = self.record.approval.clone().ok_or_else(nothing)?;
        if approval.by.is_none() && at >= approval.expires {
            return Err(nothing());
        }
        let meant = match tag {
            Some(tag) => *tag == approval.tag,
            // GitHub tells when a comment was written in whole seconds.
            None => at.seconds() >= approval.asked.seconds(),
        };
        if !meant {
            return Err(DeployBlocker::NothingToApprove { waits: Some(approval.tag) });
        }
        Ok((wanted, approval))
    }

    /// Takes a question back that nobody answered in time, which frees the lane.
    pub(super) fn expire_approval(&mut self) {
        let Some(wanted) = self.record.wanted.clone() else { return };
        let expired = |approval: &ApprovalAsked| approval.by.is_none() && approval.expires <= self.now;
        let Some(approval) = self.record.approval.clone().filter(expired) else { return };
        self.tell_expired(&wanted);
        self.touch(&wanted.version);
        self.remember_lapsed(&approval.tag);
        self.record.last_end = Some(format!("Nobody approved {} in time.", approval.tag));
        self.block(DeployBlocker::ApprovalExpired { tag: approval.tag });
        self.drop_wanted();
    }

    /// The answer for what is wanted, where there is one.
    pub(super) fn approved_by(&self, wanted: &Wanted) -> Option<Authority> {
        let approval = self.record.approval.as_ref()?;
        let same = approval.sha == wanted.version.sha && approval.tag == wanted.version.tag;
        approval.by.clone().filter(|_| same)
    }

    /// Asks for approval, unless it was asked for.
    pub(super) fn ask_for_approval(&mut self, wanted: &Wanted) {
        let version = &wanted.version;
        let same = |asked: &ApprovalAsked| asked.sha == version.sha && asked.tag == version.tag;
        let asked = self.record.approval.clone().filter(same);
        let approval = asked.unwrap_or_else(|| {
            let approval = ApprovalAsked {
                sha: version.sha.clone(),
                tag: version.tag.clone(),
                asked: self.now,
                expires: self.now.plus_ms(i64::from(self.settings.approval_expires_s) * 1000),
                by: None,
            };
            self.tell_approval(wanted, &approval);
            self.because(format!("approval of {} is asked for", version.tag));
            approval
        });
        self.look_at(approval.expires);
        self.block(DeployBlocker::ApprovalMissing { tag: approval.tag.clone(), expires: approval.expires });
        self.record.approval = Some(approval);
    }
}
