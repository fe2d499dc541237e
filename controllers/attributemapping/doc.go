// Package attributemapping says of each AttributeMapping whether it could work and who uses it.
//
// Owns: the status of AttributeMapping. Never does: a call to Entra: applying a mapping is the ScimApp's business.
// Called by: main. Calls: internal/mapping to judge, internal/index to find the users.
package attributemapping
