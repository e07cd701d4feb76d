//! Issues made part of each other, and issues that wait for each other.

use serde_json::json;

use super::{Done, Happening};
use crate::simulator::github::entities::{Actor, At, Issue};
use crate::simulator::github::error::SimulatorError;
use crate::simulator::github::state::State;

/// GitHub's own words where it refuses a sub-issue.
const NO_SUB_ISSUE: &str = "An error occured while adding the sub-issue to the parent issue.";

impl State {
    /// Makes an issue part of another, whose owner must be the same.
    ///
    /// <https://docs.github.com/en/rest/issues/sub-issues#add-sub-issue>
    pub fn add_sub_issue(&mut self, parent: At, child: At, replace: bool, actor: &Actor) -> Done {
        let refused = |why: &str| Err(SimulatorError::Forbidden(format!("{NO_SUB_ISSUE} {why}")));
        let present = self.plain_issue(child)?.links.parent;
        if self.plain_issue(parent)?.links.sub_issues.contains(&child) {
            return refused("Issue may not contain duplicate sub-issues and Sub issue may only have one parent");
        }
        if present.is_some() && !replace {
            return refused("Sub issue may only have one parent");
        }
        if self.repository(parent.0)?.owner != self.repository(child.0)?.owner {
            return refused("Sub issue must belong to the same owner as its parent");
        }
        if parent == child || self.leads(parent, child, &|issue| issue.links.parent.into_iter().collect()) {
            return refused("Sub issue cannot be its own parent or ancestor");
        }
        if let Some(former) = present {
            self.remove_sub_issue(former, child, actor)?;
        }
        self.issue_mut(parent.0, parent.1)?.links.sub_issues.push(child);
        self.issue_mut(child.0, child.1)?.links.parent = Some(parent);
        self.tell_family((parent, child), ["sub_issue_added", "parent_issue_added"], actor)
    }

    /// Takes an issue out of another; what is no part of it stays as it is.
    pub fn remove_sub_issue(&mut self, parent: At, child: At, actor: &Actor) -> Done {
        let parts = &mut self.issue_mut(parent.0, parent.1)?.links.sub_issues;
        let Some(position) = parts.iter().position(|part| *part == child) else { return Ok(()) };
        parts.remove(position);
        self.issue_mut(child.0, child.1)?.links.parent = None;
        self.tell_family((parent, child), ["sub_issue_removed", "parent_issue_removed"], actor)
    }

    /// Has an issue wait for another; neither for itself, nor in a circle, nor twice.
    ///
    /// <https://docs.github.com/en/rest/issues/issue-dependencies#add-a-dependency-an-issue-is-blocked-by>
    pub fn add_dependency(&mut self, blocked: At, blocking: At, actor: &Actor) -> Done {
        let refused = |why: &str| Err(SimulatorError::Forbidden(why.to_owned()));
        let target = self.issue(blocking.0, blocking.1)?;
        if target.pull.is_some() {
            return refused("Target issue may only be an issue");
        }
        if blocked == blocking {
            return refused("Target issue cannot be the same as the source issue");
        }
        if self.plain_issue(blocked)?.links.blocked_by.contains(&blocking) {
            return refused("Target issue has already been taken");
        }
        if self.leads(blocking, blocked, &|issue| issue.links.blocked_by.clone()) {
            return refused("Target issue would create a circular dependency");
        }
        self.issue_mut(blocked.0, blocked.1)?.links.blocked_by.push(blocking);
        self.issue_mut(blocking.0, blocking.1)?.links.blocking.push(blocked);
        self.tell_dependency((blocked, blocking), ["blocked_by_added", "blocking_added"], actor)
    }

    /// Has an issue no longer wait for another; `false` when it did not.
    pub fn remove_dependency(&mut self, blocked: At, blocking: At, actor: &Actor) -> Result<bool, SimulatorError> {
        let waits_for = &mut self.issue_mut(blocked.0, blocked.1)?.links.blocked_by;
        let Some(position) = waits_for.iter().position(|one| *one == blocking) else { return Ok(false) };
        waits_for.remove(position);
        self.issue_mut(blocking.0, blocking.1)?.links.blocking.retain(|one| *one != blocked);
        self.tell_dependency((blocked, blocking), ["blocked_by_removed", "blocking_removed"], actor)?;
        Ok(true)
    }

    /// Forgets every link of an issue that leaves.
    pub fn cut_loose(&mut self, at: At) -> Done {
        let links = std::mem::take(&mut self.issue_mut(at.0, at.1)?.links);
        let others = links.parent.iter().chain(&links.sub_issues).chain(&links.blocked_by).chain(&links.blocking);
        for other in others {
            let links = &mut self.issue_mut(other.0, other.1)?.links;
            links.parent = links.parent.filter(|parent| *parent != at);
            for list in [&mut links.sub_issues, &mut links.blocked_by, &mut links.blocking] {
                list.retain(|one| *one != at);
            }
        }
        Ok(())
    }

    /// Where the issue of this id is; pulls have such ids too.
    pub fn issue_by_id(&self, id: i64) -> Option<At> {
        let mut homes = self.repositories.values();
        homes.find_map(|home| Some((home.id, home.issues.values().find(|issue| issue.id == id)?.number)))
    }

    /// An issue that is no pull request.
    fn plain_issue(&self, at: At) -> Result<&Issue, SimulatorError> {
        let issue = self.issue(at.0, at.1)?;
        let repository = self.repository(at.0)?.full_name();
        if issue.pull.is_none() { Ok(issue) } else { Err(SimulatorError::UnknownIssue { repository, number: at.1 }) }
    }

    /// Whether one comes from an issue to another along these links.
    fn leads(&self, from: At, to: At, links: &dyn Fn(&Issue) -> Vec<At>) -> bool {
        let (mut left, mut seen) = (vec![from], Vec::new());
        while let Some(at) = left.pop() {
            let Ok(issue) = self.issue(at.0, at.1) else { continue };
            if !seen.contains(&at) {
                seen.push(at);
                left.extend(links(issue));
            }
        }
        seen.contains(&to)
    }

    /// Each end is told of where it is, with the other end's repository.
    fn tell_family(&mut self, (parent, child): (At, At), actions: [&'static str; 2], actor: &Actor) -> Done {
        for (action, here, other, other_repository) in
            [(actions[0], parent, child, "sub_issue_repo"), (actions[1], child, parent, "parent_issue_repo")]
        {
            self.note(here, action, json!({}), actor)?;
            let [parent_view, child_view, home] = self.ends((parent, child), other)?;
            let fields = json!({
                "parent_issue_id": parent_view["id"], "parent_issue": parent_view,
                "sub_issue_id": child_view["id"], "sub_issue": child_view, other_repository: home,
            });
            self.tell(here.0, Happening { event: "sub_issues", action: Some(action), fields, actor })?;
        }
        Ok(())
    }

    fn tell_dependency(&mut self, (blocked, blocking): (At, At), actions: [&'static str; 2], actor: &Actor) -> Done {
        for (action, here, other, other_repository) in [
            (actions[0], blocked, blocking, "blocking_issue_repo"),
            (actions[1], blocking, blocked, "blocked_issue_repo"),
        ] {
            self.note(here, action, json!({}), actor)?;
            let [blocked_view, blocking_view, home] = self.ends((blocked, blocking), other)?;
            let fields = json!({
                "blocked_issue_id": blocked_view["id"], "blocked_issue": blocked_view,
                "blocking_issue_id": blocking_view["id"], "blocking_issue": blocking_view, other_repository: home,
            });
            self.tell(here.0, Happening { event: "issue_dependencies", action: Some(action), fields, actor })?;
        }
        Ok(())
    }

    /// Both issues as they are shown, and the repository of the one that is told of.
    fn ends(&self, (first, second): (At, At), other: At) -> Result<[serde_json::Value; 3], SimulatorError> {
        let view =
            |at: At| Ok::<_, SimulatorError>(self.views().told_issue(self.repository(at.0)?, self.issue(at.0, at.1)?));
        Ok([view(first)?, view(second)?, self.views().repository(self.repository(other.0)?)])
    }
}
