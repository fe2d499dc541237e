// Package sqlquery owns the one translation of a query (filter, order, place) into SQL, for both databases, so that they
// cannot differ in what a filter means; and the reading of the rows it yields. It never talks to a database, and no
// text of a client becomes SQL: values are bound, paths come from schemas.
// Called by store/sqlite and store/postgres.
// Calls store, filter and schema.
package sqlquery
