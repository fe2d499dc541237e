// Package mapping owns what AttributeMappings mean: which synchronization schema they ask for, what is wrong with them, which extensions they need,
// and the way back from a schema to mappings.
// It never talks to Graph or Kubernetes, and never changes a member of a schema that no mapping owns.
// Called by the controllers (findings, plan of the schema PUT), by desired (extensions for the endpoint), and by the plugin.
// It calls mapping/expr for expressions, mapping/nearest for suggestions, scim/schema for what an endpoint of ours knows, and gjson and sjson to edit
// JSON in place.
package mapping
