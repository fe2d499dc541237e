// Package integration follows one app through its whole life on a real API server.
//
// Owns: the tests of what happens when manifests, grants, names and jobs change. Never does: anything but testing.
// Called by: go test. Calls: kit.
package integration
