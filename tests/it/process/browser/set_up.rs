//! The first pages of all: the App is registered on the simulated GitHub with everything filled in.

use super::super::set_up::{address_of, without_app};
use super::{Place, Server, Tab, in_browser};

in_browser! {
    async fn an_app_is_registered_by_pressing_three_buttons(place: &Place) {
        let settings = without_app(place);
        let server = Server::spawn(place.program(&settings, &["serve"])).await;
        let tab = Tab::open(&server).await;
        tab.goes_to("/setup").await;
        tab.sees_no("Register").await;
        let address = address_of(&server);
        let path = address.split_once("/setup").map(|(_, rest)| format!("/setup{rest}")).unwrap();
        tab.goes_to(&path).await;
        tab.sees("Connect to GitHub").await;
        tab.is_accessible().await;
        tab.fits_a_phone().await;
        tab.is_pictured("set-up").await;
        tab.types("#name", "Stationmaster of Octo").await;
        tab.clicks("main form button").await;
        tab.sees("pull requests: write").await;
        tab.is_accessible().await;
        tab.clicks("main form[action*='/settings/apps/new'] button").await;
        tab.clicks("form[action$='/settings/apps'] button").await;
        tab.sees("is registered").await;
        tab.is_accessible().await;
        tab.is_pictured("set-up-done").await;
        tab.close().await;
    }
}
