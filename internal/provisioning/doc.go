// Package provisioning decides how a ScimApp's enterprise application should be, the address and the settings of its
// provisioning job, whether it is to be started, and what taking up somebody else's job would change.
//
// Owns: the defaults of spec.application and spec.provisioning, and these decisions. Never does: I/O; acting on them is the
// operator's, showing them the plugin's. Called by: controllers/scimapp, internal/cli, internal/grant. Calls: the API types,
// internal/desired, internal/entra/diff.
package provisioning
