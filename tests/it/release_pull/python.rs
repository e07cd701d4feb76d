//! `pyproject.toml`: the project's version, or that of Poetry, or a word on why neither can be written.

use super::scene::*;

#[test]
fn the_version_that_is_stated_is_written() {
    let rows = [
        (
            "project",
            "[build-system]\nrequires = [\"hatchling>=1.1.9\"]\n\n[project]\nname = \"shop\"\nversion = \"1.1.9\" \
          # see docs\n\n[tool.x]\nversion = \"1.0\"\n",
            "version = \"1.1.9\"",
        ),
        ("poetry", "[tool.poetry]\r\nname = \"shop\"\r\nversion = '1.1.9'\r\n", "'1.1.9'"),
        ("project before poetry", "[tool.poetry]\nversion = \"1\"\n[project]\nversion=\"1.1.9\"\n", "=\"1.1.9\""),
        (
            "dynamic, with Poetry to say it",
            "[project]\ndynamic = [\"version\"]\n[tool.poetry]\nversion = \"1.1.9\"\n",
            "\"1.1.9\"",
        ),
    ];
    for (name, before, place) in rows {
        let expected = before.replacen(place, &place.replace("1.1.9", "1.2.0"), 1);
        assert_eq!(bumped(&[("pyproject.toml", before)]), [expected], "{name}");
    }
}

#[test]
fn a_dynamic_version_and_a_missing_one_are_told_apart() {
    let dynamic = "[project]\nname = \"shop\"\ndynamic = [\n  \"readme\",\n  \"version\",\n]\n";
    assert_eq!(
        faults(&[("pyproject.toml", dynamic)]),
        "pyproject.toml:3:11: the version is dynamic: the build computes it: expected `version = \"1.2.0\"` below \
         `[project]` or `[tool.poetry]`; state it and take it out of `dynamic`, or take the file out of `version_files`"
    );
    let missing = faults(&[("pyproject.toml", "[project]\nname = \"shop\"\n")]);
    assert!(
        missing.starts_with("pyproject.toml:1:1: no version is stated: expected `version = \"1.2.0\"`"),
        "{missing}"
    );
    let none = faults(&[("pyproject.toml", "[tool.black]\n")]);
    assert!(none.starts_with("pyproject.toml: no version is stated"), "{none}");
}
