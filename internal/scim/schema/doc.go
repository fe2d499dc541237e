// Package schema owns what the endpoint knows about attributes: the core User and Group schemas, the enterprise
// extension and configured extensions, with every characteristic of RFC 7643 section 7 as data, and attribute notation.
// It never sees a resource or a request. Called by resource, filter, patch, store, config and server.
// Calls nothing of this project.
package schema
