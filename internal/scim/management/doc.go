// Package management owns the port that is never published: health, readiness, metrics and /statusz, by which the
// operator proves which tokens and configuration a pod has in force. It never serves SCIM.
// Called by endpoint.
// Calls auth, config and store.
package management
