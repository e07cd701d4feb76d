//! Which rules are proposed, and with what evidence.

use stationmaster::decide::learn::{History, propose, rule_toml, with_rules};
use stationmaster::model::{Level, RuleKey, SeenTitle, TaskType};
use stationmaster::policy::RepositoryPolicy;

use super::{by_person, by_rule, given, in_triage, patterns, policy, proposed};

#[test]
fn three_titles_that_begin_alike_suggest_a_rule_and_two_do_not() {
    let titles = given("cleaning", &["Polish the bell", "polish rails", "Polish: lamps"]);
    let proposals = proposed(&titles, &[]);
    assert_eq!(patterns(&proposals), [r"^polish\b"]);
    let rule = &proposals[0];
    assert_eq!((rule.name.as_str(), rule.task_type.as_str(), rule.agree), ("learned-polish", "cleaning", 3));
    assert_eq!(
        rule.reason(),
        "people gave 3 titles that no rule matches the type `cleaning`; of 3 titles that it matches, 3 are of this type \
         (100 %)"
    );
    assert!(proposed(&titles[..2], &[]).is_empty());
}

#[test]
fn what_a_rule_matches_or_nobody_has_typed_speaks_for_nothing() {
    let fixed = given("cleaning", &["Fix the bell", "Fix rails", "Fix lamps"]);
    assert!(proposed(&fixed, &[]).is_empty(), "the rule `fix` matches them");
    let triage: Vec<SeenTitle> = (1..=4).map(|number| in_triage(number, "Polish the bell")).collect();
    assert!(proposed(&triage, &[]).is_empty());
    let routed: Vec<SeenTitle> = (1..=4).map(|number| by_rule(number, "Polish it", "cleaning", "gone")).collect();
    assert!(proposed(&routed, &[]).is_empty(), "a rule has said so, not a person");
    assert!(proposed(&given("triage", &["Polish a", "Polish b", "Polish c"]), &[]).is_empty());
    assert!(
        proposed(&given("Big Cleaning", &["Polish a", "Polish b", "Polish c"]), &[]).is_empty(),
        "no rule can say it"
    );
}

#[test]
fn one_in_five_may_be_of_another_type_and_no_more() {
    let mut titles = given("cleaning", &["Polish a1", "Polish a2", "Polish a3", "Polish a4"]);
    titles.push(by_person(5, "Polish the text", "documentation"));
    let rule = proposed(&titles, &[]).remove(0);
    assert_eq!((rule.percent(), rule.disagree.len()), (80, 1));
    assert!(rule.reason().contains("of 5 titles that it matches, 4 are of this type (80 %)"), "{}", rule.reason());
    titles.push(by_rule(6, "Polish the water tank", "garden", "water"));
    assert!(proposed(&titles, &[]).is_empty(), "titles that a rule routes elsewhere speak against it too");
}

#[test]
fn titles_that_are_still_in_triage_are_told_and_do_not_count() {
    let mut titles = given("cleaning", &["Polish a1", "Polish a2", "Polish a3"]);
    titles.push(in_triage(9, "Polish the buffers"));
    let rule = proposed(&titles, &[]).remove(0);
    assert_eq!((rule.waiting[0].number.0, rule.agree), (9, 3));
    assert!(rule.reason().ends_with("it would have routed 1 that is still in triage"), "{}", rule.reason());
}

#[test]
fn the_longest_beginning_that_explains_as_much_is_proposed() {
    let titles = given("garden", &["Prune the big oak", "Prune the big elm", "Prune the big ash"]);
    assert_eq!(patterns(&proposed(&titles, &[])), [r"^prune\W+the\W+big\b"]);
    let wider = given("garden", &["Prune the big oak", "Prune the big elm", "Prune the big ash", "Prune roses"]);
    assert_eq!(patterns(&proposed(&wider, &[])), [r"^prune\b"]);
}

#[test]
fn a_word_anywhere_is_proposed_where_it_explains_clearly_more() {
    let titles =
        given("signals", &["Old semaphore", "The semaphore is dark", "Two new semaphores: semaphore 4", "Semaphore"]);
    assert_eq!(patterns(&proposed(&titles, &[])), [r"\bsemaphore\b"]);
    let begun = given("signals", &["Semaphore 1", "Semaphore 2", "Semaphore 3", "A semaphore", "My semaphore"]);
    assert_eq!(patterns(&proposed(&begun, &[])), [r"^semaphore\b"], "five are not more than twice three");
}

#[test]
fn words_that_say_nothing_and_signs_before_the_first_word_are_no_obstacle() {
    assert!(proposed(&given("x", &["The bell", "The rail", "The lamp"]), &[]).is_empty());
    assert!(proposed(&given("x", &["1 a", "1 b", "1 c"]), &[]).is_empty());
    let led = proposed(&given("cleaning", &["[Yard] sweep", "[yard] rake", "Yard: tidy"]), &[]);
    assert_eq!(patterns(&led), [r"^\W*yard\b"]);
    assert_eq!(led[0].agree, 3);
}

#[test]
fn what_was_turned_down_is_not_proposed_again_nor_a_narrower_rule() {
    let key = |title: &str, task_type: &str| RuleKey { title: title.to_owned(), task_type: TaskType::new(task_type) };
    let titles = given("cleaning", &["Polish the bell", "Polish the rails", "Polish the lamps"]);
    assert!(proposed(&titles, &[key(r"^polish\b", "cleaning")]).is_empty());
    assert!(proposed(&titles, &[key(r"polish", "cleaning")]).is_empty(), "the wider rule was turned down");
    assert_eq!(proposed(&titles, &[key(r"^polish\b", "documentation")]).len(), 1, "another type is another rule");
}

#[test]
fn at_most_five_are_proposed_the_best_founded_first_and_no_two_for_the_same_titles() {
    let mut titles = Vec::new();
    for (family, count) in [("alpha", 3), ("bravo", 4), ("cargo", 5), ("delta", 6), ("eagle", 7), ("ferry", 8)] {
        for turn in 0..count {
            let number = i64::try_from(titles.len()).unwrap() + 1;
            titles.push(by_person(number, &format!("{family} {number}x{turn}"), "cleaning"));
        }
    }
    let proposals = proposed(&titles, &[]);
    assert_eq!(patterns(&proposals), [r"^ferry\b", r"^eagle\b", r"^delta\b", r"^cargo\b", r"^bravo\b"]);
}

#[test]
fn a_proposed_rule_has_the_role_of_its_type_the_usual_urgency_and_a_number_below_all_others() {
    let urgent = |number, title: &str| SeenTitle { priority: Level::High, ..by_person(number, title, "garden") };
    let titles = [urgent(1, "Prune a"), urgent(2, "Prune b"), by_person(3, "Prune c", "garden")];
    let rule = proposed(&titles, &[]).remove(0);
    assert_eq!(
        rule_toml(&rule),
        "[[rule]]\nname = \"learned-prune\"\ntitle = '^prune\\b'\ntype = \"garden\"\nrole = \"gardener\"\npriority = 10\n\
         urgency = \"high\"\n"
    );
}

#[test]
fn a_proposed_rule_stands_below_the_lowest_and_has_a_name_of_its_own() {
    let low = "[[rule]]\nname = \"learned-prune\"\ntitle = '^water'\ntype = \"garden\"\npriority = 3\n";
    let repository = "octo/station".parse().unwrap();
    let titles = given("garden", &["Prune a", "Prune b", "Prune c"]);
    let history = History { repository: &repository, policy: &policy(low), titles: &titles, declined: &[] };
    let rule = propose(&history).remove(0);
    assert_eq!((rule.name.as_str(), rule.priority), ("learned-prune-2", 2));
}

#[test]
fn a_file_keeps_its_text_and_gets_the_rules_at_its_end() {
    let proposals = proposed(&given("garden", &["Prune a", "Prune b", "Prune c"]), &[]);
    let before = "# Ours.\n[tasks]\nmanage   = true # as ever\n\n[[rule]]\nname = \"a\"\ntitle = 'a'\ntype = \"x\"\npriority = 1\n";
    let after = with_rules(before, &proposals).unwrap();
    assert!(after.starts_with(before.trim_end()), "{after}");
    assert!(after.contains("\n\n# Learned: people gave 3 titles"), "{after}");
    let policy = RepositoryPolicy::parse(&after, "stationmaster.toml").unwrap();
    assert_eq!(policy.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["a", "learned-prune"]);
    let windows = with_rules(&before.replace('\n', "\r\n"), &proposals).unwrap();
    assert!(!windows.replace("\r\n", "").contains('\n'), "{windows:?}");
    assert_eq!(RepositoryPolicy::parse(&with_rules("", &proposals).unwrap(), "x").unwrap().rules.len(), 1);
    assert!(with_rules("rule = [{ name = \"a\" }]\n", &proposals).unwrap_err().contains("[[rule]] tables"));
    assert!(with_rules("rule = [", &proposals).unwrap_err().contains("not TOML"));
}
