// Package patch owns PATCH (RFC 7644 section 3.5.2) in both dialects of Entra: it turns operations into a changed
// document and a list of membership changes. It is pure: it never reads a store and never writes one.
// Called by server.
// Calls resource, filter, schema, dialect and scimerr.
package patch
