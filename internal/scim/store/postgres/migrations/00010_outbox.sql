-- +goose Up
-- The sequence up to which changes were put into the outbox.
CREATE TABLE outbox_cursor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    sequence bigint  NOT NULL
);

INSERT INTO outbox_cursor (sequence) VALUES (0);

-- What waits to be told to the app, and the dead letters. The details of a change are in changes.
CREATE TABLE outbox (
    sequence           bigint   PRIMARY KEY,
    event              text     NOT NULL,
    resource_type      text     NOT NULL,
    resource_id        text     COLLATE "C" NOT NULL,
    urgent             smallint NOT NULL,
    at_ms              bigint   NOT NULL,
    previous_user_name text     NOT NULL,
    attempts           integer  NOT NULL DEFAULT 0,
    not_before_ms      bigint   NOT NULL DEFAULT 0,
    dead_ms            bigint,
    last_error         text     NOT NULL DEFAULT ''
);

CREATE INDEX outbox_resource ON outbox (resource_id, sequence);
CREATE INDEX outbox_waiting ON outbox (urgent DESC, not_before_ms, sequence) WHERE dead_ms IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_ms) WHERE dead_ms IS NOT NULL;
