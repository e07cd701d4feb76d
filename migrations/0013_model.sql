-- What an optional model said, and what asking it costs.

-- `about` is the head of a pull request, or what the text of an issue was known by. What is shown is in plain text.
CREATE TABLE advice (
    subject TEXT   NOT NULL,
    about   TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    advice  TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (subject, about)
);
CREATE INDEX advice_by_age ON advice (at_ms);

-- Each day in UTC: tokens that were used or are set aside for a call under way, and how calls ended.
CREATE TABLE model_days (
    day           BIGINT NOT NULL PRIMARY KEY,
    tokens        BIGINT NOT NULL DEFAULT 0,
    calls         BIGINT NOT NULL DEFAULT 0,
    failures      BIGINT NOT NULL DEFAULT 0,
    over_budget   BIGINT NOT NULL DEFAULT 0,
    last_fault    TEXT,
    last_fault_ms BIGINT
);
