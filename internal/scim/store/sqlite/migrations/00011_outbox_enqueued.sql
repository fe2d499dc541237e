-- +goose Up
-- Since when an event waits: since it was put into the outbox, or sent again by hand. NULL in rows of an earlier release,
-- which may still run beside this one: they wait since their change.
ALTER TABLE outbox ADD COLUMN enqueued_ms INTEGER;
