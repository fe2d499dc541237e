// Package controllers runs the controllers of EntraTenant and AttributeMapping against a real API server, and the first one
// against the simulator through the real Graph adapter.
//
// Owns: those tests. Never does: what needs a whole operator. Called by: go test. Calls: test/envtest, internal/entrasim.
package controllers
