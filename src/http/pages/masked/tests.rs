//! What is hidden, and what is cut.

use super::masked;

#[test]
fn secrets_are_hidden_by_their_key_and_by_their_looks() {
    let body = br#"{"Authorization":"Basic abc","nested":[{"client_secret":"hush","n":1}],"private_key":{"pem":"x"},
        "note":"clone https://me:pass@example.com/x with ghs_0123456789abcdefghij","token":null}"#;
    let text = masked(body).text;
    for secret in ["abc", "hush", "pem", "me:pass", "ghs_"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("\"n\": 1") && text.contains("\"token\": null"), "{text}");
}

#[test]
fn a_text_that_is_no_json_hides_the_same() {
    let text = masked(br#"{"token": "abc", "x": -----BEGIN RSA PRIVATE KEY-----MIIE"#).text;
    assert_eq!(text, r#"{"token": "(hidden)", "x": (hidden)"#);
}

#[test]
fn a_long_text_is_cut_and_says_by_how_much() {
    let body = serde_json::to_vec(&"ä".repeat(200_000)).unwrap();
    let shown = masked(&body);
    assert!(shown.text.len() <= 64 * 1024);
    assert_eq!(shown.text.len() + shown.left_out, body.len());
    let larger = vec![b'x'; 3 << 20];
    assert_eq!(masked(&larger).left_out, larger.len() - 64 * 1024);
}
