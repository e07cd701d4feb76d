//! The list of all that is in the binary (an SBOM), in `CycloneDX`'s form: it is made here, and it is as the lock file says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Where it is kept; the image has it as `/usr/share/doc/stationmaster/sbom.cdx.json`.
const PATH: &str = "docs/reference/sbom.cdx.json";
/// What the image is built for. The same crates are linked on 64-bit ARM.
const TARGET: &str = "x86_64-unknown-linux-gnu";

fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Checksums of the lock file by name and version.
fn checksums() -> BTreeMap<(String, String), String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let lock: toml::Value = toml::from_str(&text).unwrap();
    let field = |package: &toml::Value, name: &str| package.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    let packages = lock["package"].as_array().unwrap().iter();
    packages
        .filter_map(|package| {
            Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?))
        })
        .collect()
}

/// What the binary is made of: ids of the crates that are linked, and of those that only the build runs.
struct Made {
    linked: BTreeSet<String>,
    built_with: BTreeSet<String>,
    /// By id, the ids of what it depends on.
    needs: BTreeMap<String, BTreeSet<String>>,
    root: String,
}

impl Made {
    fn of(metadata: &Value) -> Self {
        let root = metadata["resolve"]["root"].as_str().unwrap().to_owned();
        let runs_at_build: BTreeSet<&str> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|package| {
                package["targets"].as_array().unwrap().iter().any(|target| target["kind"] == json!(["proc-macro"]))
            })
            .map(|package| package["id"].as_str().unwrap())
            .collect();
        let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| (node["id"].as_str().unwrap(), node))
            .collect();
        let mut made =
            Self { linked: BTreeSet::new(), built_with: BTreeSet::new(), needs: BTreeMap::new(), root: root.clone() };
        let mut left = vec![(root, true)];
        while let Some((id, linked)) = left.pop() {
            let linked = linked && !runs_at_build.contains(id.as_str());
            if made.linked.contains(&id) || !linked && made.built_with.contains(&id) {
                continue;
            }
            for dependency in nodes[id.as_str()]["deps"].as_array().unwrap() {
                let kinds: Vec<&Value> =
                    dependency["dep_kinds"].as_array().unwrap().iter().map(|kind| &kind["kind"]).collect();
                let next = dependency["pkg"].as_str().unwrap().to_owned();
                let (normal, build) = (kinds.iter().any(|kind| kind.is_null()), kinds.contains(&&json!("build")));
                if normal || build {
                    made.needs.entry(id.clone()).or_default().insert(next.clone());
                    left.push((next, linked && normal));
                }
            }
            if linked {
                made.linked.insert(id)
            } else {
                made.built_with.insert(id)
            };
        }
        made.built_with.retain(|id| !made.linked.contains(id));
        made.linked.remove(&made.root);
        made
    }
}

fn purl(package: &Value) -> String {
    let version = package["version"].as_str().unwrap().replace('+', "%2B");
    format!("pkg:cargo/{}@{version}", package["name"].as_str().unwrap())
}

/// The component of a crate (<https://cyclonedx.org/docs/1.6/json/#components>).
fn component(package: &Value, scope: &str, checksums: &BTreeMap<(String, String), String>) -> Value {
    let text = |name: &str| package[name].as_str().unwrap_or_default();
    // Old manifests have a slash for the word.
    let licence = text("license").replace('/', " OR ").replace("  ", " ");
    let key = (text("name").to_owned(), text("version").to_owned());
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(package),
        "name": text("name"),
        "version": text("version"),
        "scope": scope,
        "purl": purl(package),
        "licenses": [{"expression": licence}],
        "hashes": [{"alg": "SHA-256", "content": checksums.get(&key)}],
    });
    if let Some(place) = package["repository"].as_str() {
        component["externalReferences"] = json!([{"type": "vcs", "url": place}]);
    }
    component
}

/// The whole document, a line for each component, so that a change of one is seen as one.
fn document() -> String {
    let (metadata, checksums) = (metadata(), checksums());
    let made = Made::of(&metadata);
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package))
        .collect();
    let of = |ids: &BTreeSet<String>, scope: &str| -> Vec<String> {
        ids.iter().map(|id| component(packages[id.as_str()], scope, &checksums).to_string()).collect()
    };
    let mut components = of(&made.linked, "required");
    components.extend(of(&made.built_with, "excluded"));
    components.sort();
    let reference = |id: &str| purl(packages[id]);
    let mut dependencies: Vec<String> = made
        .needs
        .iter()
        .map(|(id, needs)| {
            let needs: BTreeSet<String> = needs.iter().map(|id| reference(id)).collect();
            json!({"ref": reference(id), "dependsOn": needs}).to_string()
        })
        .collect();
    dependencies.sort();
    let root = packages[made.root.as_str()];
    let itself = json!({
        "type": "application",
        "bom-ref": purl(root),
        "name": root["name"],
        "version": root["version"],
        "purl": purl(root),
        "licenses": [{"expression": root["license"]}],
    });
    format!(
        "{{\n\"bomFormat\": \"CycloneDX\",\n\"specVersion\": \"1.6\",\n\"version\": 1,\n\"metadata\": {{\"component\": \
         {itself}}},\n\"components\": [\n{}\n],\n\"dependencies\": [\n{}\n]\n}}\n",
        components.join(",\n"),
        dependencies.join(",\n")
    )
}

#[test]
fn the_list_of_components_is_that_of_the_lock_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
    let made = document();
    if std::fs::read_to_string(&path).ok().as_deref() != Some(&made) {
        std::fs::write(&path, made).unwrap();
        panic!("{PATH} was not of this Cargo.lock; it has been written anew, look at it and commit it");
    }
}

#[test]
fn every_component_has_what_a_scanner_looks_for() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH)).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&list["bomFormat"], &list["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    assert_eq!(list["metadata"]["component"]["name"], "stationmaster");
    let components = list["components"].as_array().unwrap();
    let mut references = BTreeSet::from([list["metadata"]["component"]["bom-ref"].clone().to_string()]);
    for component in components {
        assert!(references.insert(component["bom-ref"].to_string()), "twice: {component}");
        assert!(component["purl"].as_str().unwrap().starts_with("pkg:cargo/"), "{component}");
        assert_eq!(component["hashes"][0]["content"].as_str().map(str::len), Some(64), "{component}");
        let licence = component["licenses"][0]["expression"].as_str().unwrap();
        assert!(!licence.is_empty() && !licence.contains('/'), "{component}");
    }
    for dependency in list["dependencies"].as_array().unwrap() {
        let known = dependency["dependsOn"].as_array().unwrap().iter().chain([&dependency["ref"]]);
        known.for_each(|reference| assert!(references.contains(&reference.to_string()), "nothing is {reference}"));
    }
    let scope = |name: &str| {
        let found = components.iter().find(|component| component["name"] == name);
        found.map(|component| component["scope"].as_str().unwrap())
    };
    // What handles requests, cryptography and the databases' C code is linked; what writes code is not, nor are tests.
    for linked in ["axum", "aws-lc-sys", "libsqlite3-sys", "libgit2-sys", "rustls", "tokio", "zstd-sys"] {
        assert_eq!(scope(linked), Some("required"), "{linked}");
    }
    assert_eq!((scope("serde_derive"), scope("cc")), (Some("excluded"), Some("excluded")));
    assert_eq!((scope("proptest"), scope("fantoccini"), scope("insta")), (None, None, None));
    assert!(components.len() > 250, "{} components", components.len());
}
