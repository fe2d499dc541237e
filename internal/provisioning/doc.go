// Package provisioning decides the address and the settings of a ScimApp's provisioning job, whether it is to be started, and
// what taking up somebody else's job would change.
//
// Owns: the defaults of spec.provisioning and these decisions. Never does: I/O; acting on them is the operator's, showing them
// the plugin's. Called by: controllers/scimapp, internal/cli. Calls: the API types, internal/desired, internal/entra/diff.
package provisioning
