// Package faults owns the rules that make the simulator misbehave: which request is hit, and by what. It owns the file that
// rules are read from, too.
// It never carries a fault out and decides nothing about Graph or SCIM; a rule names a request, not a meaning.
// It is called by the simulator's server around every request that clients make and that the engine makes, by the admin API,
// and by cmd/entra-sim.
// It calls internal/entrasim/strictyaml.
package faults
