// Package endpoint asks the pods of a managed SCIM endpoint what they serve.
//
// Owns: the client of the management port. Never does: SCIM requests, or calling a
// URL that stems from a spec. Called by: controllers/scimapp. Calls: net/http.
package endpoint
