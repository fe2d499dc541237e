// Package attributemapping says of each AttributeMapping and ClusterAttributeMapping whether it could work and who uses it,
// and releases a change of it to its apps in waves.
//
// Owns: the status of both kinds. Never does: a call to Entra: applying a mapping is the ScimApp's business. Called by: main.
// Calls: internal/mapping to judge, internal/index to find the users, internal/rollout to decide about the waves.
package attributemapping
