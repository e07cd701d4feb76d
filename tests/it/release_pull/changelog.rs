//! The changelog: where a section goes, and what stays as it was.

use super::scene::*;

const SECTION: &str =
    "## v1.2.0 (2026-11-21)\n\n### Features\n\n- Carts ([#12](https://github.com/acme/shop/pull/12))\n";

fn logged(before: &str) -> String {
    let order = ordered(&branch_with(&[("CHANGELOG.md", Some(before))]), &changelog_only(), &next("1.2.0"));
    assert_eq!(order.files.len(), 1);
    order.files.into_iter().next().unwrap().1
}

#[test]
fn without_a_changelog_there_will_be_one() {
    let order = ordered(&branch_with(&[("CHANGELOG.md", None)]), &changelog_only(), &next("1.2.0"));
    assert_eq!(order.files, [("CHANGELOG.md".to_owned(), format!("# Changelog\n\n{SECTION}"))]);
    assert_eq!(logged(""), format!("# Changelog\n\n{SECTION}"));
    assert_eq!(logged("\n"), format!("# Changelog\n\n{SECTION}"));
}

#[test]
fn the_section_goes_below_what_is_unreleased_and_above_the_newest_version() {
    // `|` is where the section is to go; a blank line follows it where something does.
    let rows = [
        ("below the title", "# Changelog\n\n|## v1.1.9 (2026-11-01)\n\n- Old\n\n## v1.1.8\n"),
        (
            "below the preamble",
            "# Changelog\n\nAll notable changes.\n\n## 3 rules for this file\n\n- a\n\n|## [1.1.9]\n",
        ),
        ("below what is unreleased", "# Log\n\n## [Unreleased]\n\n### Added\n\n- x\n\n|## [1.1.9] - 2026-01-01\n"),
        ("unreleased, in another case", "## UNRELEASED\n\n- x\n\n|# 1.1.9\n"),
        ("unreleased, and other text", "## Unreleased\n\n- x\n\n|## Older versions\n\nSee the archive.\n"),
        ("links of versions", "# C\n\n|## [1.1.9](https://x/compare/a...b) (2026-01-01)\n"),
        ("an anchor for the version", "# C\n\n|<a name=\"1.1.9\"></a>\n## 1.1.9 (2026-01-01)\n"),
        ("a word before the version", "# C\n\n|## Version 1.1.9\n"),
        ("small versions with small headlines", "# C\n\n|### [1.1.9](https://x) (2026-01-01)\n\n## [1.1.0]\n"),
        ("underlined headlines", "Changelog\n=========\n\n|1.1.9\n-----\n\n- Old\n"),
        ("a version in code is none", "# C\n\n```\n## 1.0.0\n```\n\n<!--\n## 1.0.0\n-->\n\n> ## 1.0.0\n\n|## 1.1.9\n"),
        ("dates for versions", "# C\n\n|## 2026-10-01\n\n- Old\n"),
    ];
    for (name, marked) in rows {
        let expected = marked.replace('|', &format!("{SECTION}\n"));
        assert_eq!(logged(&marked.replace('|', "")), expected, "{name}");
        let windows = logged(&marked.replace('|', "").replace('\n', "\r\n"));
        assert_eq!(windows, expected.replace('\n', "\r\n"), "{name}, with the line endings of Windows");
    }
}

#[test]
fn the_first_section_goes_to_the_end_and_keeps_it_as_it_is() {
    let rows = [
        ("# Changelog\n", format!("# Changelog\n\n{SECTION}")),
        ("# Changelog\n\n\n", format!("# Changelog\n\n\n{SECTION}")),
        ("# Changelog", format!("# Changelog\n\n{}", SECTION.trim_end())),
        ("\u{feff}# Changelog\n", format!("\u{feff}# Changelog\n\n{SECTION}")),
        ("## [Unreleased]\n\n- x\n", format!("## [Unreleased]\n\n- x\n\n{SECTION}")),
        (
            "# C\n\n## [Unreleased]\n\n[unreleased]: https://x/compare/a...b\n\n[b]: https://y\n",
            format!("# C\n\n## [Unreleased]\n\n{SECTION}\n[unreleased]: https://x/compare/a...b\n\n[b]: https://y\n"),
        ),
    ];
    for (before, expected) in rows {
        assert_eq!(logged(before), expected, "{before:?}");
    }
}

#[test]
fn the_section_of_the_same_version_is_replaced() {
    let rows = [
        (
            "# C\n\n## [1.2.0] - 2026-11-01\n\n### Fixes\n\n- Stale\n\n## [1.1.9]\n\n- Old\n",
            "# C\n\n|\n## [1.1.9]\n\n- Old\n",
        ),
        ("# C\n\n## Unreleased\n\n- x\n\n## v1.2.0\n", "# C\n\n## Unreleased\n\n- x\n\n|"),
        ("# C\n\n## 1.2.0\n\n- Stale\n\n### 1.1.9\n", "# C\n\n|\n### 1.1.9\n"),
        ("# C\n\n## 1.2.0\n\n- Stale\n\n[1.2.0]: https://x\n", "# C\n\n|\n[1.2.0]: https://x\n"),
        ("# C\n\n## 1.2.0-rc.1\n", "# C\n\n|\n## 1.2.0-rc.1\n"),
        ("# C\n\n## v11.2.0\n", "# C\n\n|\n## v11.2.0\n"),
    ];
    for (before, expected) in rows {
        let expected = expected.replace('|', SECTION);
        assert_eq!(logged(before), expected);
        assert_eq!(logged(&expected), expected, "a second time changes nothing");
    }
}

#[test]
fn another_prefix_is_known_from_the_settings() {
    let mut settings = changelog_only();
    settings.prefix = "shop-".to_owned();
    let before = "# C\n\n## till-9.0.0\n\n## shop-1.2.0\n\n- Stale\n";
    let mut next = next("1.2.0");
    next.tag = "shop-1.2.0".into();
    let order = ordered(&branch_with(&[("CHANGELOG.md", Some(before))]), &settings, &next);
    let section = SECTION.replace("v1.2.0", "shop-1.2.0");
    assert_eq!(order.files[0].1, format!("# C\n\n## till-9.0.0\n\n{section}"));
}

#[test]
fn notes_stay_within_their_section_whatever_their_headlines_are() {
    let rows = [
        ("# One\n\n## Two\n\n```\n# no headline\n```", "### One\n\n#### Two\n\n```\n# no headline\n```\n"),
        ("### Three\r\n\r\n- a\r\n", "### Three\n\n- a\n"),
        ("#### Four", "#### Four\n"),
        ("Two\n---\n\n# One", "Two\n---\n\n### One\n"),
    ];
    for (notes, expected) in rows {
        let mut next = next("1.2.0");
        next.notes = notes.to_owned();
        let order = ordered(&branch_with(&[("CHANGELOG.md", None)]), &changelog_only(), &next);
        assert_eq!(order.files[0].1, format!("# Changelog\n\n## v1.2.0 (2026-11-21)\n\n{expected}"));
    }
    let mut silent = next("1.2.0");
    silent.notes = String::new();
    let order = ordered(&branch_with(&[("CHANGELOG.md", None)]), &changelog_only(), &silent);
    assert_eq!(order.files[0].1, "# Changelog\n\n## v1.2.0 (2026-11-21)\n");
}
