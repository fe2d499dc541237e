// Package postgres owns the store for many replicas: PostgreSQL through a pool of connections with prepared statements,
// migrated by goose under a lock. A write is one round trip, with its changes in the same transaction; changes to the
// members of one group that come at once share a transaction. It never interprets documents beyond their keys.
// Called by endpoint, through the port.
// Calls store, store/sqlquery, jackc/pgx and pressly/goose.
package postgres
