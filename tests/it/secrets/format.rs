//! gitleaks' format: its keys, its regex dialect, entropy, groups, and faults with their place.

use stationmaster::decide::secrets::{ScanOptions, scan_text};
use stationmaster::policy::IgnoredLeaks;

use super::{faults, filled, found, named, rules};

#[test]
fn a_file_with_every_key_that_gitleaks_knows_is_read() {
    let rules = rules(
        r#"
        title = "All keys"
        description = "…"
        minVersion = "v8.25.0"
        [extend]
        useDefault = false
        disabledRules = ["nothing"]
        [[rules]]
        id = "station-token"
        description = "A token of the station"
        regex = '''(?i)station[_-]?token\s*=\s*["']?(stn_[a-z0-9]{8})["']?'''
        secretGroup = 1
        entropy = 1
        path = '''\.env$'''
        keywords = ["STATION"]
        tags = ["token", "own"]
        skipReport = false
        [rules.allowlist]
        description = "old form"
        stopWords = ["stn_00000000"]
        [allowlist]
        description = "old form"
        paths = ['''^vendor/''']
        "#,
    );
    assert_eq!(found(&rules, "a/.env", "x\nSTATION_TOKEN = 'stn_a1b2c3d4'\n"), ["station-token:2"]);
    assert!(found(&rules, "a/env", "STATION_TOKEN = 'stn_a1b2c3d4'").is_empty(), "another path");
    assert!(found(&rules, "vendor/.env", "STATION_TOKEN = 'stn_a1b2c3d4'").is_empty(), "an allowed path");
    assert!(found(&rules, "a/.env", "STATION_TOKEN = 'stn_00000000'").is_empty(), "a stopword");
    assert_eq!(rules.rules()[0].tags, ["token", "own"]);
}

#[test]
fn rules_in_the_shapes_of_gitleaks_own_file_work() {
    let rules = rules(
        r#"
        [[rules]]
        id = "assigned"
        regex = '''(?i)[\w.-]{0,50}?(?:depot)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}([a-f0-9]{32})(?:[\x60'"\s;]|\\[nr]|$)'''
        entropy = 2
        keywords = ["depot"]
        [[rules]]
        id = "prefixed"
        regex = '''\b((?:DPT|dpt)_(?-i:[a-z]{4})\d{6}(?:==)?)(?:[\x60'"\s;]|\\[nr]|$)'''
        keywords = ["dpt_"]
        [[rules]]
        id = "open-ended"
        regex = '''(?i)\bsignal[-_ ]?key[^\n=]*=\s*([a-z0-9+/]{11,}={0,3})'''
        keywords = ["signal"]
        [[rules]]
        id = "block"
        regex = '''-----BEGIN STATION-----[\s\S-]{8,}?-----END STATION-----'''
        keywords = ["-----begin"]
        "#,
    );
    let text = filled(
        "a\nmy.depot_key := \"<h32>\"\nt = dpt_abcd123456;\nSignal key of the day = <a40>==\n-----BEGIN STATION-----\n<a20>\n<a20>\n-----END STATION-----\n",
    );
    assert_eq!(found(&rules, "x", &text), ["assigned:2", "prefixed:3", "open-ended:4", "block:5"]);
    let leaks = scan_text(&rules, "x", text.as_bytes(), ScanOptions::default());
    assert_eq!((leaks[3].line, leaks[3].end_line), (5, 8));
    assert_eq!((leaks[1].column, leaks[1].fingerprint.as_str()), (5, "x:prefixed:3"));
}

#[test]
fn what_go_writes_differently_means_the_same() {
    for (regex, matching, other) in [
        (r"^\${[A-Z_]+}$", "${KEY_A}", "$KEY_A"),
        (r"a{,3}b", "a{,3}b", "aab"),
        (r"x{2,3}y", "xxxy", "xy"),
        (r"[[\]]k", "[k", "k"),
        (r"[\w-.]+@q", "a-b.c@q", "@q"),
        (r"[[:digit:]-]z", "-z", "az"),
        (r"[a&&b]~", "&~", "c~"),
        (r"\Qa.b*\E+", "a.b**", "axb"),
        (r"\<b\>", "<b>", "b"),
        (r"\x60\101\z", "`A", "`A "),
        (r"\_\-\/\@", "_-/@", "-"),
        (r"\p{Greek}+", "λόγος", "logos"),
        ("schlüssel[äö]", "schlüsselä", "schlussel"),
        (r"[]x]+!", "]!", "!"),
    ] {
        let rules = rules(&format!("[[rules]]\nid = \"r\"\nregex = '''{regex}'''"));
        assert_eq!(found(&rules, "f", matching), ["r:1"], "{regex}");
        assert!(found(&rules, "f", other).is_empty(), "{regex}");
    }
}

#[test]
fn a_secret_needs_more_entropy_than_the_rule_says() {
    let text = |threshold: f64| format!("[[rules]]\nid = \"r\"\nregex = '''k=(\\w+)'''\nentropy = {threshold:?}");
    // Four different characters, each as often as the others: two bits each.
    assert_eq!(found(&rules(&text(1.9)), "f", "k=abcdabcd"), ["r:1"]);
    assert!(found(&rules(&text(2.0)), "f", "k=abcdabcd").is_empty());
    let leaks = scan_text(&rules(&text(1.9)), "f", b"k=abcdabcd", ScanOptions::default());
    assert!((leaks[0].entropy - 2.0).abs() < 1e-9);
}

#[test]
fn the_secret_is_the_group_that_is_named_or_else_the_first_that_is_not_empty() {
    let rule = |more: &str| {
        rules(&format!("[[rules]]\nid = \"r\"\nregex = '''(x)?(aaaa|bcde)-(\\w{{4}})'''\nentropy = 1.5\n{more}"))
    };
    assert_eq!(found(&rule(""), "f", "bcde-1111"), ["r:1"]);
    assert!(found(&rule(""), "f", "aaaa-1234").is_empty());
    assert_eq!(found(&rule("secretGroup = 3"), "f", "aaaa-1234"), ["r:1"]);
    assert!(found(&rule("secretGroup = 3"), "f", "bcde-1111").is_empty());
}

#[test]
fn a_rule_looks_only_at_texts_that_hold_one_of_its_keywords() {
    let rules = rules("[[rules]]\nid = \"r\"\nregex = '''[0-9]{6}'''\nkeywords = [\"pin\", \"code\"]");
    assert_eq!(found(&rules, "f", "CODE\n123456"), ["r:2"]);
    assert!(found(&rules, "f", "123456").is_empty());
}

#[test]
fn a_rule_about_paths_alone_finds_files_and_is_ignored_by_line_0() {
    let rules = rules("[[rules]]\nid = \"key-file\"\npath = '''\\.p12$'''");
    let leaks = scan_text(&rules, "a/b.p12", b"\0\x01", ScanOptions::default());
    assert_eq!((leaks[0].line, leaks[0].fingerprint.as_str()), (1, "a/b.p12:key-file:0"));
    let ignored = IgnoredLeaks::parse("a/b.p12:key-file:0");
    let options = ScanOptions { ignored: Some(&ignored), ..ScanOptions::default() };
    assert!(scan_text(&rules, "a/b.p12", b"", options).is_empty());
}

#[test]
fn a_rule_that_requires_another_finds_something_only_near_it() {
    let rules = rules(
        "[[rules]]\nid = \"pair\"\nregex = '''secret-\\d+'''\n[[rules.required]]\nid = \"id\"\nwithinLines = 1\n\
         [[rules]]\nid = \"id\"\nregex = '''ident-\\d+'''\nskipReport = true",
    );
    assert_eq!(found(&rules, "f", "ident-1\nsecret-1\n\n\nsecret-2"), ["pair:2"]);
    assert!(found(&rules, "f", "ident-1").is_empty());
}

#[test]
fn a_generic_rule_is_silent_where_another_says_it_better() {
    let rules = rules(
        "[[rules]]\nid = \"generic-token\"\nregex = '''token=(\\w+)'''\n[[rules]]\nid = \"own\"\nregex = '''own_\\w+'''",
    );
    assert_eq!(found(&rules, "f", "token=own_1\ntoken=other"), ["own:1", "generic-token:2"]);
}

#[test]
fn a_comment_allows_a_line_unless_comments_are_not_honoured() {
    let rules = rules("[[rules]]\nid = \"r\"\nregex = '''k=\\w+'''");
    let text = b"k=1 # gitleaks:allow\nk=2\n";
    assert_eq!(named(&scan_text(&rules, "f", text, ScanOptions::default())), ["r:2"]);
    let strict = ScanOptions { honour_allow_comments: false, ..ScanOptions::default() };
    assert_eq!(named(&scan_text(&rules, "f", text, strict)), ["r:1", "r:2"]);
}

#[test]
fn ignored_fingerprints_are_found_with_and_without_commit() {
    let rules = rules("[[rules]]\nid = \"r\"\nregex = '''k=\\w+'''");
    let ignored = IgnoredLeaks::parse("# seen\n\na\\f:r:1\nabc123:a/f:r:2\n");
    let with = |commit| ScanOptions { commit, ignored: Some(&ignored), ..ScanOptions::default() };
    let text = b"k=1\nk=2\nk=3\n";
    assert_eq!(named(&scan_text(&rules, "a/f", text, with(None))), ["r:2", "r:3"]);
    assert_eq!(named(&scan_text(&rules, "a/f", text, with(Some("abc123")))), ["r:3"]);
}

#[test]
fn nothing_of_a_secret_is_in_what_is_printed_of_it() {
    let rules = rules("[[rules]]\nid = \"r\"\ndescription = \"A word.\"\nregex = '''k=(\\w+)'''");
    let leaks = scan_text(&rules, "f", b"k=quetzalcoatl", ScanOptions::default());
    let finding = leaks[0].finding();
    let printed = format!("{leaks:?} {finding:?} {}", serde_json::to_string(&leaks).unwrap());
    assert!(!printed.contains("quetz"), "{printed}");
    assert!(finding.blocks() && finding.message.starts_with("A word: take it out"), "{}", finding.message);
}

#[test]
fn faults_have_file_line_and_column() {
    let said = faults("title = \"x\"\n[[rules]]\nid = \"r\"\nregex = '''a(?=b)'''\nregexx = 1\n");
    assert!(said.contains(".gitleaks.toml:4:9: this is not a regex: look-around"), "{said}");
    assert!(said.contains(".gitleaks.toml:5:1: `regexx` is not a known key here"), "{said}");
    assert!(said.contains("did you mean `regex`?"), "{said}");
    for (text, begin) in [
        ("[[rules]]\nregex = 'a'", ":1:1: `id` is missing here"),
        ("[[rules]]\nid = 'r'", ":1:1: rule `r` has neither `regex` nor `path`"),
        ("[[rules]]\nid = 'r'\nregex = 'a'\nsecretGroup = 1", ":1:1: `secretGroup` is 1 and the regex has 0 groups"),
        ("[[rules]]\nid = 'r'\nregex = 'a'\nentropy = '3'", ":4:11: `entropy` is of type string"),
        ("[[rules]]\nid = 'r'\nregex = '(a{1000}){1000}'", ":3:9: this regex repeats so much"),
        ("[[rules]]\nid = 'r'\nregex = '\\p{L}{1000}'", ":3:9: this regex repeats so much"),
        ("[[rules]]\nid = 'r'\nregex = 'a'\n[[rules]]\nid = 'r'\nregex = 'b'", ":4:1: there is a rule `r` already"),
        ("[[allowlists]]\ncondition = 'XOR'\npaths = ['a']", ":2:13: \"XOR\" is not a condition"),
        ("[[allowlists]]\nregexTarget = 'file'\nregexes = ['a']", ":2:15: \"file\" is nothing"),
        ("[[allowlists]]\ndescription = 'x'", ":1:1: this allowlist allows nothing"),
        ("[[allowlists]]\ntargetRules = ['q']\npaths = ['a']", ":2:16: there is no rule `q`"),
        ("[allowlist]\npaths = ['a']\n[[allowlists]]\npaths = ['a']", "`allowlist` and `allowlists` are both here"),
        ("[extend]\npath = 'base.toml'", ":2:8: the file \"base.toml\" that is to be extended cannot be found"),
        ("[extend]\npath = 'x'\nuseDefault = true", ":2:8: `path` and `useDefault` are both here"),
        ("[[rules]\nid = 1", ":1:"),
    ] {
        let said = faults(text);
        assert!(said.contains(begin), "{text}\n{said}");
    }
}
