//! The message of the commit that a pull becomes.

use stationmaster::decide::merge_message;
use stationmaster::model::{ActorKind, Login, MergeMethod, Pull};

use super::{commit, policy, pull};

fn shown(pull: &Pull, text: &str) -> String {
    let merge = policy(text).merge;
    let message = merge_message(pull, &merge, merge.method);
    format!("{}\n\n{}", message.title.unwrap(), message.body.unwrap())
}

fn rich() -> Pull {
    let body = "It guards <!-- really? -->the junction.\r\n\r\n<!-- Describe\r\nyour change. -->\r\n\r\n\r\n\
                 ```html\r\n<!-- kept: code -->\r\n```\r\nco-authored-by: Dee <dee@example.org>\r\n\r\nCloses #3\r\n\
                 <!-- cut -->\r\n## Screenshots\r\nfor reviewers only";
    let commits = vec![
        commit("One\n\nCo-authored-by: Bob <BOB@example.org>", &["Ann <12+ann@users.noreply.github.com>"]),
        commit("Two", &["Bob Builder <bob@example.org>", "Ann <12+ann@users.noreply.github.com>"]),
        commit("Three", &["renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>"]),
        commit("Four\n\nCo-Authored-By: nobody", &["Broken"]),
    ];
    Pull { title: "Add a {number} signal\nbox".to_owned(), body: body.to_owned(), commits, ..pull() }
}

#[test]
fn a_squash_has_title_and_cut_text_and_everybody_else_who_wrote_it() {
    insta::assert_snapshot!(shown(&rich(), ""), @r"
    Add a {number} signal box (#12)

    It guards the junction.

    ```html
    <!-- kept: code -->
    ```

    Closes #3

    Co-authored-by: Dee <dee@example.org>
    Co-authored-by: Bob <BOB@example.org>
    Co-authored-by: renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>
    ");
}

#[test]
fn template_marker_and_co_authors_are_the_policys() {
    let text =
        "[merge]\nmessage = \"{base} <- {head}: {title}, by {author}\"\ncut_body_at = \"Closes\"\nco_authors = false";
    insta::assert_snapshot!(shown(&rich(), text), @r"
    main <- signal-box: Add a {number} signal box, by ann

    It guards the junction.

    ```html
    <!-- kept: code -->
    ```

    Co-authored-by: Dee <dee@example.org>
    ");
}

#[test]
fn a_merge_commit_keeps_its_commits_and_a_rebase_has_no_message() {
    let merge = policy("").merge;
    let body = merge_message(&rich(), &merge, MergeMethod::Merge).body.unwrap();
    assert!(body.contains("Closes #3") && !body.contains("Bob"), "{body}");
    let message = merge_message(&rich(), &merge, MergeMethod::Rebase);
    assert_eq!((message.title, message.body), (None, None));
}

#[test]
fn the_pulls_author_is_known_by_noreply_address_by_name_or_by_having_begun_every_commit() {
    for author in ["A. Nother <ann@users.noreply.github.com>", "Ann <a@b.example>", "Other Name <x@y.example>"] {
        let mut pull = pull();
        pull.commits = vec![commit("One", &[author]), commit("Two", &[author, "Bob <bob@example.org>"])];
        let text = shown(&pull, "");
        assert!(text.ends_with("junction.\n\nCo-authored-by: Bob <bob@example.org>"), "{author}: {text}");
    }
}

#[test]
fn a_bots_pull_credits_the_people_who_helped_it() {
    let mut pull = pull();
    pull.author = Login::from("renovate[bot]");
    pull.author_kind = ActorKind::Bot;
    pull.body = String::new();
    pull.commits = vec![
        commit("One", &["renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>"]),
        commit("Two", &["Bob <bob@example.org>"]),
    ];
    assert_eq!(shown(&pull, ""), "Add a signal box (#12)\n\nCo-authored-by: Bob <bob@example.org>");
}
