//! What the module of the PostgreSQL cluster asks of its surroundings.

use std::net::TcpListener;

/// A port of loopback on which nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound port has an address").port()
}
