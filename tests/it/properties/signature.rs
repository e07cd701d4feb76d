//! Signatures of webhooks: exactly the right one is let in, in whatever case it is written.

use hmac::{Hmac, Mac as _};
use secrecy::SecretString;
use sha2::Sha256;
use stationmaster::receive::{Signature, Verifier};

/// What the header says on the first line, the body behind it.
pub fn check(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (header, body) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let text = String::from_utf8_lossy(header);
    let digits = text.strip_prefix("sha256=");
    let good = digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let read = Signature::parse(header);
    assert_eq!(read.is_some(), good, "{text:?}");
    let secrets = ["new secret", "old secret"].map(SecretString::from);
    let (both, none) = (Verifier::new(&secrets), Verifier::new(&[]));
    if let Some(claimed) = read {
        let right = ["new secret", "old secret"].iter().any(|secret| Signature::parse(&sign(secret, body)) == read);
        assert_eq!(both.accepts(&claimed, body), right);
        assert!(!none.accepts(&claimed, body));
        let small = format!("sha256={}", digits.unwrap_or_default().to_ascii_lowercase());
        assert_eq!(Signature::parse(small.as_bytes()), read);
    }
    only_the_whole_is_accepted(&both, body);
}

fn sign(secret: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={:x}", mac.finalize().into_bytes()).into_bytes()
}

fn only_the_whole_is_accepted(verifier: &Verifier, body: &[u8]) {
    let header = sign("old secret", body);
    let signature = Signature::parse(&header).unwrap();
    assert!(verifier.accepts(&signature, body));
    let mut longer = body.to_vec();
    longer.push(b' ');
    assert!(!verifier.accepts(&signature, &longer));
    if let Some((_, shorter)) = body.split_last() {
        assert!(!verifier.accepts(&signature, shorter));
        let mut other = body.to_vec();
        other[body.len() / 2] ^= 1;
        assert!(!verifier.accepts(&signature, &other));
    }
    // Each half of the digits alone is not enough, whichever it is.
    for at in [7, 38, 70] {
        let mut wrong = header.clone();
        wrong[at] = if wrong[at] == b'0' { b'1' } else { b'0' };
        assert!(!verifier.accepts(&Signature::parse(&wrong).unwrap(), body));
    }
}
