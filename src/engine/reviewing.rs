//! Reviews a head: goes through what it changes, file by file, so that thousands of files need no more memory than one.

use std::sync::Arc;

use anyhow::Result;

use super::rule_files::{HeadRules, told};
use crate::app::App;
use crate::decide::review::{self, FileToReview, PullTotals, review_file};
use crate::decide::secrets::{Leak, ScanOptions, scan_added, scan_text};
use crate::github::{GithubError, InstallationClient};
use crate::model::{FileChange, Finding, HeadReview, PullSnapshot, Repository};
use crate::observe::{self, Changes, ChangesFault};
use crate::policy::{Faults, Policy, ReviewRules, RuleFile, SecretRules, policy_change};

/// Findings that are kept of one head; the rest is counted.
const FINDINGS_MAX: usize = 1_000;
/// Content beyond this is not read: it is no source that a person wrote.
const CONTENT_MAX_BYTES: usize = 20 * 1024 * 1024;

/// A review under way.
struct Review<'r> {
    client: Arc<InstallationClient>,
    repository: &'r Repository,
    policy: &'r Policy,
    rules: &'r Arc<HeadRules>,
    made: HeadReview,
    totals: PullTotals,
    /// The repository's policy as the head has it, where the pull edits it and it can be read.
    new_policy: Option<String>,
}

/// Reviews the head of a pull request. Returns the text of the policy as well, where the pull edits it and it can be read.
///
/// # Errors
/// Whatever passes: GitHub that does not answer, a head that moved meanwhile. What does not pass is a fault in the
/// review, which blocks the merge.
pub(super) async fn review(
    app: &App,
    snapshot: &PullSnapshot,
    policy: &Policy,
    rules: &Arc<HeadRules>,
) -> Result<(HeadReview, Option<String>)> {
    let github = &app.hands.github;
    let mut under_way = Review {
        client: github.installation(snapshot.repository.installation),
        repository: &snapshot.repository,
        policy,
        rules,
        made: HeadReview {
            head: snapshot.pull.head.clone(),
            rules: rules.fingerprint().to_owned(),
            findings: Vec::new(),
            total: 0,
            files: 0,
            lines: None,
            faults: rules.faults.clone(),
            policy_change: None,
            backtest: None,
        },
        totals: PullTotals::default(),
        new_policy: None,
    };
    match observe::changes(github, &snapshot.repository, &snapshot.pull) {
        Ok(mut changes) => under_way.go_through(&mut changes).await?,
        Err(fault) => under_way.cannot(fault)?,
    }
    let about_all = review::finish(&rules.code, &rules.settings, under_way.totals);
    under_way.made.lines = Some(under_way.totals.lines);
    under_way.keep(about_all);
    Ok((under_way.made, under_way.new_policy))
}

impl Review<'_> {
    async fn go_through(&mut self, changes: &mut Changes) -> Result<()> {
        loop {
            match changes.next().await {
                Ok(Some(change)) => self.file(change).await?,
                Ok(None) => return Ok(()),
                Err(fault) => return self.cannot(fault),
            }
        }
    }

    /// A fault that will not pass is told; one that will is an error, and the head is looked at again.
    fn cannot(&mut self, fault: ChangesFault) -> Result<()> {
        match fault {
            ChangesFault::TooMany { .. } | ChangesFault::Incomplete { .. } => {
                self.made.faults.push(fault.to_string());
                Ok(())
            }
            ChangesFault::HeadMoved { .. } | ChangesFault::Github(_) => Err(fault.into()),
        }
    }

    async fn file(&mut self, change: FileChange) -> Result<()> {
        self.made.files += 1;
        if !self.rules.settings.ignores(&change.path) {
            self.totals.files += 1;
            self.totals.lines += u64::from(change.additions) + u64::from(change.deletions);
        }
        let own_rule = is_rule_file(&change.path);
        let wanted = own_rule || change.lacks_patch() || self.rules.code.wants_content(&change);
        let content = match &change.blob {
            Some(blob) if wanted => match self.client.blob(&self.repository.name, blob, CONTENT_MAX_BYTES).await {
                Ok(content) => Some(content),
                Err(GithubError::TooLarge { .. }) => None,
                Err(error) => return Err(error.into()),
            },
            Some(_) | None => None,
        };
        if change.lacks_patch() && content.is_none() {
            let fault =
                format!("the diff of {} is left out by GitHub, and its content is too large to be read", change.path);
            self.made.faults.push(fault);
        }
        if let Some(content) = content.as_deref().filter(|_| own_rule) {
            self.rule_file(&change.path, &String::from_utf8_lossy(content)).await?;
        }
        let (rules, private) = (Arc::clone(self.rules), self.repository.private);
        let found = tokio::task::spawn_blocking(move || scan(&rules, &change, content.as_deref(), private)).await?;
        self.keep(found);
        Ok(())
    }

    /// A pull that edits the rules is judged by the old ones, and told what the new ones come to. Strangers write them,
    /// and compiling them may take a while, so nothing else waits for it.
    async fn rule_file(&mut self, path: &str, text: &str) -> Result<()> {
        let (policy, place, own) = (self.policy.clone(), path.to_owned(), text.to_owned());
        match tokio::task::spawn_blocking(move || new_rules(&policy, &place, &own)).await? {
            Ok(Some(change)) => {
                self.made.policy_change = Some(change);
                self.new_policy = Some(text.to_owned());
            }
            Ok(None) => {}
            Err(faults) => self.made.faults.push(told(&faults)),
        }
        Ok(())
    }

    fn keep(&mut self, found: Vec<Finding>) {
        let review = &mut self.made;
        review.total = review.total.saturating_add(u32::try_from(found.len()).unwrap_or(u32::MAX));
        review.findings.extend(found);
        // What blocks must not be crowded out by remarks.
        review.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        review.findings.truncate(FINDINGS_MAX);
    }
}

/// What a new file of rules changes, where that is shown, or what is wrong with it.
fn new_rules(policy: &Policy, path: &str, text: &str) -> Result<Option<String>, Faults> {
    if path == observe::POLICY_PATH {
        policy_change(policy, text).map(Some)
    } else if path == observe::GITLEAKS_PATH {
        SecretRules::read(RuleFile::new(path, text), None).map(|_| None)
    } else {
        ReviewRules::check_structural(RuleFile::new(path, text)).map(|()| None)
    }
}

fn is_rule_file(path: &str) -> bool {
    path == observe::POLICY_PATH || path == observe::GITLEAKS_PATH || observe::is_structural(path)
}

/// In a public repository anybody may propose a line that excuses itself, so only a private one's lines may.
fn scan(rules: &HeadRules, change: &FileChange, content: Option<&[u8]>, private: bool) -> Vec<Finding> {
    let options = ScanOptions { ignored: Some(&rules.ignored), honour_allow_comments: private, commit: None };
    let leaks = match content {
        // Without a diff nobody knows which lines are new, so all of them are looked at.
        Some(content) if change.lacks_patch() => scan_text(&rules.secrets, &change.path, content, options),
        Some(_) | None => scan_added(&rules.secrets, change, options),
    };
    let mut found: Vec<Finding> = leaks.iter().map(Leak::finding).collect();
    found.extend(review_file(&rules.code, &rules.settings, FileToReview { change, content }));
    found
}
