// Package storetest owns the one suite that every store must pass, the proof that a killed process loses nothing that it
// has acknowledged, and the benchmarks that stores are compared by. It never knows how a store works inside.
// Called by the tests of each implementation.
// Calls store and filter, whose evaluator is the oracle.
package storetest
