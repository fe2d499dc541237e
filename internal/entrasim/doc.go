// Package entrasim owns the simulator as a whole: it joins Graph, token endpoint, engine, faults, journal, clock and pages into a server.
// It never imports the operator's Entra port, the Graph SDK or Kubernetes: it is the independent witness that both are held against.
// It is called by cmd/entra-sim and, in process, by tests of other packages.
// It calls its sub-packages.
package entrasim
