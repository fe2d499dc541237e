-- +goose Up
CREATE TABLE identity (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    store_id TEXT NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;

-- A random UUID of version 4 (RFC 9562), made once: a new one means that the store was lost.
INSERT INTO identity (only_row, store_id, sequence)
WITH random(h) AS (SELECT lower(hex(randomblob(16))))
SELECT 1,
       substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-' ||
       substr('89ab', 1 + instr('0123456789abcdef', substr(h, 17, 1)) % 4, 1) || substr(h, 18, 3) || '-' ||
       substr(h, 21, 12),
       0
FROM random;

-- position orders by creation and is never reused; the *_key columns are folded by the endpoint, not by SQLite.
CREATE TABLE resources (
    position         INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT    NOT NULL UNIQUE,
    type             TEXT    NOT NULL CHECK (type IN ('User', 'Group')),
    version          INTEGER NOT NULL,
    created_ms       INTEGER NOT NULL,
    modified_ms      INTEGER NOT NULL,
    user_name_key    TEXT,
    external_id      TEXT,
    display_name_key TEXT,
    manager_id       TEXT,
    active           INTEGER,
    doc              TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX resources_user_name ON resources (user_name_key) WHERE type = 'User';
CREATE INDEX resources_external_id ON resources (type, external_id);
CREATE INDEX resources_display_name ON resources (type, display_name_key);
CREATE INDEX resources_manager ON resources (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX resources_active ON resources (type, active);
CREATE INDEX resources_type ON resources (type, position);

CREATE TABLE emails (
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    value_key   TEXT NOT NULL,
    PRIMARY KEY (resource_id, value_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX emails_value ON emails (value_key);

CREATE TABLE members (
    group_id  TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_member ON members (member_id);
