// Package sqlite owns the store for one replica: SQLite in WAL mode with full durability, one writer connection and
// many readers, migrated by goose. It never interprets documents beyond their keys.
// Called by endpoint, through the port.
// Calls store, modernc.org/sqlite and pressly/goose.
package sqlite
