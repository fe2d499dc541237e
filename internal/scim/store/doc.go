// Package store owns the port to where resources are kept: what a record is, which keys of it are indexed, and how
// much of a filter an index answers. It never interprets a request. Implementations are in sub-packages and all pass
// storetest. Called by server and endpoint.
// Calls filter and schema.
package store
