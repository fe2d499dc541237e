// Package index finds ScimApps by what they name, in the manager's cache.
//
// Owns: the cache's field indexes and the questions that they answer. Never does: a call to the API server, or a write.
// Called by: main (Register), the controllers. Calls: the manager's cache.
package index
