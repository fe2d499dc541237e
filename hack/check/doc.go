// Command check looks for what no linter looks for: a docs/map.md or a link that points nowhere, a file too long to hold one
// concern, a package without its doc.go, a path of somebody's machine.
//
// Owns: those rules. Never does: changing a file, or style of Go code (.golangci.yml has that).
// Called by: make lint, in the repository's root. Calls: git, for the list of files.
package main
