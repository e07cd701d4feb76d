//! What the API, the command line and messages are stored as: read, written and read again, it is the same.

use stationmaster::receive::{parse_inbound, parse_request};

/// Any body.
pub fn check(data: &[u8]) {
    match parse_request(data) {
        Ok(request) => {
            let written = serde_json::to_vec(&request).expect("a request can be stored");
            assert_eq!(parse_request(&written).expect("what is stored can be read"), request);
            assert!(!request.event_name().is_empty());
        }
        Err(fault) => assert!(fault.to_string().starts_with("the request cannot be understood: ")),
    }
    if let Ok(inbound) = parse_inbound(data) {
        let written = serde_json::to_vec(&inbound).expect("a message can be stored");
        assert_eq!(parse_inbound(&written).expect("what is stored can be read"), inbound);
    }
}
