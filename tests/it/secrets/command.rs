//! `stationmaster scan` as users run it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::filled;

fn run(folder: &Path, arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stationmaster"))
        .arg("scan")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that fails early does not read it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

/// Exit status, stdout and stderr.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &[u8]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("src/a b.py", filled("x = 1\nkey = \"ghp_<a36>\"\n").as_bytes());
    write(".hidden/b", filled("\"glpat-<a20>\"").as_bytes());
    write("ignored/c", filled("\"glpat-<a20>\"").as_bytes());
    write(".git/d", filled("\"glpat-<a20>\"").as_bytes());
    write("binary", [b"\0", filled("\"glpat-<a20>\"").as_bytes()].concat().as_slice());
    write(".gitignore", b"ignored/\n");
    folder
}

#[test]
fn a_folder_is_scanned_with_hidden_files_and_without_what_git_ignores() {
    let folder = folder();
    let (code, out, err) = said(&run(folder.path(), &["."], ""));
    assert_eq!(
        out,
        ".hidden/b:1:2: gitlab-personal-token: GitLab personal access token (.hidden/b:gitlab-personal-token:1)\n\
         src/a b.py:2:8: github-personal-token: GitHub personal access token (src/a b.py:github-personal-token:2)\n"
    );
    assert_eq!((code, err.as_str()), (1, "2 secrets in 2 of 4 files\n"));
}

#[test]
fn the_folders_own_rules_and_ignored_findings_count() {
    let folder = folder();
    std::fs::write(folder.path().join(".gitleaksignore"), "src/a b.py:github-personal-token:2\n").unwrap();
    let own = "[extend]\nuseDefault = true\ndisabledRules = [\"gitlab-personal-token\"]\n";
    std::fs::write(folder.path().join(".gitleaks.toml"), own).unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, out, err) = said(&run(Path::new("/"), &[path], ""));
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", "no secrets in 6 files\n"));
    std::fs::write(folder.path().join(".gitleaks.toml"), "[extend\n").unwrap();
    let (code, out, err) = said(&run(folder.path(), &["."], ""));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("error: the rules for secrets have faults\n./.gitleaks.toml:1:"), "{err}");
}

#[test]
fn a_diff_is_scanned_by_its_added_lines() {
    let folder = tempfile::tempdir().unwrap();
    let diff = filled(
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -7,2 +7,2 @@\n-k = \"ghp_<a36>\"\n+k = \"glpat-<a20>\"\n y\n\
         diff --git a/l.png b/l.png\nindex 1..2 100644\nBinary files a/l.png and b/l.png differ\n",
    );
    let (code, out, err) = said(&run(folder.path(), &["--diff", "-"], &diff));
    assert_eq!(out, "x:7:6: gitlab-personal-token: GitLab personal access token (x:gitlab-personal-token:7)\n");
    assert_eq!((code, err.as_str()), (1, "1 secret in 1 of 2 files\n"));
    let (code, _, err) = said(&run(folder.path(), &["--diff", "-"], "no diff\n"));
    assert_eq!(code, 2);
    assert!(err.starts_with("error: -: this is not a unified diff"), "{err}");
    assert_eq!(said(&run(folder.path(), &["--diff", "missing.diff"], "")).0, 2);
}

#[test]
fn a_text_on_stdin_is_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = said(&run(folder.path(), &["-"], &filled("a\n\"ghp_<a36>\"")));
    assert_eq!((code, out.lines().count()), (1, 1));
    assert!(out.starts_with("-:2:2: "), "{out}");
    assert_eq!(said(&run(folder.path(), &["-"], "nothing here\n")).0, 0);
}

#[test]
fn what_cannot_be_scanned_is_an_error_and_not_a_clean_result() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(said(&run(folder.path(), &["missing"], "")).0, 2);
    assert_eq!(said(&run(folder.path(), &[], "")).0, 2);
    assert_eq!(said(&run(folder.path(), &["-", "--config", "missing.toml"], "")).0, 2);
    assert_eq!(said(&run(folder.path(), &["-", "--max-file-mib", "0"], "text")).0, 2);
    // A broken .env is a matter of the server's.
    std::fs::write(folder.path().join(".env.example"), "").unwrap();
    std::fs::write(folder.path().join("large"), filled("\"ghp_<a36>\"")).unwrap();
    let (code, _, err) = said(&run(folder.path(), &[".", "--max-file-mib", "0"], ""));
    assert_eq!(code, 0);
    assert!(err.contains("warning: large is larger than 0 MiB and not looked at; raise --max-file-mib\n"), "{err}");
}

#[test]
fn json_and_sarif_hold_places_and_no_secret() {
    let folder = folder();
    let (code, json, _) = said(&run(folder.path(), &[".", "--format", "json"], ""));
    let list: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, list[1]["rule"].as_str(), list[1]["line"].as_u64()), (1, Some("github-personal-token"), Some(2)));
    let (code, sarif, _) = said(&run(folder.path(), &[".", "--format", "sarif"], ""));
    let log: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!((code, log["version"].as_str()), (1, Some("2.1.0")));
    let run_of = &log["runs"][0];
    let result = &run_of["results"][1];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/a%20b.py");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&Value::from(2), &Value::from(8)));
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run_of["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    let secret = filled("ghp_<a36>");
    assert!(!json.contains(&secret[4..]) && !sarif.contains(&secret[4..]));
    let empty = said(&run(folder.path(), &["-", "--format", "sarif"], ""));
    assert_eq!(empty.0, 0);
    assert_eq!(
        serde_json::from_str::<Value>(&empty.1).unwrap()["runs"][0]["results"],
        Value::from(Vec::<Value>::new())
    );
}
