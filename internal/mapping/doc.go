// Package mapping owns what AttributeMappings mean: which synchronization schema they ask for, what is wrong with them, which extensions they need.
// It never talks to Graph or Kubernetes, and never changes a member of a schema that no mapping asked for.
// Called by the controllers (findings, plan of the schema PUT) and by desired (extensions for the endpoint).
// It calls mapping/expr for expressions, mapping/nearest for suggestions, and gjson and sjson to edit JSON in place.
package mapping
