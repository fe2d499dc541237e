// Package endpoint owns the running SCIM endpoint: it puts store, tokens, configuration, SCIM server and management
// port together, and ends them gracefully. It never knows the protocol.
// Called by cmd/scim-endpoint and scimtest.
// Calls server, management, auth, config, dialect, store and store/sqlite.
package endpoint
