// Package fault sorts every error that a reconcile can meet into one of four
// classes, and is the only place that turns a class into a requeue, an event type
// and a log level.
//
// Owns: the classes and their reaction. Never does: I/O, or knowing Kubernetes or
// Graph. Called by: the adapters (to classify) and the controllers (to react).
// Calls: the standard library only.
package fault
