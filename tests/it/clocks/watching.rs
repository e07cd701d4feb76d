//! What the watch keeps in the database: downtimes, and which digests are behind it.

use stationmaster::model::{Downtime, WorkerId};

use super::scene::{HOUR_MS, at};
use crate::world::{On, World, scenarios};

scenarios! {
    async fn a_downtime_begins_once_and_ends_with_the_first_sign(world: &World) {
        let store = &world.app().store;
        let from = at("2026-11-21T09:00:00Z");
        let begun =
            Downtime { worker: WorkerId::new("ada"), from, until: None, cause: "heartbeat lost".to_owned() };
        assert!(store.begin_downtime(&begun).await.unwrap());
        assert!(!store.begin_downtime(&begun).await.unwrap());
        let meanwhile = Downtime { from: from.plus_ms(1), ..begun.clone() };
        assert!(!store.begin_downtime(&meanwhile).await.unwrap(), "it lasts already");
        assert_eq!(store.open_downtimes().await.unwrap(), std::slice::from_ref(&begun));
        let ended = Downtime { until: Some(from.plus_ms(HOUR_MS)), ..begun };
        store.end_downtime(&ended).await.unwrap();
        assert!(store.open_downtimes().await.unwrap().is_empty());
        assert!(store.begin_downtime(&Downtime { from: from.plus_ms(2 * HOUR_MS), ..meanwhile }).await.unwrap());
        let all = store.downtimes(&WorkerId::new("ada"), 10).await.unwrap();
        assert_eq!((all.len(), &all[1]), (2, &ended));
    }

    async fn digests_of_the_time_before_the_first_look_are_not_caught_up_with(world: &World) {
        let store = &world.app().store;
        world.engine.watch().await.unwrap();
        // It is seven in the morning in New York.
        for kind in ["plan", "status", "review"] {
            let name = format!("digest/{kind}");
            assert_eq!(store.fact(&name).await.unwrap().as_deref(), Some("2026-11-20"), "{kind}");
        }
        world.clock.advance_ms(HOUR_MS);
        world.engine.watch().await.unwrap();
        assert_eq!(store.fact("digest/plan").await.unwrap().as_deref(), Some("2026-11-21"));
        assert_eq!(store.fact("digest/status").await.unwrap().as_deref(), Some("2026-11-20"));
        assert!(world.told().is_empty(), "nothing is open, so there is nothing to tell");
    }
}
