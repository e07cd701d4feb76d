-- What waits for an installation's pace, in the order in which it falls due: after a long pause it is thousands.
CREATE INDEX outbox_paced ON outbox (pace, due_ms, id) WHERE state = 'pending' AND pace IS NOT NULL;
