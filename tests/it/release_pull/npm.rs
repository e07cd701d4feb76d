//! `package.json` and `package-lock.json`: the version is replaced at its place, every other byte stays.

use super::scene::*;

const PACKAGE: &str = "{\n\t\"name\": \"shop\",\n\t\"scripts\": { \"version\": \"echo \\\"version\\\": \\\\\" },\n\
                       \t\"config\" : {\"deep\": [{ \"version\": \"0.0.1\" }, \"}\", \"]\"]},\n\
                       \t\"version\"  :  \"1.1.9\" ,\n\t\"dependencies\": {\"version\": \"1.1.9\"}\n}\n";

#[test]
fn a_package_gets_the_version_at_the_top_and_nowhere_else() {
    let rows: [(&str, String, (&str, &str)); 6] = [
        ("tabs and odd spacing", PACKAGE.to_owned(), ("  :  \"1.1.9\" ,", "  :  \"1.2.0\" ,")),
        ("windows", PACKAGE.replace('\n', "\r\n"), ("  :  \"1.1.9\" ,", "  :  \"1.2.0\" ,")),
        ("byte order mark", format!("\u{feff}{PACKAGE}"), ("  :  \"1.1.9\" ,", "  :  \"1.2.0\" ,")),
        ("on one line", "{\"a\":1.5e3,\"b\":true,\"version\":\"1.1.9\"}".to_owned(), ("1.1.9", "1.2.0")),
        ("an escaped name", "{\"é\": null, \"\\u0076ersion\": \"1.\\u0031.9\"}".to_owned(), ("1.\\u0031.9", "1.2.0")),
        (
            "empty values",
            "{\"a\": {}, \"b\": [], \"c\": \"\", \"version\": \"\"}".to_owned(),
            ("\"version\": \"\"", "\"version\": \"1.2.0\""),
        ),
    ];
    for (name, before, (old, new)) in rows {
        assert_eq!(bumped(&[("web/package.json", &before)]), [before.replacen(old, new, 1)], "{name}");
    }
}

#[test]
fn a_lock_file_gets_it_for_its_root_and_the_listed_packages() {
    let lock = "{\n  \"name\": \"shop\",\n  \"version\": \"1.1.9\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \
                \"\": {\n      \"name\": \"shop\",\n      \"version\": \"1.1.9\"\n    },\n    \"node_modules/left\": {\n      \
                \"version\": \"1.1.9\"\n    },\n    \"web\": {\n      \"version\": \"1.1.9\"\n    },\n    \"docs\": {\n      \
                \"version\": \"1.1.9\"\n    }\n  }\n}\n";
    let expected = lock.replacen("1.1.9", "1.2.0", 2);
    let package = "{\"version\": \"1.1.9\"}";
    let root = bumped(&[("app/package.json", package), ("app/package-lock.json", lock)]);
    assert_eq!(root[1], expected);

    let files = [("app/package-lock.json", lock), ("app/package.json", package), ("app/web/package.json", package)];
    let web = expected.replace("\"web\": {\n      \"version\": \"1.1.9\"", "\"web\": {\n      \"version\": \"1.2.0\"");
    assert_eq!(bumped(&files)[0], web);

    let first_format = "{ \"version\": \"1.1.9\", \"dependencies\": { \"a\": { \"version\": \"1.1.9\" } } }";
    let written = bumped(&[("package-lock.json", first_format)]);
    assert_eq!(written, [first_format.replacen("1.1.9", "1.2.0", 1)]);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
    let rows = [
        (
            "{\n  \"name\": \"shop\"\n}\n",
            "package.json: no version is stated: expected `\"version\": \"1.2.0\"` at the \
          top of the file; add it on the release branch, or take the file out of `version_files`",
        ),
        (
            "{\n  \"version\": 2\n}\n",
            "package.json:2:14: the version is no text: expected one text such as \"1.2.0\"; \
          write it in quotes on the release branch",
        ),
        (
            "{\n  \"version\": \"1.1.9\",\n  \"version\": \"1.1.8\"\n}\n",
            "package.json:3:14: the version is stated a second \
          time: expected one text",
        ),
        (
            "{\n  \"version\": \"1.1.9\",\n}\n",
            "package.json:3:1: this is not JSON (key must be a string): expected a JSON file; \
          correct it on the release branch",
        ),
        ("{\n  // why\n  \"version\": \"1.1.9\"\n}\n", "package.json:2:3: this is not JSON (key must be a string)"),
        (
            "[\"version\"]",
            "package.json:1:1: this is no JSON object: expected an object such as { \"version\": \"1.2.0\" }",
        ),
        ("", "package.json:1:1: this is not JSON (EOF while parsing a value)"),
        ("{\"version\": \"1.1", "this is not JSON (EOF while parsing a string)"),
    ];
    for (text, expected) in rows {
        let said = faults(&[("package.json", text)]);
        assert!(said.contains(expected), "{said}\n  expected: {expected}");
    }
    let deep = "[".repeat(100_000);
    assert!(faults(&[("package.json", &deep)]).contains("this is not JSON (EOF while parsing a list)"));
    let said = faults(&[("package-lock.json", "{\"lockfileVersion\": 3}")]);
    assert!(said.starts_with("package-lock.json: no version is stated"), "{said}");
}
