// Package manifest translates an AttributeMapping of the cluster into the plain data of package mapping.
//
// Owns: that translation. Never does: judging it, or I/O. Called by: the controllers that read AttributeMappings.
// Calls: the API types and package mapping.
package manifest
