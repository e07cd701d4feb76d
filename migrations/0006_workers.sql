-- Workers that register, claims with leases, evidence, clocks, tokens of the API, and what was learned.

-- What is known of the work on a task stands as JSON in `work`; what claims and lists ask for has columns of its own.
ALTER TABLE tasks ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN work TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tasks ADD COLUMN lease_id TEXT;
ALTER TABLE tasks ADD COLUMN lease_until_ms BIGINT NOT NULL DEFAULT 0;
-- When a worker claimed it, until a decision has taken that over into `work`: so a claim stays one statement.
ALTER TABLE tasks ADD COLUMN claimed_ms BIGINT;
ALTER TABLE tasks ADD COLUMN claimable BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN urgent BIGINT NOT NULL DEFAULT 0;
-- 4 critical, 3 high, 2 medium, 1 low: what is claimed first.
ALTER TABLE tasks ADD COLUMN priority_rank BIGINT NOT NULL DEFAULT 0;
-- The number of the issue in the same repository that it is part of.
ALTER TABLE tasks ADD COLUMN parent BIGINT;
-- The handoff package as JSON, without a lease.
ALTER TABLE tasks ADD COLUMN handoff TEXT NOT NULL DEFAULT '';
-- Until now only closing an issue cancelled a task, and opening it again brought it back.
UPDATE tasks SET work = '{"closed":true}' WHERE state = 'cancelled';
CREATE INDEX tasks_to_claim ON tasks (urgent DESC, priority_rank DESC, created_ms, repository_id, number)
    WHERE claimable = 1 AND worker IS NULL;
CREATE INDEX tasks_leased ON tasks (worker) WHERE lease_id IS NOT NULL;
CREATE INDEX tasks_by_parent ON tasks (repository_id, parent) WHERE parent IS NOT NULL;

-- Workers that registered, and people who were given a task.
CREATE TABLE workers (
    id            TEXT   NOT NULL PRIMARY KEY,
    worker        TEXT   NOT NULL,
    said          TEXT   NOT NULL,
    heartbeat_ms  BIGINT,
    registered_ms BIGINT NOT NULL,
    updated_ms    BIGINT NOT NULL,
    registered_by TEXT   NOT NULL
);

CREATE TABLE tokens (
    id           TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    person       TEXT,
    -- SHA-256 of the secret, in hexadecimal; the secret itself is shown once.
    hash         TEXT   NOT NULL UNIQUE,
    created_ms   BIGINT NOT NULL,
    last_used_ms BIGINT,
    revoked_ms   BIGINT
);

-- Calls of the API that named themselves, with what was answered: the same call twice is answered the same.
CREATE TABLE calls (
    caller  TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    digest  TEXT   NOT NULL,
    status  BIGINT NOT NULL,
    answer  TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (caller, name)
);
CREATE INDEX calls_by_age ON calls (at_ms);

CREATE TABLE learnings (
    id            BIGINT NOT NULL PRIMARY KEY,
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    category      TEXT   NOT NULL,
    impact        BIGINT NOT NULL,
    -- All words in lower case, for searching.
    words         TEXT   NOT NULL,
    learning      TEXT   NOT NULL,
    at_ms         BIGINT NOT NULL
);
CREATE INDEX learnings_by_time ON learnings (at_ms);

-- What a worker notes for itself; nobody else reads it.
CREATE TABLE notes (
    id            BIGINT NOT NULL PRIMARY KEY,
    worker        TEXT   NOT NULL,
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    text          TEXT   NOT NULL,
    at_ms         BIGINT NOT NULL
);
CREATE INDEX notes_by_task ON notes (worker, repository_id, number, id);

-- When a task is looked at though nothing happens, and because of which clock.
CREATE TABLE timers (
    subject TEXT   NOT NULL,
    clock   TEXT   NOT NULL,
    due_ms  BIGINT NOT NULL,
    PRIMARY KEY (subject, clock)
);
CREATE INDEX timers_by_due ON timers (due_ms);

-- How tasks ended, for rates and mean times.
CREATE TABLE task_ends (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    ended_ms      BIGINT NOT NULL,
    state         TEXT   NOT NULL,
    worker        TEXT,
    priority      TEXT   NOT NULL,
    task_type     TEXT   NOT NULL,
    created_ms    BIGINT NOT NULL,
    begun_ms      BIGINT,
    error         TEXT,
    PRIMARY KEY (repository_id, number, ended_ms)
);
CREATE INDEX task_ends_by_worker ON task_ends (worker, ended_ms);
CREATE INDEX task_ends_by_time ON task_ends (ended_ms);

-- Times in which a worker was offline.
CREATE TABLE downtimes (
    worker   TEXT   NOT NULL,
    from_ms  BIGINT NOT NULL,
    until_ms BIGINT,
    cause    TEXT   NOT NULL,
    PRIMARY KEY (worker, from_ms)
);

-- What came in over ntfy: nonces that were used.
CREATE TABLE nonces (
    nonce TEXT   NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
CREATE INDEX nonces_by_age ON nonces (at_ms);

-- By which door something was asked.
ALTER TABLE audit ADD COLUMN door TEXT;
CREATE INDEX audit_by_time ON audit (at_ms);

-- Pulls that say by their branch, title or text that they belong to a task of the same repository.
CREATE TABLE task_pulls (
    repository_id BIGINT NOT NULL,
    task          BIGINT NOT NULL,
    pull          BIGINT NOT NULL,
    PRIMARY KEY (repository_id, task, pull)
);
CREATE INDEX task_pulls_by_pull ON task_pulls (repository_id, pull);
