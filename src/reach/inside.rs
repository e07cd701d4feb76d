//! Which addresses are within the server's own network, and which of them it may call all the same.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

/// Hosts within the server's own network that it may call: names, addresses and ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateHosts {
    names: Vec<String>,
    ranges: Vec<IpNet>,
}

impl PrivateHosts {
    pub(super) fn list_name(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    pub(super) fn list_address(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(&address.to_canonical()))
    }
}

impl FromStr for PrivateHosts {
    type Err = String;

    /// Reads a list with commas: `deploy.internal, 10.1.2.3, 10.2.0.0/16`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut hosts = Self::default();
        for part in text.split(',').map(str::trim) {
            if let Ok(range) = part.parse::<IpNet>() {
                hosts.ranges.push(range);
            } else if let Ok(address) = part.parse::<IpAddr>() {
                hosts.ranges.push(address.into());
            } else if is_name(part) {
                hosts.names.push(part.to_owned());
            } else {
                return Err(format!("`{part}` is no name, address or range"));
            }
        }
        Ok(hosts)
    }
}

/// What can be a host's name, and is not an address that was mistyped.
fn is_name(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// Whether an address is not one of the public internet's
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>).
pub(super) fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || first == 0
                || first >= 240
                // Shared by the customers of a provider, RFC 6598.
                || (first == 100 && (64..128).contains(&second))
                || (first == 198 && (18..20).contains(&second))
                || v4.octets().starts_with(&[192, 0, 0])
        }
        IpAddr::V6(v6) => v6_is_inside(v6),
    }
}

fn v6_is_inside(v6: Ipv6Addr) -> bool {
    if let Some(v4) = v6.to_ipv4_mapped() {
        return is_inside(v4.into());
    }
    // All of the internet so far is within 2000::/3; what carries IPv4 addresses within it could lead inside.
    let first = v6.segments()[0];
    first & 0xe000 != 0x2000 || first == 0x2002 || v6.segments().starts_with(&[0x2001, 0])
}
