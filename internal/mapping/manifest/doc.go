// Package manifest translates an AttributeMapping of the cluster into the plain data of package mapping.
//
// Owns: that translation. Never does: judging it, or I/O. Called by: the controllers that read AttributeMappings, and internal/cli.
// Calls: the API types and package mapping.
package manifest
