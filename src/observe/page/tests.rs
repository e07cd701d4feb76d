//! Which addresses are taken for the server's own network.

use super::is_inside;

#[test]
fn private_loopback_and_shared_addresses_are_inside_and_public_ones_are_not() {
    let inside = [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ];
    for address in inside {
        assert!(is_inside(address.parse().unwrap()), "{address} leads inside");
    }
    for address in ["93.184.216.34", "100.128.0.1", "2606:2800:220:1::1"] {
        assert!(!is_inside(address.parse().unwrap()), "{address} is public");
    }
}
