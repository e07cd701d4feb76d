//! The reference under `docs/` says what the program reads, takes and shows, and nothing that it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use stationmaster::cli::command_line_markdown;
use stationmaster::config::settings_table_markdown;
use stationmaster::decide::{commands_markdown, labels_markdown};
use stationmaster::http::api_markdown;
use stationmaster::metrics::{DeliveryResult, METRICS, MetricKind, Metrics, metrics_markdown};
use stationmaster::model::{DeliveryState, InstallationId};
use stationmaster::policy::{RepositoryPolicy, policy_markdown, policy_tables};

use crate::world::{On, REPOSITORY, World, scenarios};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// A page that is made from what the program reads. Where it is old it is written anew, other than in CI.
fn expect_made(name: &str, title: &str, made: &str) {
    let path = root().join("docs/reference").join(name);
    let wanted =
        format!("<!-- made by `cargo test`, see tests/it/reference.rs -->\n\n# {title}\n\n{}\n", made.trim_end());
    let shown = std::fs::read_to_string(&path).unwrap_or_default();
    if shown != wanted {
        if std::env::var_os("CI").is_none() || std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, wanted).unwrap();
        }
        panic!("docs/reference/{name} was old; it is written anew, commit it");
    }
}

#[test]
fn the_page_of_commands_is_what_is_parsed() {
    expect_made("commands.md", "Commands in comments", &commands_markdown());
}

#[test]
fn the_page_of_settings_is_what_is_parsed() {
    let says = "A flag wins over the environment, the environment (and a `.env` file, which never overrides it) over \
                `stationmaster.toml`, and that over the default.\n\n\
                Beside these, `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` name the server in traces, and \
                `NO_COLOR` keeps what is printed on a terminal free of colours.";
    expect_made("settings.md", "Settings", &format!("{says}\n\n{}", settings_table_markdown()));
}

#[test]
fn the_page_of_the_command_line_is_what_is_parsed() {
    let says = "Every command also takes the [settings](settings.md) as flags. `stationmaster COMMAND --help` says the \
                same in the terminal.";
    expect_made("command-line.md", "Command line", &format!("{says}\n\n{}", command_line_markdown()));
}

#[test]
fn the_page_of_the_api_is_what_is_routed() {
    let says = "Every call carries `Authorization: Bearer` and a token that `stationmaster token create` has printed. \
                The same is at `/api/openapi.json` for programs.";
    expect_made("api.md", "HTTP API", &format!("{says}\n\n{}", api_markdown()));
}

#[test]
fn the_page_of_labels_is_what_is_set() {
    expect_made("labels.md", "Labels", &labels_markdown());
}

#[test]
fn the_page_of_metrics_is_what_is_counted() {
    let says = "`GET /metrics` answers in the [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/) text \
                format, without a token. [grafana-dashboard.json](../grafana-dashboard.json) shows them in Grafana.";
    expect_made("metrics.md", "Metrics", &format!("{says}\n\n{}", metrics_markdown()));
}

#[test]
fn the_page_of_the_policy_is_what_is_read() {
    let says = "`.github/stationmaster.toml` on the default branch of a repository, or in the `.github` repository of its \
                organisation. A key that is not listed here is a fault, and a policy with a fault does not count. \
                `stationmaster rules check .github/stationmaster.toml` tells of all of them.\n\n\
                Times are RFC 3339 with their zone; globs know `*`, `?` and `{a,b}`; regexes are \
                [Rust's](https://docs.rs/regex/latest/regex/#syntax). In `inputs` of a trigger and in `url` of a health \
                check, `{tag}`, `{version}`, `{sha}`, `{environment}`, `{deployment}` and `{previous}` are filled in.";
    expect_made("policy.md", "Policy of a repository", &format!("{says}\n\n{}", policy_markdown()));
}

/// A file in which each table of the reference holds a key that nobody knows.
fn probe(table: &str) -> String {
    let environment = "[[environment]]\nname = \"qa\"\n";
    let release = "[release]\n";
    if let Some(rest) = table.strip_prefix("trigger = { by = ") {
        let way = rest.trim_end_matches(" }").trim_matches('"');
        let needed = match way {
            "workflow" => "workflow = \"a.yml\"",
            "dispatch" => "event = \"a\"",
            "hook" => "url = \"https://a.example/\", secret_env = \"STATIONMASTER_DEPLOY_A\"",
            _ => "name = \"a\"",
        };
        return format!("{environment}trigger = {{ by = \"{way}\", {needed}, unheard_of = 1 }}\n");
    }
    let parent = match table {
        _ if table.contains("environment.") => environment,
        _ if table.contains("release.") => release,
        _ => "",
    };
    format!("{parent}{table}\nunheard_of = 1\n")
}

/// The keys that the reader of policies knows in the table in which `text` has one that it does not know.
fn known(text: &str) -> BTreeSet<String> {
    let faults = RepositoryPolicy::parse(text, "stationmaster.toml").unwrap_err();
    let fault = faults.list().iter().find(|fault| fault.message.starts_with("`unheard_of`"));
    let fault = fault.unwrap_or_else(|| panic!("{text} is not read to its end: {:?}", faults.list()));
    fault.expected.trim_start_matches("one of ").split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_key_of_the_policy_is_explained_and_every_explained_key_is_read() {
    let tables = policy_tables();
    for table in tables.iter().filter(|table| !table.keys.is_empty()) {
        let explained: BTreeSet<String> = table.keys.iter().map(|key| key.name.to_owned()).collect();
        assert_eq!(explained.len(), table.keys.len(), "{} explains a key twice", table.name);
        assert_eq!(explained, known(&probe(table.name)), "{}", table.name);
        // What a table refers to is explained as well.
        for key in table.keys {
            let named = key.says.split('`').filter(|word| word.starts_with('[') && word.ends_with(']'));
            let named = named.filter(|word| *word != "[bot]");
            for other in named {
                assert!(tables.iter().any(|table| table.name == other), "`{}` names {other}", key.name);
            }
        }
    }
    let top: BTreeSet<String> = tables
        .iter()
        .map(|table| table.name.trim_matches(['[', ']']).to_owned())
        .filter(|name| !name.contains(['.', ' ']))
        .collect();
    assert_eq!(top, known("unheard_of = 1\n"), "the tables of the file");
}

/// A table with what it needs and nothing else.
fn bare(table: &str) -> String {
    let needed = match table {
        "[[rule]]" => "name = \"a\"\ntitle = \"a\"\ntype = \"a\"\npriority = 1\n",
        "[checks.coverage]" => "check = \"a\"\nregex = \"(a)\"\n",
        "[[freeze]]" => "why = \"a\"\n",
        "[[environment.freeze]]" => "why = \"a\"\ndays = [\"fri\"]\n",
        "[[review.rule]]" => "id = \"a\"\nregex = \"a\"\nmessage = \"a\"\n",
        "[[release.group]]" => "title = \"a\"\ntypes = [\"a\"]\n",
        "[[environment]]" => "name = \"qa\"\n",
        "[environment.health]" => "url = \"https://a.example/\"\n",
        _ => "",
    };
    probe(table).replace("unheard_of = 1\n", needed)
}

fn meaning(text: &str) -> String {
    let policy = RepositoryPolicy::parse(text, "stationmaster.toml");
    let policy = policy.unwrap_or_else(|faults| panic!("{text} has faults: {:?}", faults.list()));
    let shown = format!("{policy:?}");
    regex::Regex::new("fingerprint: \"[0-9a-f]*\"").unwrap().replace_all(&shown, "").into_owned()
}

#[test]
fn what_is_said_to_hold_where_a_key_is_not_written_holds_there() {
    let mut tried = 0;
    for table in policy_tables().into_iter().filter(|table| !table.name.starts_with("trigger")) {
        let without = bare(table.name);
        for key in table.keys {
            let literal = key.default.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
            let Some(literal) = literal.filter(|literal| !literal.contains('`')) else { continue };
            let value = match key.kind {
                "true or false" => literal.to_owned(),
                kind if kind.starts_with("list") => format!("[{literal:?}]"),
                kind if kind.starts_with(|c: char| c.is_ascii_digit()) => literal.to_owned(),
                _ => format!("{literal:?}"),
            };
            let with = format!("{without}{} = {value}\n", key.name);
            assert_eq!(meaning(&without), meaning(&with), "{} of {}", key.name, table.name);
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried} defaults were tried");
}

/// The families of an exposition with their type, and the labels of each sample.
fn exposed(text: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut families: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            current = match kind {
                "counter" => format!("{name}_total"),
                "info" => format!("{name}_info"),
                _ => name.to_owned(),
            };
            families.insert(current.clone(), (kind.to_owned(), BTreeSet::new()));
        } else if let (false, Some((_, labels))) = (line.starts_with('#'), line.split_once('{')) {
            let labels = labels.rsplit_once('}').unwrap().0;
            let names = labels.split("\",").filter_map(|pair| pair.split_once('=')).map(|(name, _)| name.to_owned());
            families.get_mut(&current).unwrap().1.extend(names.filter(|name| name != "le"));
        }
    }
    families
}

#[test]
fn the_table_of_metrics_lists_exactly_what_is_exposed() {
    let metrics = Metrics::new();
    metrics.delivery("issues", DeliveryResult::Stored);
    metrics.rejected("not-found");
    metrics.ingested_in(Duration::from_millis(3));
    metrics.batch(2);
    metrics.delivery_read(DeliveryState::Done);
    metrics.depths(&[(DeliveryState::New, 1)], &[("pending", 1)]);
    metrics.store_reachable(true);
    metrics.action("set_labels", "performed");
    metrics.missed_deliveries("asked", 1);
    metrics.replayed("same", 1);
    metrics.decision("issue", "changed", Duration::from_millis(3));
    metrics.github_request("GET", 200);
    metrics.github_rate_remaining(InstallationId(1), 5_000);
    metrics.troubles([("github", 1)]);
    metrics.model_call("answered");
    metrics.model_tokens(700);
    let text = metrics.encode().unwrap();
    let listed: BTreeMap<String, (String, BTreeSet<String>)> = METRICS
        .iter()
        .map(|metric| {
            let labels = metric.labels.iter().map(|label| (*label).to_owned()).collect();
            (metric.name.to_owned(), (metric.kind.as_str().to_owned(), labels))
        })
        .collect();
    assert_eq!(exposed(&text), listed);
    for metric in METRICS {
        assert!(text.contains(&format!(" {}.\n", metric.says)), "{} is not explained", metric.name);
    }
}

scenarios! {
    async fn what_a_server_counts_is_in_the_table(world: &World) {
        world.open_issue("Deploy v2.0 to production").await;
        let refused = reqwest::get(format!("{}/no-such-path", world.url)).await.unwrap();
        assert_eq!(refused.status(), 404);
        let text = reqwest::get(format!("{}/metrics", world.url)).await.unwrap().text().await.unwrap();
        let exposed = exposed(&text);
        assert!(exposed.len() >= 10, "{text}");
        for (name, (kind, labels)) in exposed {
            let listed = METRICS.iter().find(|metric| metric.name == name);
            let listed = listed.unwrap_or_else(|| panic!("{name} is not in the table"));
            assert_eq!(listed.kind.as_str(), kind, "{name}");
            assert!(labels.iter().all(|label| listed.labels.contains(&label.as_str())), "{name}: {labels:?}");
        }
        let dispatched = world.github.issue(REPOSITORY, 1).unwrap();
        assert!(dispatched.labels.contains(&"type/deployment".to_owned()));
    }
}

#[test]
fn every_query_of_the_dashboard_for_grafana_names_metrics_that_exist() {
    let text = std::fs::read_to_string(root().join("docs/grafana-dashboard.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut shown = BTreeSet::new();
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert!(panel["title"].as_str().is_some_and(|title| !title.is_empty()), "{panel}");
        assert!(panel["description"].as_str().is_some_and(|says| !says.is_empty()), "{panel}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{panel}");
        for target in targets {
            let query = target["expr"].as_str().unwrap();
            let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let named: Vec<&str> = words.filter(|word| word.starts_with("stationmaster_")).collect();
            assert!(!named.is_empty(), "{query} asks for nothing of ours");
            for name in named {
                let base = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
                let metric = METRICS.iter().find(|metric| metric.name == name || metric.name == base);
                let metric = metric.unwrap_or_else(|| panic!("{query} asks for {name}, which nobody counts"));
                assert_eq!(metric.kind == MetricKind::Histogram, base != name, "{query}");
                shown.insert(metric.name);
                check_labels(query, metric.labels);
            }
        }
    }
    let missing: Vec<&str> = METRICS.iter().map(|metric| metric.name).filter(|name| !shown.contains(name)).collect();
    assert!(missing.is_empty(), "no panel shows {missing:?}");
}

/// Every label by which a query groups or selects is one that the metric has.
fn check_labels(query: &str, labels: &[&str]) {
    let grouped =
        query.split("by (").skip(1).filter_map(|rest| rest.split(')').next()).flat_map(|list| list.split(','));
    let selected = query
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .flat_map(|list| list.split(','))
        .filter_map(|pair| pair.split(['=', '!']).next());
    for label in grouped.chain(selected).map(str::trim).filter(|label| !label.is_empty()) {
        assert!(["le", "instance", "job"].contains(&label) || labels.contains(&label), "{query} names {label}");
    }
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pages(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    pages(&root().join("docs"), &mut found);
    assert!(found.len() >= 7, "{found:?}");
    for page in found {
        let text = std::fs::read_to_string(&page).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let file = target.split('#').next().unwrap();
            let there = file.is_empty() || page.parent().unwrap().join(file).exists();
            assert!(there, "{} links to {target}, which is not there", page.display());
        }
    }
}
