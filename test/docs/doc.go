// Package docs holds the documentation against the source, so that it cannot rot.
//
// Owns: the tests that every reason, field, rule and message has its place in docs/, and that every manifest in the docs and samples is
// accepted. Never does: judging style. Called by: nobody, it is tests only. Calls: test/envtest for an API server, for the manifests alone.
package docs
