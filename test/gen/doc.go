// Package gen builds valid objects of our kinds for tests, so that a case shows only what is special about it.
//
// Owns: the smallest valid object of each kind, and named changes to it. Never does: talking to an API server.
// Called by: tests. Calls: the API types only.
package gen
