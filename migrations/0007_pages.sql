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

-- What pages sort and count by.
CREATE INDEX tasks_by_update ON tasks (updated_ms);
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX deliveries_by_arrival ON deliveries (id);
CREATE INDEX pulls_by_update ON pulls (updated_ms);
CREATE INDEX learnings_by_task ON learnings (repository_id, number);

-- What the inbox and the outbox are filtered by.
CREATE INDEX deliveries_by_event ON deliveries (event, id);
CREATE INDEX outbox_by_kind ON outbox (kind, id);

-- Whose eyes a line of the audit is for: readers of the repository, or without one those who look into the server itself.
ALTER TABLE audit ADD COLUMN repository_id BIGINT;
UPDATE audit SET repository_id = (SELECT s.repository_id FROM subjects s WHERE s.key = audit.subject) WHERE subject IS NOT NULL;
-- All that the audit is filtered by, so that what does not fit is passed by without reading what the line saw.
CREATE INDEX audit_listed ON audit (id, repository_id, actor, kind, door);
