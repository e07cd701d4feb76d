//! The scene in which people do by hand what a rule could do, three times, and a rule is suggested.

use anyhow::{Result, bail};

use super::narrator::Narrator;
use super::stage::{REPOSITORY, Stage};

/// Titles that no rule knows.
const TITLES: [&str; 3] = ["Polish the station clock", "Polish the brass bell", "Polish the night lamps"];

/// Bob says himself what three issues are, and the page of the rules shows what he need not say again.
pub(super) async fn by_hand(stage: &Stage, narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.scene("bob opens three issues that begin with “Polish”, and has to say each time that it is testing")?;
    for title in TITLES {
        let number = stage.github.open_labelled_issue(REPOSITORY, "bob", (title, ""), &["type/testing"])?;
        stage.until_comment(number, "testing").await?;
        stage.until_quiet(&stage.subject(number)).await?;
    }
    let proposals = stage.suggested().await?;
    let Some(proposal) = proposals.first() else { bail!("no rule is suggested") };
    narrator.follows("suggested", &format!("the rule {}, title = '{}'", proposal.name, proposal.title))?;
    narrator.follows("because", &proposal.reason())?;
    narrator.follows("see", &format!("{}/rules", stage.url()))
}
