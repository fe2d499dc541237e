// Package faults owns the rules that make the simulator misbehave: delay, another answer, a dropped connection.
// It never looks into bodies and decides nothing about Graph; a rule names a request, not a meaning.
// It is called by the simulator's server around every Graph and token request, and by the admin API.
// It calls nothing.
package faults
