-- The spine: what came in, what to look at, what to do, who holds what, and why.
-- Portable between SQLite and PostgreSQL: text, bigint and blobs only, times in milliseconds, booleans as 0/1.

-- What came in, byte for byte. Answered to GitHub only after it is here.
-- `id` orders by arrival: milliseconds since the epoch times 2^20 plus a counter, made by the server.
-- The body is a zstd frame. BYTEA has blob affinity enough on SQLite: a blob is stored as it is given.
CREATE TABLE deliveries (
    guid        TEXT   NOT NULL PRIMARY KEY,
    id          BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    event       TEXT   NOT NULL,
    received_ms BIGINT NOT NULL,
    state       TEXT   NOT NULL DEFAULT 'new',
    note        TEXT,
    body        BYTEA  NOT NULL
);
CREATE INDEX deliveries_by_state ON deliveries (state, id);

-- A subject is a lane: it is decided on by one at a time. `due_ms` is null while there is nothing to look at.
-- `generation` counts marks: a mark that comes while a decision is under way is not lost, because the decision
-- clears `due_ms` only if the generation is still the one it began with.
CREATE TABLE subjects (
    key            TEXT   NOT NULL PRIMARY KEY,
    repository_id  BIGINT NOT NULL,
    first_mark_ms  BIGINT,
    due_ms         BIGINT,
    generation     BIGINT NOT NULL DEFAULT 0,
    decisions      BIGINT NOT NULL DEFAULT 0,
    attempts       BIGINT NOT NULL DEFAULT 0,
    last_error     TEXT,
    lease_owner    TEXT,
    lease_until_ms BIGINT NOT NULL DEFAULT 0,
    fence          BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX subjects_due ON subjects (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX subjects_by_repository ON subjects (repository_id);

-- Which deliveries wait for a look at which subject.
CREATE TABLE marks (
    subject       TEXT   NOT NULL,
    delivery_id   BIGINT NOT NULL,
    delivery_guid TEXT   NOT NULL,
    event         TEXT   NOT NULL,
    PRIMARY KEY (subject, delivery_id)
);
CREATE INDEX marks_by_delivery ON marks (delivery_guid);

-- Effects to perform. A key is performed once. Rows of one lane are performed in the order of their ids.
CREATE TABLE outbox (
    id               BIGINT NOT NULL PRIMARY KEY,
    key              TEXT   NOT NULL UNIQUE,
    subject          TEXT   NOT NULL,
    lane             TEXT   NOT NULL,
    slot             TEXT,
    kind             TEXT   NOT NULL,
    pace             TEXT,
    payload          TEXT   NOT NULL,
    state            TEXT   NOT NULL DEFAULT 'pending',
    created_ms       BIGINT NOT NULL,
    due_ms           BIGINT NOT NULL,
    attempts         BIGINT NOT NULL DEFAULT 0,
    first_attempt_ms BIGINT,
    finished_ms      BIGINT,
    note             TEXT,
    learned          TEXT,
    lease_owner      TEXT,
    lease_until_ms   BIGINT NOT NULL DEFAULT 0,
    fence            BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX outbox_pending ON outbox (due_ms, id) WHERE state = 'pending';
CREATE INDEX outbox_lane ON outbox (lane, state, id);
CREATE INDEX outbox_by_subject ON outbox (subject, id);
CREATE INDEX outbox_pace ON outbox (pace, finished_ms) WHERE pace IS NOT NULL;
-- The hard guard behind the claim: never two of one lane at once.
CREATE UNIQUE INDEX outbox_one_running ON outbox (lane) WHERE state = 'running';

-- Issues under management.
CREATE TABLE tasks (
    repository_id      BIGINT NOT NULL,
    number             BIGINT NOT NULL,
    title              TEXT   NOT NULL,
    state              TEXT   NOT NULL,
    task_type          TEXT   NOT NULL,
    role               TEXT,
    worker             TEXT,
    priority           TEXT   NOT NULL,
    risk               TEXT,
    type_pinned        BIGINT NOT NULL DEFAULT 0,
    priority_pinned    BIGINT NOT NULL DEFAULT 0,
    worker_pinned      BIGINT NOT NULL DEFAULT 0,
    rule               TEXT,
    assignment         TEXT   NOT NULL,
    fence              BIGINT NOT NULL DEFAULT 0,
    projected          TEXT   NOT NULL,
    ours               TEXT   NOT NULL,
    assignees          TEXT   NOT NULL,
    card               BIGINT,
    card_digest        TEXT,
    policy_fingerprint TEXT   NOT NULL,
    created_ms         BIGINT NOT NULL,
    updated_ms         BIGINT NOT NULL,
    PRIMARY KEY (repository_id, number)
);
CREATE INDEX tasks_by_worker ON tasks (worker, state);
CREATE INDEX tasks_by_state ON tasks (state);

-- Counts changes of what a worker holds, so that two decisions cannot fill the same place.
CREATE TABLE worker_loads (
    worker           TEXT   NOT NULL PRIMARY KEY,
    version          BIGINT NOT NULL DEFAULT 0,
    last_assigned_ms BIGINT
);

-- Where the App is installed. `usable` is 0 while the installation is suspended or gone.
CREATE TABLE repositories (
    id              BIGINT NOT NULL PRIMARY KEY,
    name            TEXT   NOT NULL,
    installation_id BIGINT NOT NULL,
    usable          BIGINT NOT NULL DEFAULT 1,
    swept_ms        BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX repositories_by_installation ON repositories (installation_id);
CREATE INDEX repositories_by_name ON repositories (name);

-- Every text that was routed, for `router stats`. `pending` until an issue carries it.
CREATE TABLE routes (
    id         BIGINT NOT NULL PRIMARY KEY,
    subject    TEXT   UNIQUE,
    text       TEXT   NOT NULL,
    task_type  TEXT   NOT NULL,
    role       TEXT,
    rule       TEXT,
    status     TEXT   NOT NULL,
    created_ms BIGINT NOT NULL
);

-- Every decision, with what it saw and why it is as it is. Never pruned.
CREATE TABLE audit (
    id          BIGINT NOT NULL PRIMARY KEY,
    at_ms       BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    subject     TEXT,
    decision    BIGINT,
    kind        TEXT   NOT NULL,
    summary     TEXT   NOT NULL,
    explanation TEXT,
    saw         TEXT,
    deliveries  TEXT
);
CREATE INDEX audit_by_subject ON audit (subject, id);

-- Single facts about the server itself, such as the fingerprint of the rules that were last applied.
CREATE TABLE facts (
    name       TEXT   NOT NULL PRIMARY KEY,
    value      TEXT   NOT NULL,
    updated_ms BIGINT NOT NULL
);
