// Package version knows which release of the repository a binary was built from.
//
// Owns: the version string. Never does: I/O. Called by: every main package, for its
// --version and its User-Agent. Calls: the standard library.
package version
