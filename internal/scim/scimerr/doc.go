// Package scimerr owns the one error type that becomes a SCIM error body (RFC 7644 section 3.12).
// It never decides when something is an error and never writes HTTP.
// Called by every package of the endpoint that judges client input, and by the server, which renders it.
// Calls nothing of this project.
package scimerr
