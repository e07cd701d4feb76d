-- What a decision was made of beside what it saw, and what it planned, as JSON: enough to make it again. Lines from
-- before, and those that nothing was looked at for, have none.
ALTER TABLE audit ADD COLUMN replay TEXT;
