// Package flags owns what a command says of flags and values that it does not understand.
// It never defines a flag.
// Called by the commands scim-endpoint, entra-sim and kubectl-scim.
// It calls nearest.
package flags
