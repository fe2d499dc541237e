// Package resource owns the form of a resource document: strict JSON decoding, canonical names and types, pruning
// of what is empty, validation, and projection of what is returned. A document is a map with canonical names whose
// values are string, bool, json.Number, map[string]any and []any, never nil. It never stores and never sees HTTP.
// Called by patch and server. Calls schema, filter, dialect and scimerr.
package resource
