//! Examples below the help of every command that has none of its own.

use clap::Command;

/// A command's words, and lines that somebody would type.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "",
        "stationmaster demo --once                          # see what it does, without GitHub
  stationmaster serve                                # with GITHUB_APP_ID and so on in the environment
  stationmaster why octo/station#12                  # why a pull request is not merged
  stationmaster help worker claim                    # or stationmaster worker claim --help",
    ),
    (
        "serve",
        "stationmaster serve
  stationmaster serve --host 0.0.0.0 --port 8080 --log-format json
  stationmaster serve --database-url postgres://stationmaster@db/stationmaster",
    ),
    (
        "demo",
        "stationmaster demo                                 # the story, then look around; Ctrl-C ends it
  stationmaster demo --once                          # the story alone; exit status 1 when a step failed",
    ),
    (
        "rules",
        "stationmaster rules check
  stationmaster rules test rules/tests/routing.toml
  stationmaster rules backtest --repo octo/station --last 50",
    ),
    (
        "rules check",
        "stationmaster rules check                          # the server's rules
  stationmaster rules check .github/stationmaster.toml
  stationmaster rules check rules rules/tests/routing.toml --format plain",
    ),
    (
        "rules learn",
        "stationmaster rules learn --repo octo/station             # what history suggests, and why
  stationmaster rules learn --repo octo/station --pull      # opens a pull request that people approve",
    ),
    ("rules test", "stationmaster rules test rules/tests/routing.toml --rules rules"),
    (
        "rules backtest",
        "stationmaster rules backtest --repo octo/station --last 100
  stationmaster rules backtest --repo octo/station --json | jq -r .routed | sort | uniq -c
  stationmaster rules backtest --repo octo/station --last 500 --export issues.json
  stationmaster rules backtest --from issues.json --rules rules --policy .github/stationmaster.toml",
    ),
    ("policy", "stationmaster policy backtest --repo octo/station --policy .github/stationmaster.toml"),
    (
        "policy backtest",
        "stationmaster policy backtest --repo octo/station --last 200
  stationmaster policy backtest --repo octo/station --policy .github/stationmaster.toml --export pulls.json
  stationmaster policy backtest --from pulls.json --policy other.toml --json | jq -r .verdict | sort | uniq -c",
    ),
    (
        "replay",
        "stationmaster replay                               # the last day, as it is done by night
  stationmaster replay --since 7d --rules rules      # what other rules would have decided",
    ),
    (
        "router",
        "stationmaster router classify \"Deploy v2.0 to production\"
  stationmaster router send \"Deploy v2.0\" --repo octo/station",
    ),
    (
        "router classify",
        "stationmaster router classify \"Deploy v2.0 to production\"
  stationmaster router classify \"It is slow\" --body \"since the last release\" --repo octo/station | jq .task_type",
    ),
    ("router route", "stationmaster router route \"Deploy v2.0 to production\""),
    (
        "router send",
        "stationmaster router send \"Deploy v2.0 to production\"
  stationmaster router send \"Fix the signal\" --body \"It shows caution all day.\" --repo octo/station",
    ),
    ("router stats", "stationmaster router stats | jq .by_type"),
    (
        "pr",
        "stationmaster pr review octo/station#12 --dry-run
  stationmaster pr sweep
  stationmaster pr status",
    ),
    (
        "pr review",
        "stationmaster pr review octo/station#12             # publishes the review, and merges what nothing blocks
  stationmaster pr review octo/station#12 --dry-run --json",
    ),
    ("pr sweep", "stationmaster pr sweep"),
    (
        "pr flaky",
        "stationmaster pr flaky --repo octo/station
  stationmaster pr flaky --repo octo/station --json | jq -r .name",
    ),
    ("pr status", "stationmaster pr status | jq .approval_rate"),
    (
        "deploy",
        "stationmaster deploy run --env qa --tag v1.2.0
  stationmaster deploy approve --env prod
  stationmaster deploy status",
    ),
    (
        "deploy run",
        "stationmaster deploy run --env qa                   # the newest version
  stationmaster deploy run --repo octo/station --env prod --tag v1.2.0 --wait
  stationmaster deploy run --env prod --tag v1.2.1 --override \"the fix for the outage\"",
    ),
    ("deploy status", "stationmaster deploy status --repo octo/station"),
    (
        "deploy test",
        "stationmaster deploy test --workflow ci.yml --ref dev
  stationmaster deploy test --workflow smoke.yml --timeout-min 10",
    ),
    ("deploy rollback", "stationmaster deploy rollback --env prod --why \"orders are lost\" --wait"),
    (
        "deploy history",
        "stationmaster deploy history --env prod --limit 20
  stationmaster deploy history --json | jq -r .outcome",
    ),
    (
        "deploy approve",
        "stationmaster deploy approve                        # what waits, where only one thing does
  stationmaster deploy approve --env prod --tag v1.2.0 --wait",
    ),
    ("deploy reject", "stationmaster deploy reject --env prod --why \"the numbers in qa are bad\""),
    (
        "deploy freeze",
        "stationmaster deploy freeze --env prod --until 2h --why \"the fair\"
  stationmaster deploy freeze --env prod --until 2026-12-24T18:00 --why \"holidays\"",
    ),
    ("deploy unfreeze", "stationmaster deploy unfreeze --env prod"),
    (
        "release",
        "stationmaster release status --repo octo/station
  stationmaster release list --json",
    ),
    (
        "release status",
        "stationmaster release status --repo octo/station
  stationmaster release status --json | jq -r '.blockers[]'",
    ),
    (
        "release list",
        "stationmaster release list
  stationmaster release list --repo octo/station --json | head -1",
    ),
    (
        "why",
        "stationmaster why octo/station#12                   # a pull request or an issue
  stationmaster why octo/station                      # why nothing is released
  stationmaster why octo/station@prod                 # why nothing is deployed there
  stationmaster why octo/station#12 --replay          # decide again, and show what is otherwise",
    ),
    (
        "scan",
        "stationmaster scan .                                # files that git does not ignore
  git diff main | stationmaster scan --diff -
  stationmaster scan . --format sarif > secrets.sarif",
    ),
    ("worker get", "stationmaster worker get octo/station#12 --save | jq -r .branch"),
    ("worker notes", "stationmaster worker notes octo/station#12 \"The relay is behind the second panel\""),
    ("worker unblock", "stationmaster worker unblock octo/station#12"),
    ("worker ack", "stationmaster worker ack octo/station#12"),
    ("worker check", "stationmaster worker check --repo octo/station"),
    ("worker fail", "stationmaster worker fail octo/station#12 \"The signal box is gone\""),
    (
        "worker request-approval",
        "stationmaster worker request-approval octo/station#12 \"The line must be closed for an hour\"",
    ),
    ("worker release", "stationmaster worker release octo/station#12 \"Out of office\""),
    (
        "mcp",
        "stationmaster mcp                                  # run by an agent's client; docs/agents.md has its line",
    ),
    ("orchestrate progress", "stationmaster orchestrate progress octo/station#7 --json | jq .percent"),
    ("orchestrate discoveries", "stationmaster orchestrate discoveries octo/station#7"),
    (
        "orchestrate complete",
        "stationmaster orchestrate complete octo/station#7
  stationmaster orchestrate complete octo/station#7 \"https://github.com/octo/station/pull/31\"",
    ),
    (
        "orchestrate subtask",
        "stationmaster orchestrate subtask octo/station#12 \"Wire the lamp\" -r \"It is lit at night\"",
    ),
    ("orchestrate depends", "stationmaster orchestrate depends octo/station#12 \"#7\""),
    ("orchestrate approve", "stationmaster orchestrate approve octo/station#12"),
    ("orchestrate reject", "stationmaster orchestrate reject octo/station#12 \"Too dangerous before the fair\""),
    (
        "orchestrate request-changes",
        "stationmaster orchestrate request-changes octo/station#12 \"The counts of the tests are missing\"",
    ),
    ("orchestrate accept-discovery", "stationmaster orchestrate accept-discovery octo/station#12 D1"),
    ("orchestrate route", "stationmaster orchestrate route octo/station#12 bug"),
    ("orchestrate priority", "stationmaster orchestrate priority octo/station#12 high"),
    ("orchestrate risk", "stationmaster orchestrate risk octo/station#12 low"),
    ("orchestrate urgent", "stationmaster orchestrate urgent octo/station#12"),
    ("orchestrate escalate", "stationmaster orchestrate escalate octo/station#12 \"Nobody has answered since noon\""),
    ("orchestrate retry", "stationmaster orchestrate retry octo/station#12"),
    (
        "orchestrate defer",
        "stationmaster orchestrate defer octo/station#12 --until 2027-01-15
  stationmaster orchestrate defer octo/station#12         # until it is tried again",
    ),
    ("orchestrate cancel", "stationmaster orchestrate cancel octo/station#12 \"The line is closed for good\""),
    (
        "msg",
        "stationmaster msg task \"Fix the signal\" --priority high
  stationmaster msg status --wait
  stationmaster msg poll --since 2h",
    ),
    ("msg task", "stationmaster msg task \"Fix the signal\" --priority high --repo octo/station"),
    ("msg status", "stationmaster msg status --wait --timeout-s 60"),
    (
        "msg send",
        "stationmaster msg send \"BLOCKED: Task octo/station#12 blocked by #7\"
  stationmaster msg send \"The yard is open again\" --from builder-1",
    ),
    (
        "msg poll",
        "stationmaster msg poll --since 2h
  stationmaster msg poll --since all --json | jq -r .text",
    ),
    (
        "inbox",
        "stationmaster inbox list --state dead
  stationmaster inbox replay --dead",
    ),
    (
        "inbox list",
        "stationmaster inbox list --state dead
  stationmaster inbox list --limit 10 --json | jq -r .event",
    ),
    ("inbox show", "stationmaster inbox show 72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    (
        "inbox replay",
        "stationmaster inbox replay 72d3162e-cc78-11e3-81ab-4c9367dc0958
  stationmaster inbox replay --dead                      # all that could not be understood",
    ),
    (
        "outbox",
        "stationmaster outbox list --state dead
  stationmaster outbox list --limit 10",
    ),
    (
        "outbox list",
        "stationmaster outbox list --state dead
  stationmaster outbox list --limit 10 --json | jq -r .kind",
    ),
    ("outbox show", "stationmaster outbox show issue/7/12/4/labels"),
    ("outbox replay", "stationmaster outbox replay issue/7/12/4/labels"),
    (
        "token",
        "stationmaster token create --name builder --scope worker:builder-1
  stationmaster token list",
    ),
    ("token list", "stationmaster token list"),
    ("token revoke", "stationmaster token revoke 3"),
    (
        "backup",
        "stationmaster backup /var/backups/stationmaster.db --force
  stationmaster backup \"stationmaster-$(date +%F).db\"     # while the server runs",
    ),
    ("restore", "stationmaster restore /var/backups/stationmaster.db    # once the server is stopped"),
    ("migrate", "stationmaster migrate copy --to postgres://stationmaster@db/stationmaster"),
    (
        "migrate copy",
        "stationmaster migrate copy --to postgres://stationmaster@db/stationmaster   # once the server is stopped
  stationmaster migrate copy --from postgres://stationmaster@db/stationmaster --to sqlite://stationmaster.db",
    ),
    (
        "completions",
        "stationmaster completions bash > /etc/bash_completion.d/stationmaster
  stationmaster completions zsh > \"${fpath[1]}/_stationmaster\"
  stationmaster completions fish > ~/.config/fish/completions/stationmaster.fish",
    ),
    (
        "healthcheck",
        "stationmaster healthcheck                              # exit status 0 when the server lives
  stationmaster healthcheck --port 8080",
    ),
];

/// The same command, in which every one that says no examples has those of the table.
pub(super) fn with_examples(command: Command) -> Command {
    below(command, "")
}

fn below(mut command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let inner = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(name, |sub| below(sub, &inner));
    }
    let own = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let Some((_, lines)) = EXAMPLES.iter().find(|(words, _)| *words == path) else { return command };
    if own.contains("Example") {
        return command;
    }
    let title = if lines.contains('\n') { "Examples" } else { "Example" };
    let own = if own.is_empty() { own } else { format!("{own}\n\n") };
    command.after_help(format!("{own}{title}:\n  {lines}"))
}
