//! Links and evidence: what a text is taken to say stands in it, and nothing that it shows as code does anything.

use stationmaster::decide::evidence::{parse, tasks_of_pull};
use stationmaster::decide::merge_message;
use stationmaster::model::{
    ActorKind, BranchName, Commit, Evidence, EvidenceKind, Login, MergeMethod, Mergeability, Number, Pull, PullState,
    RepositoryName, Sha, Timestamp,
};
use stationmaster::policy::MergeSettings;

/// A pull's branch on the first line, its title on the second, its text behind them.
pub fn check(data: &[u8]) {
    let all = super::text(data);
    let mut lines = all.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (branch, title, body) = (next(), next(), next());
    let home = RepositoryName::new("octo", "app");
    for item in tasks_of_pull(&home, (branch, title, body)) {
        assert!(item.number.0 > 0 && all.contains(item.number.to_string().trim_start_matches('0')), "{item}");
        let named = item.repository == home || all.contains(&item.repository.to_string());
        assert!(named, "{item} is not named in {all:?}");
        assert_eq!(item.to_string().parse().as_ref(), Ok(&item));
    }
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let shown = tasks_of_pull(&home, ("main", "", &format!("{fence}\n{body}\n{fence}")));
    assert!(shown.is_empty(), "{shown:?} are named in code only");
    evidence(body, &home);
    becomes_a_commit(title, body);
}

fn evidence(text: &str, home: &RepositoryName) {
    for kind in EvidenceKind::ALL {
        match parse(kind, text, (home, "github.com")) {
            Ok(found) => {
                let stored = serde_json::to_string(&found).expect("evidence can be stored");
                assert_eq!(serde_json::from_str::<Evidence>(&stored).ok().as_ref(), Some(&found), "{stored}");
                if let Evidence::Test { passed, failed } = found {
                    assert!(passed > 0 || failed > 0, "no test was run: {text:?}");
                }
            }
            Err(blocker) => assert!(blocker.to_string().len() > 20, "{blocker}"),
        }
    }
}

fn becomes_a_commit(title: &str, body: &str) {
    let commit =
        Commit { sha: Sha::from("1"), message: body.to_owned(), authors: vec!["Ann <ann@example.org>".into()] };
    let pull = Pull {
        number: Number(7),
        title: title.to_owned(),
        body: body.to_owned(),
        state: PullState::Open,
        draft: false,
        author: Login::from("ann"),
        author_kind: ActorKind::User,
        labels: Vec::new(),
        head: Sha::from("1"),
        head_branch: BranchName::from("work"),
        head_repository: None,
        base: BranchName::from("main"),
        base_sha: Sha::from("0"),
        mergeability: Mergeability::Mergeable,
        behind: false,
        review_required: false,
        commits: vec![commit],
        changed_files: 1,
        url: String::new(),
        created: Timestamp(0),
        merge_commit: None,
    };
    let message = merge_message(&pull, &MergeSettings::default(), MergeMethod::Squash);
    assert!(message.title.is_some_and(|title| !title.contains(['\n', '\r'])));
    let body = message.body.unwrap_or_default();
    let trailers: Vec<String> = body
        .lines()
        .rev()
        .take_while(|line| line.starts_with("Co-authored-by: "))
        .map(|line| line.rsplit('<').next().unwrap_or_default().to_lowercase())
        .collect();
    assert!(trailers.len() <= 2 * (pull.body.len() + 1) / 3, "{body}");
    assert!(body.len() <= 3 * pull.body.len() + 200, "{} bytes of {}", body.len(), pull.body.len());
}
