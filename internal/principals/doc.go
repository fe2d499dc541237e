// Package principals finds whom the assignments of a ScimApp mean.
//
// Owns: how a name leads to an object of the directory, and what keeps an object from being assigned. Never does: writing to
// Entra, or judging grants. Called by: controllers/scimapp, internal/cli. Calls: entra.Principals, internal/grant's types.
package principals
