// Package expr owns the expression language of Entra's attribute mappings: parsing, checks and warnings, canonical text, the Graph source
// tree, evaluation, and the descriptions and examples of its functions that the documentation is made of.
// It never touches the network, the clock or a random source but through Environment, and knows no schema and no directory.
// Called by mapping (validation and source trees), by the simulator's engine (evaluation) and by hack/expressions (documentation).
// It calls mapping/nearest, golang.org/x/text/unicode/norm and github.com/google/uuid.
package expr
