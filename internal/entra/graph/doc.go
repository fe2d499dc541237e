// Package graph speaks to Microsoft Graph v1.0 and to the token service behind it.
//
// Owns: the implementation of entra.Directory and entra.Connector, and the one table
// that turns answers into error classes. Never does: retries, or deciding what should
// be. Called by: main. Calls: msgraph-sdk-go and azidentity, which nobody else imports.
//
// Applications, service principals, owners, assignments, users and groups go through
// the SDK's types. The synchronization segment goes through the same request adapter as
// raw JSON wherever there is a body, because the types drop what they do not know: flags
// with spaces, unknown enum values, and a schema that can only be PATCHed.
package graph
