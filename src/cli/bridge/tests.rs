//! What the files of the bridge hold, and what is never written over.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Bridge, Held};
use crate::cli::item::Item;
use crate::model::WorkerId;

fn item(text: &str) -> Item {
    text.parse().unwrap()
}

fn bridge(folder: &Path) -> Bridge {
    Bridge::new(folder.join("bridge"), WorkerId::new("builder-1"))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join("bridge").join(name)).unwrap()
}

fn json_of(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&read(folder, name)).unwrap()
}

#[test]
fn each_file_holds_what_the_readme_says() {
    let folder = tempfile::tempdir().unwrap();
    let (bridge, task) = (bridge(folder.path()), item("octo/my.station#12"));
    let path = bridge.save_handoff(&task, &json!({"item_id": "octo/my.station#12", "fence": 3})).unwrap();
    assert!(path.ends_with("handoffs/octo-my.station-12_handoff.json"), "{}", path.display());
    assert_eq!(json_of(folder.path(), "handoffs/octo-my.station-12_handoff.json")["fence"], 3);
    for percent in [10, 20] {
        bridge.add_progress(&task, json!({"percent": percent})).unwrap();
    }
    assert_eq!(
        json_of(folder.path(), "handoffs/octo-my.station-12_progress.json"),
        json!([{"percent": 10}, {"percent": 20}])
    );
    bridge.add_note(&task, "2026-11-21T08:00:00Z", "look at the tests\n").unwrap();
    bridge.add_note(&task, "2026-11-21T09:00:00Z", "done").unwrap();
    let notes = read(folder.path(), "workspace/builder-1/octo-my.station-12_notes.md");
    assert_eq!(
        notes,
        "# Notes on octo/my.station#12\n\n## 2026-11-21T08:00:00Z\n\nlook at the tests\n\
         \n## 2026-11-21T09:00:00Z\n\ndone\n"
    );
    assert!(read(folder.path(), ".gitignore").ends_with("\n*\n"), "no lease gets into a commit");
}

#[test]
fn what_was_claimed_or_completed_no_longer_waits() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = bridge(folder.path());
    bridge.taken(&item("octo/station#1")).unwrap();
    assert!(!folder.path().join("bridge/handoffs").exists(), "nothing is made where nothing waits");
    bridge.save_pending(&["octo/station#1", "octo/station#2", "octo/station#3"].map(str::to_owned)).unwrap();
    assert_eq!(
        read(folder.path(), "handoffs/pending_builder-1.txt"),
        "octo/station#1\nocto/station#2\nocto/station#3\n"
    );
    bridge.taken(&item("Octo/Station#1")).unwrap();
    let completion = json!({"item_id": "octo/station#3", "evidence": "48 passed, 0 failed"});
    bridge.save_completion(&item("octo/station#3"), &completion).unwrap();
    assert_eq!(read(folder.path(), "handoffs/pending_builder-1.txt"), "octo/station#2\n");
    assert_eq!(json_of(folder.path(), "handoffs/octo-station-3_completion.json"), completion);
}

#[test]
fn a_file_that_is_something_else_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (bridge, task) = (bridge(folder.path()), item("a/b-c#1"));
    let handoffs = folder.path().join("bridge/handoffs");
    fs::create_dir_all(&handoffs).unwrap();
    let others = [
        ("a-b-c-1_handoff.json", r#"{"item_id":"a-b/c#1"}"#),
        ("a-b-c-1_progress.json", r#"{"not":"a list"}"#),
        ("a-b-c-1_completion.json", "no JSON at all"),
        ("pending_builder-1.txt", "buy milk\n"),
    ];
    for (name, text) in others {
        fs::write(handoffs.join(name), text).unwrap();
    }
    let same = json!({"item_id": "a/b-c#1"});
    let refusals = [
        bridge.save_handoff(&task, &same).unwrap_err(),
        bridge.add_progress(&task, json!({})).unwrap_err(),
        bridge.save_completion(&task, &same).unwrap_err(),
        bridge.save_pending(&[]).unwrap_err(),
    ];
    for (refusal, (name, text)) in refusals.iter().zip(others) {
        let refusal = format!("{refusal:#}");
        assert!(refusal.contains(name) && refusal.contains("left as it is"), "{refusal}");
        assert_eq!(fs::read_to_string(handoffs.join(name)).unwrap(), text);
    }
}

#[test]
fn a_fence_is_remembered_until_the_task_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let (bridge, task) = (bridge(folder.path()), item("octo/station#12"));
    let held = |fence: i64, until: &str| Held::of(&json!({"lease": "l", "fence": fence, "until": until})).unwrap();
    assert_eq!(bridge.fence(&task).unwrap(), None);
    bridge.keep(&task, held(3, "10:00")).unwrap();
    assert_eq!(bridge.fence(&item("Octo/Station#12")).unwrap(), Some(3));
    // Somebody else claimed it with the same id: their fence is not ours to use.
    bridge.extend(&[(task.clone(), held(5, "12:00"))]).unwrap();
    assert_eq!(bridge.fence(&task).unwrap(), Some(3));
    bridge.extend(&[(task.clone(), held(3, "11:00"))]).unwrap();
    assert_eq!(json_of(folder.path(), "workspace/builder-1/leases.json")["octo/station#12"]["until"], "11:00");
    bridge.forget(&task).unwrap();
    assert_eq!(bridge.fence(&task).unwrap(), None);
}

#[test]
fn commands_that_run_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for number in 1..=20 {
            let bridge = bridge(folder.path());
            scope.spawn(move || {
                let task = item(&format!("octo/station#{number}"));
                bridge.keep(&task, Held::of(&json!({"fence": number})).unwrap()).unwrap();
                bridge.add_progress(&item("octo/station#1"), json!({"percent": number})).unwrap();
            });
        }
    });
    let leases = json_of(folder.path(), "workspace/builder-1/leases.json");
    assert_eq!(leases.as_object().unwrap().len(), 20);
    assert_eq!(json_of(folder.path(), "handoffs/octo-station-1_progress.json").as_array().unwrap().len(), 20);
}
