// Package entratenant proves that the credentials of an EntraTenant work, says what they may do, and holds the object
// while ScimApps use it.
//
// Owns: the status and the finalizer of EntraTenant. Never does: a write to Entra. Called by: main.
// Calls: internal/tenant to open the directory, internal/grant to check the grants, internal/index to find the users.
package entratenant
