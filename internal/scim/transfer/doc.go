// Package transfer owns the file by which a store is backed up, restored and moved to a store of the other kind: JSON
// lines, written and read as a stream. It never opens a store and knows none of them.
// Called by cmd/scim-endpoint.
// Calls store and schema.
package transfer
