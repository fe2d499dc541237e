// Package retention owns the forgetting: users who have been inactive for long, and records, events and dead letters that
// are old. It never removes a user who is active, and nothing that no time span was configured for.
// Called by endpoint.
// Calls store, filter, dialect and schema.
package retention
