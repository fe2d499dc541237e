// Package sdk lets Microsoft's Graph SDK for Go, with its own login, retries and compression, walk through the simulator.
//
// Owns: that walk. Never does: anything through the operator's port, which leaves much of the SDK out; internal/entra/graph
// has the tests of that. Called by: go test. Calls: the SDK, azidentity, entrasim, scimtest.
package sdk
