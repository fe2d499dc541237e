// Package scimapp takes a ScimApp from a manifest to provisioned people.
//
// Owns: when to act for a ScimApp, in the order of the table in phases.go, and its
// status. Never does: talking to Graph by itself, or knowing how an object looks.
// Called by: main. Calls: the pure packages to decide, internal/apply and the
// internal/entra port to act.
package scimapp
