//! Parts of a task, what it waits for, and discoveries that become tasks.

use stationmaster::model::{Action, Discovery, Number};

use super::scene::{NOW, Scene, actions, item, last_line};

fn opened(action: &Action) -> (&str, &str, Option<Number>) {
    let Action::OpenIssue { title, body, parent, labels, .. } = action else { panic!("{action:?}") };
    assert!(labels.is_empty());
    (title, body, *parent)
}

#[test]
fn a_subtask_is_an_issue_of_its_own() {
    let text = "/subtask \"Fix the parser\" -r \"tests pass\" -r docs say so\nIt is in `parse.rs`.";
    let (task, decision) = Scene::new().done("tess", text);
    let [planned] = actions(&decision, "subtask/")[..] else { panic!() };
    let wanted = "It is in `parse.rs`.\n\n## Requirements\n\n- tests pass\n- docs say so\n\nPart of #12, asked for by \
                  `@tess`.";
    assert_eq!(opened(&planned.action), ("Fix the parser", wanted, Some(Number(12))));
    assert_eq!(last_line(&task), "@tess asked for a subtask: Fix the parser");
    let (_, decision) = Scene::new().done("tess", "/subtask Fix one\n/subtask Fix two");
    let titles: Vec<&str> = actions(&decision, "subtask/").iter().map(|planned| opened(&planned.action).0).collect();
    assert_eq!(titles, ["Fix one", "Fix two"]);
}

#[test]
fn a_discovery_becomes_a_task_once() {
    let mut scene = Scene::new();
    scene.task_mut().work.discoveries = vec![Discovery {
        number: 1,
        text: "The cache leaks. It is never emptied.".to_owned(),
        impact: Some("memory grows".to_owned()),
        by: "@dora".to_owned(),
        at: NOW,
        accepted: false,
    }];
    let mut scene = scene.says("tess", "/accept-discovery d1");
    let decision = scene.run();
    let [planned] = actions(&decision, "subtask/")[..] else { panic!() };
    let (title, body, parent) = opened(&planned.action);
    assert_eq!((title, parent), ("The cache leaks", Some(Number(12))));
    assert!(body.contains("It is never emptied.\n\nImpact: memory grows\n\nDiscovered as D1 by `@dora`."), "{body}");
    let scene = scene.with(|seen| seen.comments.clear());
    assert_eq!(scene.refused("tess", "/accept-discovery D1"), "D1 is a task already.");
    assert_eq!(
        Scene::new().refused("tess", "/accept-discovery D7"),
        "there is no discovery D7: nothing was discovered here."
    );
}

#[test]
fn it_waits_for_another_issue_but_not_in_a_circle() {
    let (_, decision) = Scene::new().done("tess", "/depends #7");
    let [planned] = actions(&decision, "depends/")[..] else { panic!() };
    assert!(matches!(&planned.action, Action::AddDependency { on, .. } if *on == item(7)));
    let itself = "nothing can wait for itself.";
    assert_eq!(Scene::new().refused("tess", "/depends octo/station#12"), itself);
    let circle = Scene::new().with(|seen| seen.dependents.push(item(8)));
    assert!(circle.refused("tess", "/depends 8").starts_with("octo/station#8 waits for this task already"));
    let circle = Scene::going().with(|seen| seen.dependents.push(item(8)));
    assert!(circle.refused("dora", "/blocker x --by #8").starts_with("octo/station#8 waits for this task already"));
    let known = Scene::new().depends_on(7, true).refused("tess", "/depends #7");
    assert_eq!(known, "it waits for octo/station#7 already.");
}
