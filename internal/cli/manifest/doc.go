// Package manifest reads Kubernetes manifests from files and remembers where everything stands.
//
// Owns: finding files, splitting and decoding YAML as kubectl does, and leading a field back to its line and column. Never
// does: judging what it read. Called by: internal/cli. Calls: two YAML readers, one for values and one for positions.
package manifest
