// Package scimtest owns starting a real SCIM endpoint for tests: SQLite in a temporary folder, both ports on
// 127.0.0.1. It never replaces a part by a fake.
// Called by tests of the endpoint, the simulator and the operator.
// Calls endpoint and auth.
package scimtest
