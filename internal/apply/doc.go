// Package apply brings Kubernetes objects to their desired content by server-side
// apply, and writes only when something differs.
//
// Owns: the comparison and the write. Never does: deciding what should be, or taking
// over an object that somebody else made. Called by: controllers/scimapp. Calls: the
// Kubernetes API.
package apply
