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
-- What pages show and find of pull requests: JSON for one page, and columns for lists and charts. `waits_on` is the kind
-- of whom the first blocker waits on, `nobody` where there is none; it is empty until the pull is looked at again.
ALTER TABLE pulls ADD COLUMN shown TEXT;
ALTER TABLE pulls ADD COLUMN waits_on TEXT NOT NULL DEFAULT '';
ALTER TABLE pulls ADD COLUMN blockers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pulls ADD COLUMN opened_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pulls ADD COLUMN ended_ms BIGINT;
UPDATE pulls SET opened_ms = created_ms, ended_ms = CASE WHEN state = 'open' THEN NULL ELSE updated_ms END;
CREATE INDEX pulls_by_end ON pulls (state, ended_ms, repository_id, opened_ms);
CREATE INDEX pulls_by_state_and_update ON pulls (state, updated_ms);

-- The checks of the commit that a queue's batch is tested on, as JSON.
ALTER TABLE queues ADD COLUMN checks TEXT NOT NULL DEFAULT '[]';

-- Each time that somebody had to answer a task within, and what came of it.
CREATE TABLE responses (
    repository_id BIGINT NOT NULL,
    number        BIGINT NOT NULL,
    clock         TEXT   NOT NULL,
    began_ms      BIGINT NOT NULL,
    due_ms        BIGINT NOT NULL,
    priority      TEXT   NOT NULL,
    answered_ms   BIGINT,
    breached_ms   BIGINT,
    PRIMARY KEY (repository_id, number, clock, began_ms)
);
CREATE INDEX responses_by_due ON responses (due_ms);
CREATE INDEX deployments_by_beginning ON deployments (began_ms);
CREATE INDEX check_history_by_check ON check_history (repository_id, name, app, sha, ended_ms, conclusion, seen_ms);
-- What the inbox and the outbox are filtered by.
CREATE INDEX deliveries_by_event ON deliveries (event, id);
CREATE INDEX outbox_by_kind ON outbox (kind, id);

-- Whose eyes a line of the audit is for: readers of the repository, or without one those who look into the server itself.
ALTER TABLE audit ADD COLUMN repository_id BIGINT;
UPDATE audit SET repository_id = (SELECT s.repository_id FROM subjects s WHERE s.key = audit.subject) WHERE subject IS NOT NULL;
-- All that the audit is filtered by, so that what does not fit is passed by without reading what the line saw.
CREATE INDEX audit_listed ON audit (id, repository_id, actor, kind, door);
