// Package mark knows the tags by which an application in Entra is found and told from others.
//
// Owns: the form of the mark and of the kept mark. Never does: I/O; who may take up what is the controller's to decide. Called by:
// controllers/scimapp, internal/entra/diff, internal/cli. Calls: nothing.
package mark
