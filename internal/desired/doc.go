// Package desired says which Kubernetes objects a ScimApp stands for.
//
// Owns: names, labels and the whole content of every object the operator makes.
// Never does: I/O; the same input gives the same objects. Called by:
// controllers/scimapp, internal/provisioning. Calls: api, internal/token, internal/mapping's plain types.
package desired
