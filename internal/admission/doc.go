// Package admission finds what the API server would refuse, without an API server.
//
// Owns: the order of the API server's checks of a new object: unknown fields, structure, metadata, lists, CEL rules. Never
// does: I/O, defaulting of what is shown, or checks that need an older object. Called by: internal/cli. Calls: the API
// server's own libraries, with the CustomResourceDefinitions of config/crd.
package admission
