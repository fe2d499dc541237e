// Package pgtest owns the PostgreSQL server of a test binary: it starts a throw-away one, makes a database for each
// test, and can stop, kill and restart it. It never touches a server that it did not start. Called by tests and
// benchmarks.
// Calls jackc/pgx and the programs of an installed PostgreSQL.
package pgtest
