// Package postgres owns the store for many replicas: PostgreSQL through a pool of connections with prepared statements,
// migrated by goose under a lock. A write is one round trip, with its changes in the same transaction. What comes at
// once goes together: changes to the members of one group share a transaction, so do writes of documents, and reads of
// single resources share a statement. It never interprets documents beyond their keys.
// Called by endpoint, through the port.
// Calls store, store/sqlquery, jackc/pgx and pressly/goose.
package postgres
