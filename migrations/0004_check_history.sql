-- What is remembered of the checks of each commit, so that a report can say what is flaky and what is new.

-- One row for each run that ended. A check run that an App begins anew under its old id ends at another time, and is
-- another row. `run` is 0 for a commit status. `annotations` is JSON, at most 20 of them.
CREATE TABLE check_history (
    repository_id BIGINT NOT NULL,
    sha           TEXT   NOT NULL,
    app           TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    run           BIGINT NOT NULL,
    ended_ms      BIGINT NOT NULL,
    conclusion    TEXT   NOT NULL,
    started_ms    BIGINT,
    completed_ms  BIGINT,
    url           TEXT,
    annotations   TEXT   NOT NULL,
    seen_ms       BIGINT NOT NULL,
    PRIMARY KEY (repository_id, sha, app, name, run, ended_ms)
);
CREATE INDEX check_history_by_age ON check_history (seen_ms);

-- What the checks of a commit told of coverage, in hundredths of a percent.
CREATE TABLE check_coverage (
    repository_id BIGINT NOT NULL,
    sha           TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    hundredths    BIGINT NOT NULL,
    seen_ms       BIGINT NOT NULL,
    PRIMARY KEY (repository_id, sha, name)
);
CREATE INDEX check_coverage_by_age ON check_coverage (seen_ms);
