// Package graphapi owns the part of Microsoft Graph v1.0 that the simulator serves: routes, permissions, bodies, errors.
// It never decides what provisioning does, keeps no state, and imports neither the Graph SDK nor the operator's port.
// It is called by the simulator's server.
// It calls tenant (state), oauth (tokens), odata (queries), syncschema, and the engine for credential probes.
package graphapi
