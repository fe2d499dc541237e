// Package scimkit runs the real scim-endpoint, and PostgreSQL, as processes on loopback, and talks SCIM to them.
//
// Owns: building and starting the binary, killing, stopping and restarting it at one address, a throw-away PostgreSQL
// server, a plain SCIM client. Never does: looking inside the endpoint; it knows its command line and its ports only.
// Called by: test/conformance, test/endurance, test/perf. Calls: hack/lab/process, auth for tokens and hashes.
package scimkit
