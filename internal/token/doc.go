// Package token makes the bearer tokens that Entra presents to a SCIM endpoint, and
// what may be shown of them.
//
// Owns: the form of a token, its hash and its fingerprint. Never does: storing or
// logging a token. Called by: controllers/scimapp, internal/desired. Calls:
// crypto/rand and crypto/sha256.
package token
