-- Releases and deployments: what was released, what runs where, and what their decisions are still to be told.

-- What a subject is told by actions that ended, by other decisions and by people. Its next decision reads all of it and
-- deletes what it has read.
CREATE TABLE reports (
    id      BIGINT NOT NULL PRIMARY KEY,
    subject TEXT   NOT NULL,
    report  TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL
);
CREATE INDEX reports_by_subject ON reports (subject, id);

-- One record for each repository that releases, written by its releases' decisions alone. `branch` is the release branch
-- as it was last looked at, by which a push finds it.
CREATE TABLE release_lines (
    repository_id BIGINT NOT NULL PRIMARY KEY,
    branch        TEXT,
    record        TEXT   NOT NULL,
    updated_ms    BIGINT NOT NULL
);

-- Every release of ours. `authors` and `pulls` are JSON lists; `issue` is where it is followed and approved.
CREATE TABLE releases (
    repository_id BIGINT NOT NULL,
    tag           TEXT   NOT NULL,
    sha           TEXT   NOT NULL,
    url           TEXT   NOT NULL,
    prerelease    BIGINT NOT NULL,
    authors       TEXT   NOT NULL,
    pulls         TEXT   NOT NULL,
    issue         BIGINT,
    at_ms         BIGINT NOT NULL,
    PRIMARY KEY (repository_id, tag)
);
CREATE INDEX releases_by_issue ON releases (repository_id, issue);

-- What is known of the issue on which a release is followed: its card, and the commands that were run there.
CREATE TABLE release_issues (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    tag           TEXT   NOT NULL,
    card          BIGINT,
    card_digest   TEXT,
    commands_seen TEXT   NOT NULL,
    PRIMARY KEY (repository_id, number)
);

-- One record for each environment, written by its decisions alone.
CREATE TABLE environments (
    repository_id BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    record        TEXT   NOT NULL,
    updated_ms    BIGINT NOT NULL,
    PRIMARY KEY (repository_id, name)
);

-- Every deployment of ours. `outcome` is null while one is under way.
CREATE TABLE deployments (
    repository_id BIGINT NOT NULL,
    environment   TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    tag           TEXT   NOT NULL,
    sha           TEXT   NOT NULL,
    rollback_from TEXT,
    asked_by      TEXT,
    approved_by   TEXT,
    github_id     BIGINT,
    began_ms      BIGINT NOT NULL,
    ended_ms      BIGINT,
    outcome       TEXT,
    note          TEXT   NOT NULL,
    errors        BIGINT NOT NULL,
    PRIMARY KEY (repository_id, environment, number)
);
CREATE INDEX deployments_by_time ON deployments (repository_id, began_ms);
