// Package defaults owns a stand-in for the default schema of Entra's non-gallery SCIM template, for whoever has no Entra at hand.
// Its mappings are those that Microsoft's descriptions agree on; ids and the lists of unmapped attributes are made up. A job's own
// schema, or the template's where Graph can be asked, is always to be preferred.
//
// Owns: that schema. Never does: I/O, or overlaying mappings. Called by: the plugin's offline commands, and tests.
// Calls: mapping/expr, for the source trees.
package defaults
