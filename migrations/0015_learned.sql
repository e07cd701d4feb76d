-- What is learned from history: rules that were proposed, and what estimates are made of.

-- One record for each repository, as JSON: the pull request that proposes rules, and those that people turned down by
-- closing one.
CREATE TABLE proposed_rules (
    repository_id BIGINT NOT NULL PRIMARY KEY,
    record        TEXT   NOT NULL,
    updated_ms    BIGINT NOT NULL
);

-- Lines that a pull changes in files that are reviewed; null of pulls that were looked at last before this was kept.
ALTER TABLE pulls ADD COLUMN changed_lines BIGINT;
CREATE INDEX pulls_merged ON pulls (repository_id, state, ended_ms);

-- Who had the task while the answer was waited for.
ALTER TABLE responses ADD COLUMN worker TEXT;
CREATE INDEX responses_by_priority ON responses (repository_id, priority, began_ms);
