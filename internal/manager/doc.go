// Package manager puts the operator together: cache, indexes, controllers, probes.
//
// Owns: the wiring, so that the binary and the tests run the same operator. Never
// does: parsing flags, or choosing the way to Entra. Called by: main and the tests.
// Calls: every controller.
package manager
