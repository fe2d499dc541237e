// Package server owns the SCIM protocol over HTTP (RFC 7644, RFC 9865): the table of routes with the guard of each,
// authentication, errors, rate limits, the life of Users and Groups, queries, bulk, and discovery. A write is read,
// decide, apply on the version that was read, and again when somebody was faster; answers are streamed. It never knows
// which store is behind it and never logs bodies, filter values or tokens. Called by endpoint.
// Calls resource, filter, patch, schema, auth, dialect, store and scimerr.
package server
