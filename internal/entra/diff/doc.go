// Package diff decides what has to be written to Entra, from what is there and what
// is wanted.
//
// Owns: the comparisons of applications, app roles, secrets and assignments. Never
// does: I/O; deciding is apart from acting. Called by: controllers/scimapp,
// internal/provisioning, internal/cli. Calls: internal/entra's plain types, internal/mark.
package diff
