// Package tenant opens the directory that an EntraTenant describes.
//
// Owns: where the credentials of an EntraTenant are read from. Never does: calls to Graph, or reading a Secret outside of
// the operator's namespace. Called by: the controllers, and internal/cli for where a directory is. Calls: the API server for one Secret, and the entra.Connector.
package tenant
