//! `channels.toml` is read with the other rules, and each of its faults has its place.

use stationmaster::policy::{RuleFile, Rules};

fn read(channels: &str) -> Result<Rules, String> {
    let roster = Rules::builtin_roster();
    let file = RuleFile::new("rules/channels.toml", channels);
    Rules::from_files(vec![roster, file]).map_err(|faults| faults.to_string())
}

/// The first fault, without what to do about it.
fn fault(channels: &str) -> String {
    let faults = read(channels).expect_err("it has a fault");
    faults.lines().next().unwrap().split("; ").next().unwrap().to_owned()
}

#[test]
fn the_shipped_file_and_every_example_in_it_can_be_read_and_sends_nothing_by_itself() {
    let shipped = include_str!("../../../rules/channels.toml");
    assert!(read(shipped).unwrap().channels.is_empty());
    let (_, examples) = shipped.split_once("# [[channel]]").unwrap();
    let examples = format!("[[channel]]{}", examples.replace("\n# ", "\n").replace("\n#\n", "\n"));
    let kinds: Vec<_> = read(&examples).unwrap().channels.iter().map(|one| one.channel.way.kind()).collect();
    assert_eq!(kinds, ["slack", "webhook", "email"]);
}

#[test]
fn faults_name_file_line_and_column_and_never_repeat_what_may_be_a_secret() {
    let of = |text: &str| fault(&format!("[[channel]]\nname = \"ops\"\n{text}"));
    assert_eq!(
        of("kind = \"telex\"\nurl_env = \"X\"\n"),
        "rules/channels.toml:3:8: \"telex\" is no kind of channel: expected \"slack\", \"webhook\" or \"email\""
    );
    assert_eq!(
        of("kind = \"slack\"\nurl_env = \"https://hooks.slack.com/services/T0/B0/x\"\n"),
        "rules/channels.toml:4:11: `url_env` is not the name of an environment variable: expected letters, digits and \
         underscores"
    );
    assert!(of("kind = \"slack\"\nurl = \"X\"\n").contains("`url_env` is missing here"));
    assert!(of("kind = \"slack\"\nurl_env = \"X\"\nto = [\"a@b.example\"]\n").contains("`to` is not a known key here"));
    assert_eq!(
        of("kind = \"email\"\nsmtp_env = \"X\"\nfrom = \"a@b.example\"\nto = [\"nobody\"]\n"),
        "rules/channels.toml:6:7: \"nobody\" is not an address of e-mail: expected such as \"ops@example.com\" or \
         \"Ops <ops@example.com>\""
    );
    assert!(of("kind = \"email\"\nsmtp_env = \"X\"\nfrom = \"a@b.example\"\nto = []\n").contains("names 0 recipients"));
    assert!(of("kind = \"slack\"\nurl_env = \"X\"\nat_least = \"loud\"\n").contains("\"loud\" is not a level"));
    let twice = "[[channel]]\nname = \"ops\"\nkind = \"slack\"\nurl_env = \"X\"\n".repeat(2);
    assert!(fault(&twice).contains("there is a channel `ops` already, at line 2"));
}
