-- People who look at the pages: who is signed in, and who is on their way through GitHub's sign-in.

-- Of what the browser holds only a hash is kept, so that whoever reads the database can be nobody.
CREATE TABLE sessions (
    hash       TEXT   NOT NULL PRIMARY KEY,
    -- Either of the two: who they are on GitHub, or the id of the token that they gave (`operator`: the setting's).
    login      TEXT,
    token      TEXT,
    created_ms BIGINT NOT NULL,
    seen_ms    BIGINT NOT NULL,
    ends_ms    BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (ends_ms);

CREATE TABLE sign_ins (
    state_hash TEXT   NOT NULL PRIMARY KEY,
    -- PKCE's secret (RFC 7636), which ends the sign-in that its hash began.
    verifier   TEXT   NOT NULL,
    back_to    TEXT   NOT NULL,
    ends_ms    BIGINT NOT NULL
);
CREATE INDEX sign_ins_by_end ON sign_ins (ends_ms);

-- What pages sort and count by.
CREATE INDEX tasks_by_update ON tasks (updated_ms);
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX deliveries_by_arrival ON deliveries (id);
CREATE INDEX pulls_by_update ON pulls (updated_ms);
CREATE INDEX learnings_by_task ON learnings (repository_id, number);

-- The board: each column in its order, what tasks can be told apart by, and what was opened lately.
CREATE INDEX tasks_on_board ON tasks (state, urgent DESC, priority_rank DESC, created_ms, repository_id, number);
CREATE INDEX tasks_by_end ON tasks (state, updated_ms DESC, repository_id, number);
CREATE INDEX tasks_by_kind ON tasks (repository_id, task_type, role, worker);
CREATE INDEX tasks_by_creation ON tasks (created_ms, repository_id);
-- The kinds of lines in the history of one subject.
CREATE INDEX audit_by_kind ON audit (subject, kind, id);
CREATE INDEX releases_by_time ON releases (repository_id, at_ms DESC, tag DESC);
CREATE INDEX tasks_held ON tasks (worker, repository_id) WHERE worker IS NOT NULL;
