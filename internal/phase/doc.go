// Package phase runs an ordered table of phases and collects what each of them
// proved. A phase is independent of the others but for the conditions it needs, so
// that one pass gives a whole status even where one part failed.
//
// Owns: Outcome, Phase and the runner. Never does: I/O, or knowing SCIM, Graph or
// Kubernetes objects. Called by: the controllers. Calls: internal/fault.
package phase
