// Package delivery owns how an app learns of users and groups: the change feed, the snapshot, and the worker that sends
// webhooks from the outbox. It never changes a resource, never follows a redirect, and sends nothing anywhere but to the
// configured address.
// Called by endpoint, which mounts the feed's two routes and runs the feed and the worker, and by cmd/scim-endpoint.
// Calls store, events, schema, scimerr, cloudevents/sdk-go and standard-webhooks.
package delivery
