-- +goose Up

-- What filters and sorts compare; filled by the next migration for the resources that are there.
ALTER TABLE resources ADD COLUMN search TEXT NOT NULL DEFAULT '{}';

ALTER TABLE identity ADD COLUMN cursor_key BLOB NOT NULL DEFAULT x'';
UPDATE identity SET cursor_key = randomblob(32);

CREATE TABLE changes (
    sequence           INTEGER PRIMARY KEY,
    at_ms              INTEGER NOT NULL,
    event              TEXT    NOT NULL,
    type               TEXT    NOT NULL,
    id                 TEXT    NOT NULL,
    version            INTEGER NOT NULL,
    external_id        TEXT,
    user_name          TEXT,
    previous_user_name TEXT,
    active             INTEGER,
    attributes         TEXT    NOT NULL,
    added              TEXT    NOT NULL,
    removed            TEXT    NOT NULL,
    actor              TEXT    NOT NULL,
    request_id         TEXT    NOT NULL
) STRICT;

CREATE INDEX changes_at ON changes (at_ms);

-- The ids of what was erased, never to be used again.
CREATE TABLE tombstones (
    id    TEXT    PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How many resources of each type there are, so that a page of a list costs the same however long the list is.
CREATE TABLE counts (
    type      TEXT    PRIMARY KEY,
    resources INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counts (type, resources)
SELECT t.type, (SELECT count(*) FROM resources r WHERE r.type = t.type)
FROM (SELECT 'User' AS type UNION ALL SELECT 'Group') t;

-- +goose StatementBegin
CREATE TRIGGER resources_inserted AFTER INSERT ON resources
BEGIN
    UPDATE counts SET resources = resources + 1 WHERE type = NEW.type;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER resources_deleted AFTER DELETE ON resources
BEGIN
    UPDATE counts SET resources = resources - 1 WHERE type = OLD.type;
END;
-- +goose StatementEnd

-- What the planner is to believe: the directory of a large company. It then starts from the most selective index
-- whatever this store holds, and nobody has to run ANALYZE. The numbers are the rows, and how many share a key.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('resources', 'sqlite_autoindex_resources_1', '1000000 1'),
    ('resources', 'resources_user_name', '900000 1'),
    ('resources', 'resources_external_id', '1000000 500000 1'),
    ('resources', 'resources_display_name', '1000000 500000 2'),
    ('resources', 'resources_manager', '900000 10'),
    ('resources', 'resources_active', '1000000 500000 400000'),
    ('resources', 'resources_type', '1000000 500000 1'),
    ('emails', 'emails', '1000000 1 1'),
    ('emails', 'emails_value', '1000000 1 1'),
    ('members', 'members', '5000000 100 1'),
    ('members', 'members_member', '5000000 10 1');
ANALYZE sqlite_schema;
