//! Cells of a file that a spreadsheet opens.

use super::cell;

#[test]
fn a_cell_keeps_its_commas_and_quotes_and_is_no_formula() {
    assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
    assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
    assert_eq!(cell("@alice"), "\"'@alice\"");
}
