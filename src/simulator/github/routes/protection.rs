//! What protects a branch, for those who may know it.

use serde_json::{Value, json};

use crate::simulator::github::answer::{Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::installations::Access;

/// <https://docs.github.com/en/rest/branches/branch-protection#get-branch-protection>
pub fn get(context: &Context<'_>, id: i64, branch: &str) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    context.needs(&[("administration", Access::Read)])?;
    let home = context.state.repository(id)?;
    if home.git.head(branch).is_none() {
        return Err(Refusal::new(404, "Branch not found"));
    }
    let own = home.judging.protections.get(branch).ok_or_else(|| Refusal::new(404, "Branch not protected"))?;
    let url = format!("{}/branches/{branch}/protection", context.views().repository_url(home));
    let mut view = json!({
        "url": url,
        "enforce_admins": {"url": format!("{url}/enforce_admins"), "enabled": own.enforce_admins},
        "required_linear_history": {"enabled": own.linear_history},
        "allow_force_pushes": {"enabled": false},
        "allow_deletions": {"enabled": false},
        "block_creations": {"enabled": false},
        "required_conversation_resolution": {"enabled": false},
        "lock_branch": {"enabled": false},
        "allow_fork_syncing": {"enabled": false},
        "required_signatures": {"url": format!("{url}/required_signatures"), "enabled": false},
    });
    if !own.required_checks.is_empty() || own.strict {
        let contexts: Vec<&str> = own.required_checks.iter().map(|(name, _)| name.as_str()).collect();
        view["required_status_checks"] = json!({
            "url": format!("{url}/required_status_checks"),
            "strict": own.strict,
            "contexts_url": format!("{url}/required_status_checks/contexts"),
            "contexts": contexts,
            "checks": checks(&own.required_checks),
        });
    }
    if own.required_approvals > 0 {
        view["required_pull_request_reviews"] = json!({
            "url": format!("{url}/required_pull_request_reviews"),
            "dismiss_stale_reviews": own.dismiss_stale,
            "require_code_owner_reviews": false,
            "require_last_push_approval": false,
            "required_approving_review_count": own.required_approvals,
        });
    }
    ok(view)
}

fn checks(required: &[(String, Option<i64>)]) -> Vec<Value> {
    required.iter().map(|(context, app)| json!({"context": context, "app_id": app})).collect()
}

/// What anybody who can read the code sees of a branch's protection, as `protected` and `protection`.
pub fn summary(context: &Context<'_>, id: i64, branch: &str) -> Result<(bool, Value), Refusal> {
    let judging = &context.state.repository(id)?.judging;
    let own = judging.protections.get(branch);
    let required = own.map_or(&[][..], |own| own.required_checks.as_slice());
    let level = match own {
        None => "off",
        Some(own) if own.enforce_admins => "everyone",
        Some(_) if required.is_empty() => "off",
        Some(_) => "non_admins",
    };
    let contexts: Vec<&str> = required.iter().map(|(name, _)| name.as_str()).collect();
    let view = json!({
        "enabled": own.is_some(),
        "required_status_checks": {"enforcement_level": level, "contexts": contexts, "checks": checks(required)},
    });
    Ok((judging.protects(branch), view))
}

/// <https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>
pub fn rules(context: &Context<'_>, id: i64, branch: &str) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    context.needs(&[("metadata", Access::Read)])?;
    let home = context.state.repository(id)?;
    let listed = home.judging.rules_for(branch).map(|(set, rule)| {
        let (kind, parameters) = rule.shown();
        let mut view = json!({
            "type": kind,
            "ruleset_source_type": "Repository",
            "ruleset_source": home.full_name(),
            "ruleset_id": set,
        });
        if let Some(parameters) = parameters {
            view["parameters"] = parameters;
        }
        view
    });
    Ok(context.list(&listed.collect::<Vec<Value>>()))
}
