// Package storetest owns the one suite that every store must pass.
// It never knows how a store works inside.
// Called by the tests of each implementation.
// Calls store.
package storetest
