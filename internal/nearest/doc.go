// Package nearest owns the answer to "did you mean ...?": the known name that is closest to a mistyped one.
// It never decides whether a name is valid, and keeps no list of its own.
// Called by mapping and its packages, and by flags, when they refuse a name.
// It calls nothing but the standard library.
package nearest
