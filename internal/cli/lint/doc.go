// Package lint finds what is wrong with manifests before anybody applies them.
//
// Owns: the list of checks, their rule names, and the three forms of the report. Never does: asking a cluster or Entra.
// Called by: internal/cli. Calls: internal/admission for what the API server would say, internal/mapping for what the
// operator would say, cli/manifest for where it stands.
package lint
