// Package server owns the SCIM protocol over HTTP (RFC 7644): routes, authentication of every one of them, errors,
// the life of Users and Groups, and discovery. It never knows which store is behind it and never logs bodies, filter
// values or tokens. Called by endpoint.
// Calls resource, filter, patch, schema, auth, dialect, store and scimerr.
package server
