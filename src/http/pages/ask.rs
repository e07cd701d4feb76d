//! What a form asks for is stored as a delivery and judged like any other; the page then says what became of it.

use axum::response::Response;

use super::fault::PageFault;
use super::shell;
use crate::http::Door;
use crate::model::{Delivery, DeliveryGuid, DeliverySource, EventName, Request};

/// What the ids of what pages ask for begin with.
pub(super) const PREFIX: &str = "page-";

/// Stores what is asked for, and leads back to a page of ours that tells what becomes of it.
pub(super) async fn ask(door: &Door, request: &Request, to: &str) -> Result<Response, PageFault> {
    let guid = DeliveryGuid::new(format!("{PREFIX}{:032x}", rand::random::<u128>()));
    let body = serde_json::to_vec(request).map_err(|_| PageFault::Internal)?;
    let delivery = Delivery {
        guid: guid.clone(),
        source: DeliverySource::Api,
        event: EventName(request.event_name().to_owned()),
        received: door.clock.now(),
        body: body.into(),
    };
    door.doors.accept(delivery).await?;
    let joint = if to.contains('?') { '&' } else { '?' };
    Ok(shell::back(&format!("{to}{joint}asked={guid}"), None))
}
