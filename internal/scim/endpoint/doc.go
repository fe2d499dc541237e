// Package endpoint owns the running SCIM endpoint: it puts store, tokens, configuration, SCIM server, delivery, retention
// and management port together, and ends them gracefully. It never knows the protocol.
// Called by cmd/scim-endpoint and scimtest.
// Calls server, management, delivery, retention, telemetry, auth, config, dialect, store and both stores.
package endpoint
