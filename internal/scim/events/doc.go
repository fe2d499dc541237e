// Package events owns what an app is told of users and groups: one JSON form for change feed, snapshot and webhook, and
// how it is made of a recorded change and the present state. It is pure, and never shows an attribute that is never
// returned.
// Called by delivery.
// Calls store and schema, for their types.
package events
