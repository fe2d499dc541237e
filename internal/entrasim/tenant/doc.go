// Package tenant owns the state of a simulated Entra tenant: people, groups, applications, assignments, jobs, secrets, logs.
// It never speaks HTTP and makes no SCIM call; every method takes the one lock, and what it returns is a copy.
// It is called by graphapi (what Graph clients do), by the admin API and by the server that runs provisioning cycles.
// It calls directory, clock, syncschema and the engine's types.
package tenant
