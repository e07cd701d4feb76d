//! The recipes to run a server elsewhere: what they copy is there, what they promise is so.

use std::path::{Path, PathBuf};
use std::process::Command;

use stationmaster::cli;
use stationmaster::config::SETTINGS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The instructions of the Dockerfile with their arguments; a line that ends in `\` goes on.
fn instructions() -> Vec<(String, String)> {
    let lines: Vec<String> =
        read("Dockerfile").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').unwrap();
            (word.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect()
}

fn of(word: &str) -> Vec<String> {
    instructions().into_iter().filter(|(name, _)| name == word).map(|(_, rest)| rest).collect()
}

#[test]
fn the_image_has_a_cached_layer_of_dependencies_and_a_small_last_stage() {
    let stages = of("FROM");
    assert_eq!(stages, ["rust:1.95-bookworm AS dependencies", "dependencies AS build", "debian:bookworm-slim"]);
    let all = instructions();
    let place =
        |word: &str, part: &str| all.iter().position(|(name, rest)| name == word && rest.contains(part)).unwrap();
    assert!(place("COPY", "Cargo.lock") < place("RUN", "cargo build"), "first what rarely changes");
    assert!(place("RUN", "cargo build") < place("COPY", "src src"), "a change of ours builds no dependency anew");
    assert!(read("Cargo.toml").contains("rust-version = \"1.95\""), "the image has the compiler that is asked for");
    let last = all.iter().rposition(|(name, _)| name == "FROM").unwrap();
    let copied: Vec<_> = all[last..].iter().filter(|(name, _)| name == "COPY").collect();
    assert_eq!(copied.len(), 2, "nothing but the binary and the list of what is in it: {copied:?}");
    assert!(copied[0].1.starts_with("--from=build /build/target/release/stationmaster /usr/local/bin/"));
    assert_eq!(copied[1].1, "docs/reference/sbom.cdx.json /usr/share/doc/stationmaster/sbom.cdx.json");
}

#[test]
fn the_cached_layer_has_every_target_that_the_manifest_names() {
    let layer = of("RUN").remove(0);
    let manifest = read("Cargo.toml");
    let benches: Vec<&str> =
        manifest.split("[[bench]]\nname = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!benches.is_empty(), "{manifest}");
    for bench in benches {
        let file = if root().join(format!("benches/{bench}.rs")).exists() { "" } else { "/main" };
        assert!(layer.contains(&format!(" {bench}{file}")), "cargo does not find the bench {bench} in {layer}");
    }
}

#[test]
fn the_image_runs_as_nobody_in_particular_and_asks_its_server_whether_it_lives() {
    assert_eq!(of("USER"), ["10001:10001"]);
    assert_eq!(of("VOLUME"), ["/data"]);
    assert_eq!(of("WORKDIR").last().unwrap(), "/data");
    assert_eq!(of("EXPOSE"), ["3000"]);
    let health = of("HEALTHCHECK").pop().unwrap();
    let command: Vec<String> = serde_json::from_str(health.split_once("CMD ").unwrap().1).unwrap();
    let start: Vec<String> = serde_json::from_str(&of("ENTRYPOINT")[0]).unwrap();
    let usual: Vec<String> = serde_json::from_str(&of("CMD")[0]).unwrap();
    for words in [command, [start, usual].concat()] {
        cli::command().try_get_matches_from(&words).unwrap();
    }
    for pair in of("ENV")[0].split_whitespace() {
        let name = pair.split('=').next().unwrap();
        assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name} is no setting");
    }
    assert!(of("ENV")[0].contains("HOST=0.0.0.0") && of("ENV")[0].contains("sqlite:///data/"));
}

#[test]
fn every_file_that_the_image_is_made_of_is_there_and_in_the_context() {
    let ignore = read(".dockerignore");
    let let_in: Vec<&str> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(ignore.lines().any(|line| line == "*"), "everything else stays out");
    for copy in of("COPY").iter().filter(|copy| !copy.starts_with("--from")) {
        let words: Vec<&str> = copy.split(' ').collect();
        for source in &words[..words.len() - 1] {
            assert!(root().join(source).exists(), "{source} is not there");
            assert!(let_in.contains(source), "{source} is kept out by .dockerignore");
        }
    }
    for name in &let_in {
        assert!(root().join(name).exists(), "{name} is let in and not there");
    }
    // What the compiler reads beside the sources: a file that is included and not copied would break the build.
    let mut included = Vec::new();
    collect(&root().join("src"), &mut included);
    for path in included {
        let path =
            path.strip_prefix(root()).unwrap().components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
        assert!(let_in.contains(&path.as_str()), "{path} is included and kept out by .dockerignore");
    }
}

/// Files that sources include, as absolute paths.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split("include_str!(\"").chain(text.split("include_bytes!(\"")).skip(1) {
                let Some(name) = rest.split('"').next().filter(|name| !name.contains('\n')) else { continue };
                if let Ok(file) = path.parent().unwrap().join(name).canonicalize() {
                    found.push(file);
                }
            }
        }
    }
}

#[test]
fn the_machine_on_fly_keeps_its_data_never_sleeps_and_stops_in_time() {
    let fly: toml::Table = read("fly.toml").parse().unwrap();
    assert_eq!(fly["build"]["dockerfile"].as_str(), Some("Dockerfile"));
    let environment = fly["env"].as_table().unwrap();
    for name in environment.keys() {
        assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name} is no setting");
    }
    let mount = fly["mounts"]["destination"].as_str().unwrap();
    assert_eq!(mount, of("VOLUME")[0]);
    assert!(environment["DATABASE_URL"].as_str().unwrap().starts_with(&format!("sqlite://{mount}/")));
    let service = &fly["http_service"];
    assert_eq!(service["auto_stop_machines"].as_str(), Some("off"));
    assert_eq!(service["internal_port"].as_integer().unwrap().to_string(), environment["PORT"].as_str().unwrap());
    assert_eq!(service["checks"][0]["path"].as_str(), Some("/readyz"));
    let stop_s: u32 = fly["kill_timeout"].as_str().unwrap().trim_end_matches('s').parse().unwrap();
    let waits = SETTINGS.iter().find(|setting| setting.name == "SHUTDOWN_TIMEOUT_S").unwrap();
    assert!(stop_s > waits.default.unwrap().parse().unwrap(), "what is under way is finished");
}

#[test]
fn the_service_of_systemd_is_hardened_and_verified() {
    let page = read("docs/operate.md");
    let unit = page.split_once("```ini\n").unwrap().1.split_once("```").unwrap().0;
    for line in ["DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=stationmaster"] {
        assert!(unit.lines().any(|own| own == line), "{line} is missing");
    }
    let has_systemd =
        Command::new("systemd-analyze").arg("--version").output().is_ok_and(|output| output.status.success());
    if !has_systemd {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stationmaster.service");
    let here = unit.replace("/usr/local/bin/stationmaster", env!("CARGO_BIN_EXE_stationmaster"));
    std::fs::write(&file, here).unwrap();
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    let about_ours: Vec<&str> = said.lines().filter(|line| line.contains("stationmaster.service")).collect();
    assert!(about_ours.is_empty(), "{about_ours:#?}");
}

#[test]
fn every_setting_that_the_page_on_operating_names_exists() {
    let page = read("docs/operate.md");
    let words = page.split(|c: char| !c.is_ascii_uppercase() && c != '_' && !c.is_ascii_digit());
    let prefixes = ["GITHUB_APP", "GITHUB_WEBHOOK", "GITHUB_API", "NTFY_", "DATABASE_", "LOG_", "PUBLIC_", "SHUTDOWN_"];
    for word in words.filter(|word| prefixes.iter().any(|prefix| word.starts_with(prefix))) {
        assert!(SETTINGS.iter().any(|setting| setting.name == word), "{word} is no setting");
    }
}
