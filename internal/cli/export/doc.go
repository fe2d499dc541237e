// Package export turns what an application has in Entra into manifests that change nothing when they are applied.
//
// Owns: the ScimApp of an application that exists, and how manifests are written. Never does: reading Entra. Called by:
// internal/cli. Calls: internal/mapping for the mappings, internal/entra/diff for what the operator would make of it.
package export
