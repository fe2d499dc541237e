// Package directory owns the people and groups of a simulated tenant as plain data, and the YAML file they are read from.
// It never knows of applications, jobs or HTTP, and holds no lock.
// It is called by internal/entrasim/tenant, by the engine (which reads users and groups) and by cmd/entra-sim.
// It calls internal/entrasim/strictyaml.
// The members of the file are described in docs/reference/simulator-directory.md.
package directory
