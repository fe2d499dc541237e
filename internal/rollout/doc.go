// Package rollout decides how a change of an attribute mapping reaches the apps that use it: a few first, and more only
// while nothing got worse.
//
// Owns: who is in which wave, whether the next one may begin, and whether the rollout halts. Never does: I/O, reading a
// clock, or knowing Kubernetes and Graph. Called by: the controller of the mappings. Calls: the standard library only.
package rollout
