//! Every fault of `[release]`, with its place and what to do.

use super::faults;

#[test]
fn faults_of_a_release_are_found_at_once() {
    let text = r#"[release]
branch = "release/*"
prefix = "v$(reboot)"
first = "v1.0"
default_bump = "mayor"
checks = ["", 3]
allow_no_checks = "no"
annotated = 1
prerelease = "rc.1"
stable_after = "qq"
changelog = "../CHANGELOG.md"
version_files = ["/Cargo.toml", "setup.py", "Cargo.lock", "a/../Cargo.toml", "setup.py"]
tracking = "yes"
exclude_labels = "skip"
changelogs = true

[[release.group]]
labels = []

[[release.group]]
title = "Fixes"
types = ["fix!"]

[[release.group]]
title = "fixes"
labels = "bug"

[[environment]]
name = "qa"
"#;
    insta::assert_snapshot!(faults(text), @r###"
    2:10: "release/*" is not a name that git gives
        expected a name such as `branch = "main"`
        write one name in full; globs and expressions are not followed here
    3:10: "v$(reboot)" cannot be the beginning of a tag
        expected letters, digits, `.`, `_`, `-`, `/` and `@`, not beginning with `.`, `-` or `/`, or nothing
        write something such as "v" or "app/v", as git accepts it before a number
    4:9: "v1.0" cannot be the first version
        expected a version such as "0.1.0"
        write three numbers with dots between, and nothing after them
    5:16: `default_bump` cannot be "mayor"
        expected "patch" or "minor" or "major" or "none"
        did you mean "major"?
    6:11: this name is empty
        expected the name of a check
        write the name or remove it
    6:15: `checks` is of type integer
        expected a list of texts in quotes
        write a list of texts in quotes after `checks =`
    7:19: `allow_no_checks` is of type string
        expected true or false without quotes
        write true or false without quotes after `allow_no_checks =`
    8:13: `annotated` is of type integer
        expected true or false without quotes
        write true or false without quotes after `annotated =`
    9:14: "rc.1" cannot be what pre-releases are called
        expected letters, digits and hyphens, and no number that begins with 0
        write a word such as "rc"; `.1` is added to it
    10:16: there is no environment "qq"
        expected one of "qa"
        did you mean "qa"?
    11:13: `prerelease` and files of a release pull request are two ways to a version at once
        expected either `prerelease`, or `changelog` and `version_files`
        remove the one or the other
    11:13: "../CHANGELOG.md" is not the path of a file in the repository
        expected a path such as "CHANGELOG.md"
        write the way from the repository's root, with `/` between folders, without `.` and `..`
    12:18: "/Cargo.toml" is not the path of a file in the repository
        expected a path such as "crates/app/Cargo.toml"
        write the way from the repository's root, with `/` between folders, without `.` and `..`
    12:33: it is not known where the version stands in "setup.py"
        expected a file called Cargo.toml, package.json, pyproject.toml, Cargo.lock, package-lock.json
        name such a file, or have a workflow write the version when the release is made
    12:59: "a/../Cargo.toml" is not the path of a file in the repository
        expected a path such as "crates/app/Cargo.toml"
        write the way from the repository's root, with `/` between folders, without `.` and `..`
    12:78: it is not known where the version stands in "setup.py"
        expected a file called Cargo.toml, package.json, pyproject.toml, Cargo.lock, package-lock.json
        name such a file, or have a workflow write the version when the release is made
    12:78: "setup.py" is named twice
        expected each file once
        remove one of the two
    13:12: `tracking` is of type string
        expected true or false without quotes
        write true or false without quotes after `tracking =`
    14:18: `exclude_labels` is of type string
        expected a list in square brackets
        write a list in square brackets after `exclude_labels =`
    15:1: `changelogs` is not a known key here
        expected one of `branch`, `prefix`, `first`, `default_bump`, `checks`, `allow_no_checks`, `annotated`, `prerelease`, `stable_after`, `changelog`, `version_files`, `tracking`, `group`, `exclude_labels`
        did you mean `changelog`?
    17:1: `title` is missing here
        expected `title = "Security"`
        add a line `title = "Security"`
    17:1: nothing would ever stand under this headline
        expected `labels` or `types` with something in it
        add `labels = ["security"]`, `types = ["sec"]` or the like
    22:10: "fix!" is not a type of conventional commits
        expected a word such as "feat"
        write the word alone, without scope, `!` and colon
    25:9: there is a group "fixes" already, at line 21
        expected a headline of its own
        put the labels and types of both into one group
    26:10: `labels` is of type string
        expected a list in square brackets
        write a list in square brackets after `labels =`
    "###);
}

#[expect(clippy::too_many_lines, reason = "one table")]
#[test]
fn each_single_fault_of_a_release_says_what_to_do() {
    let told = |text: &str| faults(&format!("[release]\n{text}\n"));
    insta::assert_snapshot!(
        [
            told("branch = \"refs/heads/dev\""),
            told("prefix = \"--force\""),
            told("prefix = 1"),
            told("first = \"v1.0.0\""),
            told("first = \"1.0.0-rc.1\""),
            told("first = 1.0"),
            told("prerelease = \"01\""),
            told("prerelease = \"\""),
            told("stable_after = \"qa\"\n[[environment]]\nname = \"qa\""),
            told("prerelease = \"rc\"\nstable_after = \"qa\""),
            told("prerelease = \"rc\"\nstable_after = \"prod\"\n[[environment]]\nname = \"prod\""),
            told("prerelease = \"rc\"\nversion_files = [\"Cargo.toml\"]"),
            told("version_files = [\"Cargo.lock\"]"),
            told("changelog = \"C:\\\\log.md\""),
            told("changelog = \"\""),
            told("changelog = \"Cargo.toml\"\nversion_files = [\"Cargo.toml\"]"),
            told("group = \"all\""),
            told("[[release.group]]\ntitle = \"a\\nb\"\nlabels = [\"x\"]"),
        ]
        .join("---\n"),
        @r###"
    2:10: "refs/heads/dev" is not a name that git gives
        expected a name such as `branch = "main"`
        write it without refs/heads/ or refs/tags/
    ---
    2:10: "--force" cannot be the beginning of a tag
        expected letters, digits, `.`, `_`, `-`, `/` and `@`, not beginning with `.`, `-` or `/`, or nothing
        write something such as "v" or "app/v", as git accepts it before a number
    ---
    2:10: `prefix` is of type integer
        expected text in quotes
        write text in quotes after `prefix =`
    ---
    2:9: "v1.0.0" cannot be the first version
        expected a version such as "0.1.0"
        write "1.0.0"; what stands before the number is `prefix`
    ---
    2:9: "1.0.0-rc.1" cannot be the first version
        expected a version such as "0.1.0"
        write three numbers with dots between, and nothing after them
    ---
    2:9: `first` is of type float
        expected text in quotes
        write text in quotes after `first =`
    ---
    2:14: "01" cannot be what pre-releases are called
        expected letters, digits and hyphens, and no number that begins with 0
        write a word such as "rc"; `.1` is added to it
    ---
    2:14: "" cannot be what pre-releases are called
        expected letters, digits and hyphens, and no number that begins with 0
        write a word such as "rc"; `.1` is added to it
    ---
    2:16: `stable_after` without `prerelease` means nothing: every version is stable at once
        expected `prerelease` beside it
        add `prerelease = "rc"`, or remove `stable_after`
    ---
    3:16: there is no environment "qa"
        expected the name of an `[[environment]]`, of which there are none
        add an `[[environment]]` with `name = "qa"`, or name one that is there
    ---
    3:16: no pre-release is deployed to "prod", so none would ever become stable
        expected an environment with `prereleases = true`
        add `prereleases = true` to "prod", or name another environment
    ---
    3:18: `prerelease` and files of a release pull request are two ways to a version at once
        expected either `prerelease`, or `changelog` and `version_files`
        remove the one or the other
    ---
    2:18: `Cargo.lock` alone does not say whose version is meant
        expected a Cargo.toml beside it
        add the Cargo.toml of the package to `version_files`
    ---
    2:13: "C:\\log.md" is not the path of a file in the repository
        expected a path such as "CHANGELOG.md"
        write the way from the repository's root, with `/` between folders, without `.` and `..`
    ---
    2:13: "" is not the path of a file in the repository
        expected a path such as "CHANGELOG.md"
        write the way from the repository's root, with `/` between folders, without `.` and `..`
    ---
    3:18: "Cargo.toml" is named twice
        expected each file once
        remove one of the two
    ---
    2:9: `group` is of type string
        expected tables, each under a line `[[release.group]]`
        write tables, each under a line `[[release.group]]` after `group =`
    ---
    3:9: `title` has more than one line
        expected one line of text
        write it in one line
    "###
    );
}
