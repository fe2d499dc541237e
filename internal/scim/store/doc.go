// Package store owns the port to where resources are kept: what a record, a query, a mutation and a change are, which
// keys of a document are indexed, and in what form the others are searched. It never interprets a request.
// Implementations are in sub-packages and all pass storetest. Called by server, delivery and endpoint.
// Calls filter and schema.
package store
