//! A repository by its name, also a former one.

use serde_json::json;

use super::{Path, of_repository};
use crate::simulator::github::answer::{Answer, Refusal, Reply, ok};
use crate::simulator::github::call::Context;
use crate::simulator::github::entities::Gone;
use crate::simulator::github::installations::Access;
use crate::simulator::github::payloads::encode_path;

/// Finds the repository; from a name that it had before GitHub redirects to its id.
pub fn by_name(context: &mut Context<'_>, full_name: &str, rest: Path<'_>) -> Reply {
    let id = context.state.repository_id(full_name)?;
    if context.visible(id)?.full_name().eq_ignore_ascii_case(full_name) {
        return of_repository(context, id, rest);
    }
    let path: Vec<&str> = context.call.target.splitn(5, '/').collect();
    let behind = path.get(4).map(|rest| format!("/{rest}")).unwrap_or_default();
    Ok(moved(context, &format!("/repositories/{id}{behind}")))
}

/// <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>
fn moved(context: &Context<'_>, path: &str) -> Answer {
    let url = format!("{}{path}", context.state.base);
    let (status, message) =
        if context.call.method == "GET" { (301, "Moved Permanently") } else { (307, "Temporary Redirect") };
    let body = json!({"message": message, "url": url, "documentation_url": "https://docs.github.com/rest"});
    Answer::json(status, body).with("location", url)
}

/// A deleted issue is 410; one that moved redirects, for those who can see where it went.
pub fn of_gone_issue(context: &Context<'_>, gone: Gone, rest: Path<'_>) -> Reply {
    match gone {
        Gone::Deleted => Err(Refusal::new(410, "This issue was deleted")),
        Gone::Moved { repository, number } => {
            context.visible(repository)?;
            // A label's own slash must not become one of the path.
            let encoded = rest.iter().map(|part| encode_path(part).replace('/', "%2F"));
            let behind: Vec<String> = std::iter::once(String::new()).chain(encoded).collect();
            Ok(moved(context, &format!("/repositories/{repository}/issues/{number}{}", behind.join("/"))))
        }
    }
}

pub fn get(context: &Context<'_>, id: i64) -> Reply {
    if context.call.method != "GET" {
        return Err(Refusal::not_found());
    }
    context.needs(&[("metadata", Access::Read)])?;
    ok(context.views().full_repository(context.state.repository(id)?))
}
