-- +goose Up
-- The sequence up to which changes were put into the outbox.
CREATE TABLE outbox_cursor (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    sequence INTEGER NOT NULL
) STRICT;

INSERT INTO outbox_cursor (only_row, sequence) VALUES (1, 0);

-- What waits to be told to the app, and the dead letters. The details of a change are in changes.
CREATE TABLE outbox (
    sequence           INTEGER PRIMARY KEY,
    event              TEXT    NOT NULL,
    resource_type      TEXT    NOT NULL,
    resource_id        TEXT    NOT NULL,
    urgent             INTEGER NOT NULL,
    at_ms              INTEGER NOT NULL,
    previous_user_name TEXT    NOT NULL,
    attempts           INTEGER NOT NULL DEFAULT 0,
    not_before_ms      INTEGER NOT NULL DEFAULT 0,
    dead_ms            INTEGER,
    last_error         TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX outbox_resource ON outbox (resource_id, sequence);
CREATE INDEX outbox_waiting ON outbox (urgent DESC, not_before_ms, sequence) WHERE dead_ms IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_ms) WHERE dead_ms IS NOT NULL;
