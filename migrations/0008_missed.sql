-- What did not come, and what every repository looked like when it was last swept.

-- Webhooks that GitHub's log of deliveries names and the inbox does not have. `state` is missing, asked, came or given_up;
-- `attempt_id` is GitHub's id of the newest attempt that was seen, under which it is asked for again.
CREATE TABLE missed_deliveries (
    guid         TEXT   NOT NULL PRIMARY KEY,
    attempt_id   BIGINT NOT NULL,
    event        TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    delivered_ms BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    asks         BIGINT NOT NULL DEFAULT 0,
    asked_ms     BIGINT,
    noted_ms     BIGINT NOT NULL
);
CREATE INDEX missed_by_state ON missed_deliveries (state, delivered_ms);

-- What was newest in a repository when it was last swept, as GitHub's lists said it: while they say the same, nothing
-- has to be read. Empty where it cannot be told from what may still follow in the same second.
CREATE TABLE sweeps (
    repository_id BIGINT NOT NULL PRIMARY KEY,
    newest        TEXT   NOT NULL,
    pushed        TEXT   NOT NULL,
    looked_ms     BIGINT NOT NULL
);
