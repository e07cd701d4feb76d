//! What becomes of backticks and of addresses.

use super::{Piece, pieces, web_address};

#[test]
fn what_stands_between_backticks_is_code() {
    let piece = |text: &str, is_code| Piece { text: text.to_owned(), is_code };
    assert_eq!(pieces("`ada` has it"), [piece("ada", true), piece(" has it", false)]);
    assert_eq!(pieces("a ` b"), [piece("a ` b", false)]);
    assert_eq!(pieces("``"), []);
    assert_eq!(pieces(""), []);
}

#[test]
fn only_addresses_of_the_web_are_led_to() {
    assert_eq!(web_address("https://github.com/o/r/issues/1").as_deref(), Some("https://github.com/o/r/issues/1"));
    assert_eq!(web_address("javascript:alert(1)"), None);
    assert_eq!(web_address(" https://x"), None);
    assert_eq!(web_address(""), None);
}
