//! Whether the optional model is there; without it everything else goes on, so nothing here fails.

use super::Look;
use super::report::Finding;
use crate::app::{ModelClient, model_alone};

const WHAT: &str = "model";
/// What shows with few tokens that it answers.
const QUESTION: (&str, &str) = ("Answer with one word.", "Are you there?");

/// A line, or two with `--send`; none where no model is set.
pub(super) async fn check(look: &Look) -> Vec<Finding> {
    let client = match model_alone(&look.config, &look.http) {
        Ok(Some(client)) => client,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![unfit(format!("{error:#}"))],
    };
    let mut found = vec![match client.look().await {
        Ok(said) => Finding::ok(WHAT, said),
        Err(why) => unfit(why),
    }];
    if look.send {
        found.push(asked(&client).await);
    }
    found
}

/// Whether the key may ask, and is paid for, is only shown by a question.
async fn asked(client: &ModelClient) -> Finding {
    match client.ask(QUESTION).await {
        Ok(answered) => {
            let tokens = answered.tokens.map_or_else(String::new, |tokens| format!(", for {tokens} tokens"));
            Finding::ok(WHAT, format!("`{}` answers{tokens}", client.name()))
        }
        Err(fault) => unfit(fault.to_string()),
    }
}

fn unfit(why: String) -> Finding {
    Finding::warn(WHAT, why, "put MODEL_URL, MODEL_NAME and its key right, or unset them; see docs/model.md")
}
