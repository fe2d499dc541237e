// Package config owns the endpoint's configuration file: its form, its checks, and its reload without restart, which
// yields a new schema registry. It never reads flags and never echoes a value that it refuses.
// Called by endpoint; its registry is read by server.
// Calls schema and watch.
package config
