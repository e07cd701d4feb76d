//! Which addresses are called, and which are not.

use url::Url;

use super::inside::is_inside;
use super::{PrivateHosts, Reach, refused};

const INSIDE: [&str; 14] = [
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

fn reach(private: &str) -> Reach {
    Reach::new(if private.is_empty() { PrivateHosts::default() } else { private.parse().unwrap() })
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn private_loopback_and_shared_addresses_are_inside_and_public_ones_are_not() {
    for address in INSIDE {
        assert!(is_inside(address.parse().unwrap()), "{address} leads inside");
    }
    for address in ["93.184.216.34", "100.128.0.1", "2606:2800:220:1::1"] {
        assert!(!is_inside(address.parse().unwrap()), "{address} is public");
    }
}

#[test]
fn no_address_inside_is_called_however_it_is_written() {
    let mut written: Vec<String> = INSIDE
        .iter()
        .map(
            |address| if address.contains(':') { format!("http://[{address}]/") } else { format!("http://{address}/") },
        )
        .collect();
    // The same two in every form that a URL may have for them (<https://url.spec.whatwg.org/#concept-ipv4-parser>).
    for form in
        ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0xa9fea9fe", "[::ffff:169.254.169.254]", "127.0.0.1:9200"]
    {
        written.push(format!("https://user@{form}/latest/meta-data"));
    }
    for address in written {
        let error = reach("").get(&url(&address)).unwrap_err().to_string();
        assert!(error.contains("within the server's own network"), "{address}: {error}");
        assert!(reach("").post(&address).is_err(), "{address}");
    }
    for address in ["file:///etc/passwd", "gopher://127.0.0.1/", "unix:/run/docker.sock"] {
        assert!(reach("0.0.0.0/0").get(&url(address)).unwrap_err().to_string().contains("http://"), "{address}");
    }
}

#[test]
fn what_the_server_lists_may_be_called_and_nothing_beside_it() {
    let listed = reach("deploy.internal, 10.1.2.3, 192.168.0.0/24, fd00::/8");
    for address in ["http://10.1.2.3:8080/x", "http://192.168.0.77/", "http://[fd00::1]/", "http://[::ffff:10.1.2.3]/"]
    {
        assert!(listed.get(&url(address)).is_ok(), "{address}");
    }
    for address in ["http://10.1.2.4/", "http://192.168.1.1/", "http://127.0.0.1/", "http://[fe80::1]/"] {
        assert!(listed.get(&url(address)).is_err(), "{address}");
    }
}

#[test]
fn a_list_that_is_none_is_a_fault() {
    for wrong in ["10.0.0.0/33", "300.1.1.1", "http://x.example", "a b", "x,,y", "*.internal"] {
        assert!(wrong.parse::<PrivateHosts>().is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_name_is_judged_by_where_it_leads() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "inside" }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let address = url(&format!("http://localhost:{port}/"));

    let error = reach("10.0.0.0/8").get(&address).unwrap().send().await.unwrap_err();
    assert!(refused(&error).unwrap().to_string().starts_with("`localhost` is within the server's own network"));
    for listed in ["localhost", "LOCALHOST", "127.0.0.0/8, ::1"] {
        let answer = reach(listed).get(&address).unwrap().send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "inside", "{listed}");
    }
}
