// Package sqlite owns the store for one replica: SQLite in WAL mode with full durability, one writer whose commits are
// shared by all that wait, and many readers, migrated by goose. It never interprets documents beyond their keys.
// Called by endpoint, through the port.
// Calls store, store/sqlquery, modernc.org/sqlite and pressly/goose.
package sqlite
