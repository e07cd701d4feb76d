//! What people write on a task: who may say what, what it does, and what whoever said it gets to see.

use regex::Regex;
use stationmaster::model::{CommentId, Number};
use stationmaster::simulator::github::{CommentView, HoldAt, Permission};

use crate::world::{On, REPOSITORY, World, scenarios, within};

pub const DOCS: &[(&str, &str)] = &[("docs/signals.md", "Red means stop.\n")];

/// Somebody of each permission, and a repository in which nobody is given anything unless a person says so: rita reads,
/// tess triages, bert and alice write, mia maintains.
pub async fn set_up(world: &World) {
    set_up_with(world, "[assignment]\nstrategy = \"manual\"\n").await;
}

pub async fn set_up_with(world: &World, policy: &str) {
    people(world);
    world.set_policy(policy).await;
}

pub fn people(world: &World) {
    for (login, permission) in [
        ("rita", Permission::Read),
        ("tess", Permission::Triage),
        ("bert", Permission::Write),
        ("wendy", Permission::Write),
        ("mia", Permission::Maintain),
    ] {
        world.permission(login, permission);
    }
}

/// Whether the issue has every one of these labels.
pub fn has(world: &World, issue: i64, wanted: &[&str]) {
    let labels = world.issue(issue).labels;
    for label in wanted {
        assert!(labels.iter().any(|known| known == label), "issue {issue} is not {label}: {labels:?}");
    }
}

pub fn lacks(world: &World, issue: i64, unwanted: &str) {
    let labels = world.issue(issue).labels;
    assert!(!labels.iter().any(|known| known.starts_with(unwanted)), "issue {issue} is {unwanted}: {labels:?}");
}

pub fn card_says(world: &World, issue: i64, words: &str) {
    let card = world.card(issue);
    assert!(card.contains(words), "the card of {issue} does not say {words:?}:\n{card}");
}

/// Somebody writes what is done.
pub async fn does(world: &World, issue: i64, login: &str, text: &str) -> CommentId {
    let comment = world.comment_as(issue, login, text).await;
    let reactions = world.reactions_to(issue, comment);
    assert_eq!(reactions, ["eyes", "rocket"], "{text}: {:#?}", world.issue(issue).comments);
    comment
}

/// Somebody writes what is refused, and is told why.
pub async fn is_refused(world: &World, issue: i64, (login, text): (&str, &str), why: &str) -> CommentId {
    let comment = world.comment_as(issue, login, text).await;
    let reactions = world.reactions_to(issue, comment);
    assert_eq!(reactions, ["eyes", "confused"], "{text}: {:#?}", world.issue(issue).comments);
    // A long line is cut where it is quoted.
    let line = text.lines().next().unwrap().replace('`', " ");
    let quoted = match line.get(..60) {
        Some(beginning) => format!("- @{login} `{beginning}"),
        None => format!("- @{login} `{line}`: "),
    };
    world.expect_comment(issue, &quoted);
    let said = answers(world, issue);
    let told = said.iter().flat_map(|comment| comment.body.lines()).find(|told| told.starts_with(&quoted)).unwrap();
    assert!(told.contains(why), "{text} should be told {why:?}: {told}");
    comment
}

/// What we have written beside the card.
pub fn answers(world: &World, issue: i64) -> Vec<CommentView> {
    world.bot_comments(issue).into_iter().filter(|comment| !comment.body.contains("stationmaster:card")).collect()
}

/// The address at which people see a pull request.
pub async fn page_of_pull(world: &World, issue: i64, pull: i64) -> String {
    let url = world.observed(issue).await.issue.url;
    url.replace(&format!("/issues/{issue}"), &format!("/pull/{pull}"))
}

/// What GitHub itself says that an issue waits for.
pub async fn waits_for(world: &World, issue: i64) -> Vec<i64> {
    world.observed(issue).await.dependencies.into_iter().map(|one| one.number.0).collect()
}

/// Lets the webhook of the newest comment be lost, and the sweep find it.
async fn sweep(world: &World) {
    world.github.drop_all();
    world.settle().await;
    world.clock.advance_ms(301_000);
    world.engine.tick().await.unwrap();
    world.settle().await;
}

scenarios! {
    async fn a_person_takes_a_task_tells_of_it_and_hands_in_a_pull(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        world.expect_labels(issue, &["priority/medium", "role/development", "status/ready", "type/development"]);

        does(world, issue, "bert", "/claim").await;
        let held = ["priority/medium", "role/development", "type/development", "worker/bert"];
        world.expect_labels(issue, &[&held[..], &["status/in-progress"]].concat());
        assert_eq!(world.issue(issue).assignees, ["bert"]);
        card_says(world, issue, "**In progress** with `bert`.");

        does(world, issue, "bert", "/progress 40% the lamp is red").await;
        card_says(world, issue, "| Progress | `40 %` |");
        card_says(world, issue, "**In progress** with `bert`. “the lamp is red”");

        does(world, issue, "bert", "/discover the fuse is old --impact \"it may blow\"").await;
        card_says(world, issue, "**D1** the fuse is old (impact: it may blow), by @\u{200b}bert");

        does(world, issue, "bert", "/blocker the key is missing --needs \"somebody with a key\"").await;
        world.expect_labels(issue, &[&held[..], &["status/blocked"]].concat());
        card_says(world, issue, "**Blocked**: the key is missing. It takes: somebody with a key.");
        is_refused(world, issue, ("rita", "/unblock"), "this takes triage permission, and rita has read").await;
        does(world, issue, "tess", "/unblock").await;
        world.expect_labels(issue, &[&held[..], &["status/in-progress"]].concat());

        let pull = world.open_pull(&format!("task/{issue}-signal"), DOCS).await;
        let page = page_of_pull(world, issue, pull).await;
        does(world, issue, "bert", &format!("/complete {page}")).await;
        world.expect_labels(issue, &[&held[..], &["status/review"]].concat());
        card_says(world, issue, "**In review.** What was handed in does not hold yet: ");

        world.ci_passes(pull).await;
        world.expect_merged(pull).await;
        has(world, issue, &["status/done"]);
        card_says(world, issue, "**Done.**");
        assert_eq!(world.issue(issue).state, "closed");
        assert_eq!(answers(world, issue).len(), 1, "people are not bothered by what goes well");
    }

    async fn what_a_task_is_blocked_by_lets_it_go_on_when_it_is_closed(world: &World) {
        set_up(world).await;
        let other = world.open_issue("Fix the key").await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        does(world, issue, "bert", &format!("/blocker no key --by #{other}")).await;
        has(world, issue, &["status/blocked"]);
        card_says(world, issue, &format!("**Blocked** by octo/station#{other}: no key. `bert` has it; `/unblock` resumes."));
        assert_eq!(waits_for(world, issue).await, [other], "GitHub knows of it");
        does(world, other, "mia", "/complete --override it was never lost").await;
        assert_eq!(world.issue(other).state, "closed");
        has(world, issue, &["status/in-progress", "worker/bert"]);
        card_says(world, issue, &format!("octo/station#{other}, which was in its way, is done"));
    }

    async fn a_task_that_somebody_lets_go_of_is_ready_for_others(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        is_refused(world, issue, ("wendy", "/claim"), "only `bert`, who holds the task, may do this").await;
        is_refused(world, issue, ("wendy", "/progress 10%"), "only `bert`, who holds the task").await;
        does(world, issue, "bert", "/release I am away").await;
        has(world, issue, &["status/ready"]);
        lacks(world, issue, "worker/");
        assert_eq!(world.issue(issue).assignees, [""; 0]);
        does(world, issue, "wendy", "/claim").await;
        has(world, issue, &["status/in-progress", "worker/wendy"]);
        does(world, issue, "wendy", "/fail the signal is gone").await;
        has(world, issue, &["status/failed"]);
        card_says(world, issue, "**Failed**: the signal is gone. `/retry` makes it ready again.");
        assert_eq!(world.issue(issue).state, "open");
        does(world, issue, "tess", "/retry").await;
        has(world, issue, &["status/ready"]);
    }

    async fn bots_and_our_own_comments_run_nothing_and_a_listed_bots_do(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        world.github.add_bot("robot[bot]");
        world.github.set_permission(REPOSITORY, "robot[bot]", Permission::Write).unwrap();
        let comment = world.comment_as(issue, "robot[bot]", "/priority high").await;
        assert_eq!(world.reactions_to(issue, comment), [""; 0]);
        let own = world.github.app_login();
        let ours = world.comment_as(issue, &own, "/priority high\n\nas we would never write").await;
        world.expect_comment(issue, "as we would never write");
        assert_eq!(world.reactions_to(issue, ours), [""; 0]);
        has(world, issue, &["priority/medium"]);

        world.set_policy("[tasks]\nbots = [\"robot\"]\n[assignment]\nstrategy = \"manual\"\n").await;
        has(world, issue, &["priority/medium"]);
        does(world, issue, "robot[bot]", "/priority high").await;
        has(world, issue, &["priority/high"]);
    }

    async fn what_is_not_said_at_the_top_runs_nothing(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        for text in [
            "```\n/cancel\n```", "~~~sh\n/cancel\n~~~", "    /cancel", "see `/cancel` for that", "> /cancel",
            "<!--\n/cancel\n-->", "<details>\n\n/cancel\n\n</details>", "- /cancel", "1. /cancel",
            "[a link\n/cancel\n](https://example.com)", "| a |\n| - |\n| /cancel |", "so /cancel it",
        ] {
            let comment = world.comment_as(issue, "mia", text).await;
            assert_eq!(world.reactions_to(issue, comment), [""; 0], "{text}");
        }
        assert_eq!(world.issue(issue).state, "open");
        assert_eq!(answers(world, issue).len(), 0);

        is_refused(world, issue, ("mia", "`/cancel`"), "without them it is: /cancel").await;
        assert_eq!(world.issue(issue).state, "open");
        world.comment_as(issue, "mia", "`/etc/hosts`").await;
        assert_eq!(answers(world, issue).len(), 1, "one hint");
    }

    async fn a_maintainers_edit_of_anothers_comment_runs_with_the_maintainers_authority(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/risk high").await;
        has(world, issue, &["status/waiting-approval"]);
        let comment = world.comment_as(issue, "rita", "This is fine.").await;
        world.clock.advance_ms(60_000);
        world.edit_comment(comment, "mia", "This is fine.\n\n/approve").await;
        assert_eq!(world.reactions_to(issue, comment), ["eyes", "rocket"]);
        has(world, issue, &["status/ready", "risk/high"]);
        card_says(world, issue, "@\u{200b}mia approved it");
    }

    async fn whoever_edits_into_anothers_comment_what_they_may_not_do_is_refused(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/risk high").await;
        let comment = world.comment_as(issue, "mia", "This is fine.").await;
        world.clock.advance_ms(60_000);
        // Alice opened the issue, and puts these words into mia's mouth.
        world.edit_comment(comment, "alice", "/approve").await;
        assert_eq!(world.reactions_to(issue, comment), ["eyes", "confused"]);
        world.expect_comment(issue, "nobody approves their own work");
        has(world, issue, &["status/waiting-approval"]);
    }

    async fn an_edit_of_ones_own_comment_runs_only_what_is_new(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let comment = does(world, issue, "tess", "/escalate nobody cares").await;
        let escalated = || world.told().iter().filter(|title| title.contains("was escalated")).count();
        assert_eq!(escalated(), 1);
        world.clock.advance_ms(60_000);
        world.edit_comment(comment, "tess", "Please!\n\n/escalate nobody cares\n\n/priority high").await;
        assert_eq!(escalated(), 1, "what stood there before is not run again");
        has(world, issue, &["priority/high", "escalated"]);
        assert_eq!(answers(world, issue).len(), 0);
        world.clock.advance_ms(60_000);
        world.edit_comment(comment, "tess", "Never mind.").await;
        has(world, issue, &["priority/high"]);
    }

    async fn a_doubled_delivery_runs_a_comment_once(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "bert", "/claim").await;
        world.github.comment(REPOSITORY, "bert", Number(issue), "/discover the fuse is old").unwrap();
        world.github.duplicate_next();
        world.github.duplicate_next();
        world.github.deliver_next_with_new_guid().await;
        world.settle().await;
        card_says(world, issue, "**D1** the fuse is old");
        assert!(!world.card(issue).contains("**D2**"), "{}", world.card(issue));
    }

    async fn a_comment_whose_webhook_was_lost_is_run_by_the_sweep(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let comment = world.github.comment(REPOSITORY, "bert", Number(issue), "/claim").unwrap();
        sweep(world).await;
        has(world, issue, &["status/in-progress", "worker/bert"]);
        assert_eq!(world.reactions_to(issue, comment), ["eyes", "rocket"]);
        sweep(world).await;
        assert_eq!(answers(world, issue).len(), 0, "the next sweep runs nothing again");
    }

    async fn ten_commands_of_a_comment_run_and_the_others_are_named(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let lines: Vec<String> = (1..=11).map(|n| format!("/discover thing {n}")).collect();
        let comment = world.comment_as(issue, "bert", &format!("/claim\n{}", lines.join("\n"))).await;
        assert_eq!(world.reactions_to(issue, comment), ["eyes", "rocket", "confused"]);
        card_says(world, issue, "**D9** thing 9");
        assert!(!world.card(issue).contains("thing 10"), "{}", world.card(issue));
        world.expect_comment(issue, "`/discover thing 10`: only the first 10 commands of a comment are run");
        world.expect_comment(issue, "nor the 1 below it");
    }

    async fn faults_are_one_comment_that_quotes_each_line_and_says_what_works(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        let lines = [
            ("/clam", "there is no such command; did you mean `/claim`?"),
            ("/progress --percnt 4 well", "`/progress` has no option `--percnt`: it has `--percent`"),
            ("/progress 101% nearly", "`101%` is not a whole number from 0 to 100"),
            ("/learn It rains. --impact 1.5", "`1.5` is not a number from 0 to 1"),
            ("/depends #1", "nothing can wait for itself"),
            ("/assign nobody", "there is no worker \"nobody\"; known are `analyst`, `architect`"),
            ("/priority soon", "`soon` is not one of low, medium, high, critical"),
            ("/defer someday", "`someday` is no time: write `3d`"),
            ("/accept-discovery D9", "there is no discovery D9: nothing was discovered here"),
            ("/route baking", "there is no such type; known are "),
        ];
        let text: Vec<&str> = lines.iter().map(|(line, _)| *line).collect();
        let comment = world.comment_as(issue, "mia", &text.join("\n")).await;
        assert_eq!(world.reactions_to(issue, comment), ["eyes", "confused"]);
        let said = answers(world, issue);
        assert_eq!(said.len(), 1, "{said:#?}");
        for (line, why) in lines {
            let told = said[0].body.lines().find(|told| told.contains(&format!("@mia `{line}`: ")));
            assert!(told.is_some_and(|told| told.contains(why)), "{line} should be told {why:?}: {}", said[0].body);
        }
        world.expect_comment(issue, "this works: `/progress 60% the parser is done`");
        world.expect_labels(issue, &["priority/medium", "role/development", "status/ready", "type/development"]);
        let long = format!("/escalate {}", "x".repeat(4_001));
        is_refused(world, issue, ("mia", &long), "the reason has 4001 characters; at most 4000 fit").await;
        let longest = answers(world, issue).iter().map(|comment| comment.body.len()).max().unwrap();
        assert!(longest < 3_000, "a line that is too long is not quoted whole");
    }

    async fn commands_for_elsewhere_say_where_they_work(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        is_refused(world, issue, ("mia", "/merge"), "`/merge` is for pull requests and does nothing on an issue").await;
        is_refused(world, issue, ("mia", "/deploy qa"), "`/deploy` is for the issue of a release").await;
    }

    async fn help_lists_what_the_asker_may_do(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/help").await;
        does(world, issue, "rita", "/help").await;
        world.expect_comment(issue, "@tess you may write these");
        world.expect_comment(issue, "@rita you may write these");
        let help = |login: &str| {
            let said = answers(world, issue).into_iter().find(|said| said.body.starts_with(&format!("@{login} ")));
            said.expect("nobody was helped").body
        };
        let (tess, rita) = (help("tess"), help("rita"));
        assert!(tess.contains("| `/assign @user\\|worker\\|role\\|auto` |"), "{tess}");
        assert!(tess.contains("| `/claim` |") && !tess.contains("| `/progress"), "{tess}");
        assert!(tess.contains("Your permission is triage."), "{tess}");
        assert!(!rita.contains("| `/assign") && !rita.contains("| `/claim` |"), "{rita}");
        assert!(rita.contains("| `/why` |") && rita.contains("- For triage permission, an orchestrator: `/assign`"), "{rita}");
        assert!(rita.contains("Your permission is read."), "{rita}");
        does(world, issue, "rita", "/help").await;
        assert_eq!(answers(world, issue).len(), 2, "the same answer is not given twice in a minute");
    }

    async fn status_and_why_write_the_card_again_and_nothing_else(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        for line in ["/status", "/why"] {
            let card = world.bot_comments(issue).remove(0);
            let marked = card.body.find("<!-- stationmaster:card").unwrap();
            let end = card.body[marked..].find("-->").unwrap() + marked + 3;
            let scribble = format!("{}\nscribbled over", &card.body[marked..end]);
            world.github.edit_comment(REPOSITORY, "mia", CommentId(card.id), &scribble).unwrap();
            world.settle().await;
            does(world, issue, "rita", line).await;
            card_says(world, issue, "**Ready** for whoever fills the role `development`; nobody has it yet.");
            assert!(!world.card(issue).contains("scribbled"), "{line} writes the card again");
        }
        assert_eq!(world.bot_comments(issue).len(), 1, "no comment beside the card");
    }

    async fn commands_in_the_text_of_an_issue_run_when_it_is_opened(world: &World) {
        set_up(world).await;
        let text = "The lamp is dark.\n\n/priority high\n/assign dev_worker2";
        let issue = world.github.open_issue(REPOSITORY, "alice", "Fix the signal", text).unwrap().0;
        world.settle().await;
        has(world, issue, &["priority/high", "status/assigned", "worker/dev_worker2"]);
        let reactions: Vec<String> = world.issue(issue).reactions.into_iter().map(|(_, content)| content).collect();
        assert_eq!(reactions, ["eyes", "rocket"]);

        world.clock.advance_ms(60_000);
        world.edit_issue_body(issue, "rita", &format!("{text}\n\n/cancel")).await;
        world.expect_comment(issue, "this takes triage permission, and rita has read");
        assert_eq!(world.issue(issue).state, "open");
    }

    async fn while_permissions_cannot_be_read_commands_are_denied_and_told_so(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/risk high").await;
        world.clock.advance_ms(61_000);
        world.permissions_fail(100);
        let comment = world.comment_as(issue, "mia", "/approve").await;
        assert_eq!(world.reactions_to(issue, comment), [""; 0], "a hiccup is waited for");
        for _ in 0..4 {
            world.pass_ms(20_000).await;
        }
        assert_eq!(world.reactions_to(issue, comment), ["eyes", "confused"]);
        world.expect_comment(issue, "it could not be found out what mia has");
        has(world, issue, &["status/waiting-approval"]);
        world.github.clear_faults();
        world.pass_ms(61_000).await;
        has(world, issue, &["status/waiting-approval"]);
        does(world, issue, "mia", "/approve").await;
        has(world, issue, &["status/ready"]);
    }

    async fn a_command_that_comes_while_permissions_cannot_be_read_for_a_moment_is_run(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        world.permissions_fail(1);
        does(world, issue, "tess", "/priority high").await;
        has(world, issue, &["priority/high"]);
    }

    async fn the_same_command_twice_is_said_to_be_so_already(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/priority high").await;
        is_refused(world, issue, ("tess", "/priority high"), "its priority is high already").await;
        does(world, issue, "bert", "/claim").await;
        is_refused(world, issue, ("bert", "/claim"), "`bert` has claimed it already").await;
    }

    async fn a_label_of_ours_that_goes_while_the_issue_is_read_was_put_there_by_nobody(world: &World) {
        set_up(world).await;
        let issue = world.open_issue("Fix the signal").await;
        does(world, issue, "tess", "/assign dev_worker1").await;
        has(world, issue, &["worker/dev_worker1"]);
        let path = |of: &str| Regex::new(&format!("/issues/{issue}{of}$")).unwrap();
        let taking_off = world.github.hold("DELETE", path("/labels/worker.*dev_worker1"), HoldAt::Arrival);

        world.github.comment(REPOSITORY, "tess", Number(issue), "/assign dev_worker2").unwrap();
        world.github.deliver_all().await;
        let assigning = async {
            while world.turn().await > 0 {}
            world.clock.advance_ms(1_000);
            while world.turn().await > 0 {}
        };
        let looking = async {
            taking_off.arrived().await;
            // GitHub's answer still shows the label, and is under way until it was taken off.
            let read = world.github.hold("GET", path(""), HoldAt::Answer);
            world.github.comment(REPOSITORY, "rita", Number(issue), "Thanks.").unwrap();
            world.github.deliver_all().await;
            let decided = async {
                world.engine.intake_step().await.unwrap();
                world.clock.advance_ms(1_000);
                world.engine.decide_step(8).await.unwrap();
            };
            let taken_off = async {
                read.arrived().await;
                taking_off.open();
                while world.task(issue).await.unwrap().ours.iter().any(|label| label.as_str() == "worker/dev_worker1") {
                    tokio::task::yield_now().await;
                }
                read.open();
            };
            tokio::join!(decided, taken_off);
        };
        within("both", Box::pin(async { tokio::join!(assigning, looking) })).await;
        world.settle().await;
        has(world, issue, &["status/assigned", "worker/dev_worker2"]);
        lacks(world, issue, "worker/dev_worker1");
    }
}
