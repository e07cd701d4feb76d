//! The board, and a task from it.

use super::{Place, Tab, in_browser};
use crate::world::{API_TOKEN, REPOSITORY};

in_browser! {
    async fn a_task_that_comes_appears_on_the_board_by_itself(place: &Place) {
        let server = place.serve().await;
        let tab = Tab::open(&server).await;
        tab.signs_in_with(API_TOKEN).await;
        tab.sees("No task is here yet").await;
        tab.is_accessible().await;
        place.open_issue("Deploy v2.0 <script>document.title = 'broken in'</script>");
        tab.sees(&format!("{REPOSITORY}#1")).await;
        tab.sees("<script>document.title").await;
        assert_ne!(tab.runs("return document.title").await, "broken in");
        tab.is_accessible().await;
        tab.fits_a_phone().await;
        tab.is_pictured("board").await;
        tab.close().await;
    }
}
