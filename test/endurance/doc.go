// Package endurance proves that nothing which the endpoint has acknowledged is ever lost, and which requests may fail when.
//
// Owns: the tests that kill and restart the endpoint's process and PostgreSQL under load, and the load, which knows what
// was acknowledged. Never does: looking into a store; it asks by SCIM only. Called by: go test. Calls: scimkit.
package endurance
