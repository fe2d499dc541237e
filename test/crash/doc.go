// Package crash proves that the operator may be killed at any moment.
//
// Owns: the tests that kill it after each of its calls. Never does: anything but testing. Called by: go test. Calls: kit.
package crash
