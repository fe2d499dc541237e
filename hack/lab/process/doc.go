// Package process owns child processes: they start in a group of their own, log to a file and die with the lab.
// It never decides what to run or when to run it again.
// It is called by the control plane, the node agent and the lab itself.
// It calls os/exec; what only Linux can do (a signal when the parent dies) is in one file with a build tag.
package process
