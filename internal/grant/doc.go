// Package grant decides what the ScimApps of a namespace may do with an EntraTenant.
//
// Owns: the meaning of spec.grants. Never does: I/O, or asking Graph: the caller brings the names that Entra has.
// Called by: the controllers, before any write to Graph. Calls: the API types only.
package grant
