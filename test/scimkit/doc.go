// Package scimkit runs the real scim-endpoint as a process on loopback, and talks SCIM to it.
//
// Owns: building and starting the binary, killing, stopping and restarting it at one address, a plain SCIM client. Never does: looking inside the endpoint; it knows its command line and its ports only.
// Called by: test/conformance, test/endurance, test/perf. Calls: hack/lab/process, auth for tokens and hashes.
package scimkit
