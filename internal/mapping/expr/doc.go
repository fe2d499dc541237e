// Package expr owns the expression language of Entra's attribute mappings: parsing, canonical text, the Graph source tree, evaluation.
// It never touches the network, the clock or a random source but through Environment, and knows no schema and no directory.
// Called by mapping (validation and source trees) and by the simulator's engine (evaluation).
// It calls mapping/nearest and golang.org/x/text/unicode/norm.
package expr
