// Package filter owns the SCIM filter grammar (RFC 7644 section 3.4.2.2, with Entra's value path followed by a
// sub-attribute), PATCH paths, and the in-memory evaluator, which is the oracle for what every store answers (F-22).
// It never touches a store. Called by patch, store and server.
// Calls schema, dialect and scimerr.
package filter
