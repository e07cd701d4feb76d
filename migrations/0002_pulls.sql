-- Pull requests: what is known of each, and our review of each of its heads.

-- `record` is the whole of it as JSON; the columns are what others look for, and what performing an action teaches.
-- `idle` is 1 while only something that people do to the pull itself can change what is decided about it.
-- `looks_at_base` is 1 while a push to its base can.
CREATE TABLE pulls (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    title         TEXT   NOT NULL,
    author        TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    head          TEXT   NOT NULL,
    head_branch   TEXT   NOT NULL,
    base          TEXT   NOT NULL,
    record        TEXT   NOT NULL,
    explanation   TEXT   NOT NULL,
    card          BIGINT,
    refusal       TEXT,
    idle          BIGINT NOT NULL DEFAULT 0,
    looks_at_base BIGINT NOT NULL DEFAULT 0,
    listed_ms     BIGINT NOT NULL DEFAULT 0,
    created_ms    BIGINT NOT NULL,
    updated_ms    BIGINT NOT NULL,
    PRIMARY KEY (repository_id, number)
);
CREATE INDEX pulls_by_head ON pulls (repository_id, head);
CREATE INDEX pulls_by_state ON pulls (state, repository_id, base);

-- One row for each head that was reviewed, by the rules that it was reviewed by.
CREATE TABLE head_reviews (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    head          TEXT   NOT NULL,
    rules         TEXT   NOT NULL,
    approved      BIGINT NOT NULL,
    review        TEXT   NOT NULL,
    at_ms         BIGINT NOT NULL,
    PRIMARY KEY (repository_id, number, head, rules)
);

-- When we first heard of a repository: what people wrote before that was not meant for us.
ALTER TABLE repositories ADD COLUMN known_ms BIGINT NOT NULL DEFAULT 0;
UPDATE repositories SET known_ms = swept_ms;
