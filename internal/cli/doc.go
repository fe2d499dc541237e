// Package cli is the kubectl plugin: one file for each command of `kubectl scim`, and what the commands share.
//
// Owns: flags, output, exit statuses, and whose identity is used where. Never does: deciding what a mapping means, or
// writing to Entra. Called by: cmd/kubectl-scim. Calls: internal/mapping for what things mean, the port internal/entra
// for what Entra has, client-go for what the cluster has.
package cli
