// Package grant decides what the ScimApps of a namespace may do with an EntraTenant.
//
// Owns: the meaning of spec.grants, and what a manifest asks for. Never does: I/O, or asking Graph: the caller brings the
// names that Entra has. Called by: the controllers, before any write to Graph, and internal/cli. Calls: internal/provisioning,
// internal/desired and internal/mapping, for what a ScimApp comes to.
package grant
