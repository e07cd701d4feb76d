//! The board.

use super::Browser;
use crate::world::{On, REPOSITORY, World, scenarios};

scenarios! {
    async fn an_issue_stands_on_the_board_where_its_task_is(world: &World) {
        let issue = world.open_issue("Deploy v2.0 <script>alert(1)</script>").await;
        let browser = Browser::operator(world).await;
        let page = browser.get("/").await;
        page.is(200).shows("assigned").shows(&format!("{REPOSITORY}#{issue}")).shows("deployment_worker");
        page.shows("&#60;script&#62;").hides("<script>alert");
        browser.get("/?q=nothing+of+this+kind").await.shows("No task is here yet.");
    }
}
