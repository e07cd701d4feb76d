-- The merge queue: what waits for a branch, what is under way there, what came of it, and who was put out.

-- A pull is in one queue at most. Its own decision enters it and takes it out; the branch's decision takes it out
-- when it has landed or is to blame, and writes what is to be shown on it (`place`, `state`).
CREATE TABLE queue_entries (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    base          TEXT   NOT NULL,
    head          TEXT   NOT NULL,
    priority      BIGINT NOT NULL,
    entered_ms    BIGINT NOT NULL,
    title         TEXT   NOT NULL,
    author        TEXT   NOT NULL,
    place         BIGINT,
    state         TEXT,
    PRIMARY KEY (repository_id, number)
);
CREATE INDEX queue_entries_by_base ON queue_entries (repository_id, base);

-- One record for each branch, written by that branch's decisions alone.
CREATE TABLE queues (
    repository_id BIGINT NOT NULL,
    base          TEXT   NOT NULL,
    record        TEXT   NOT NULL,
    updated_ms    BIGINT NOT NULL,
    PRIMARY KEY (repository_id, base)
);

-- What building and landing a batch came to, written when the action ends; the branch's decision reads it.
CREATE TABLE queue_reports (
    id            BIGINT NOT NULL PRIMARY KEY,
    repository_id BIGINT NOT NULL,
    base          TEXT   NOT NULL,
    batch         BIGINT NOT NULL,
    report        TEXT   NOT NULL
);
CREATE INDEX queue_reports_by_batch ON queue_reports (repository_id, base, batch);

-- How a pull's time in the queue ended, until its own decision has taken note of it. `put_out` says why it was taken
-- out, and is null when it landed.
CREATE TABLE queue_ends (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    head          TEXT   NOT NULL,
    put_out       TEXT,
    at_ms         BIGINT NOT NULL,
    PRIMARY KEY (repository_id, number)
);
