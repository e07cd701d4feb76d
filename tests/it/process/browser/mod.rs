//! People at a browser: headless Chromium looks at the real binary, which stands between the simulated GitHub and ntfy.

mod access;
mod board;
mod inside;
mod set_up;
mod ship;
mod tab;

use super::{PATIENCE, Place, Server};

use tab::Tab;

/// Writes a scenario in the browser as a test. Pages are the same on both databases, so one is enough here.
macro_rules! in_browser {
    ($($(#[$attribute:meta])* async fn $name:ident($place:ident: &Place) $body:block)+) => {$(
        $(#[$attribute])*
        #[tokio::test]
        async fn $name() {
            async fn scenario($place: &Place) $body
            Place::run(crate::world::On::Sqlite, async |place: &Place| scenario(place).await).await;
        }
    )+};
}
use in_browser;
