//! How days become lines.

use super::{line, open_by_day};
use crate::store::BoardDay;

#[test]
fn how_many_were_open_is_reckoned_back_from_today() {
    let day = |opened, ended| BoardDay { opened, ended, ..BoardDay::default() };
    // Five are open; today two came and one ended, so yesterday's end saw four, of which three had come that day.
    assert_eq!(open_by_day(5, &[day(3, 0), day(2, 1)]), [4, 5]);
    assert_eq!(open_by_day(0, &[day(9, 0), day(0, 9)]), [9, 0]);
}

#[test]
fn a_line_lies_within_its_drawing() {
    assert_eq!(line(&[0, 5, 10]), "0,22 50,12 100,2");
    assert_eq!(line(&[0, 0]), "0,22 100,22");
    assert_eq!(line(&[3]), "0,2");
    assert_eq!(line(&[]), "");
}
