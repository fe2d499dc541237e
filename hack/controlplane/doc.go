// Command controlplane owns the Kubernetes control plane of tests and of the lab: etcd, kube-apiserver,
// kube-controller-manager and kubectl, built from their own Go modules at the versions that its go.mod pins.
// It never downloads a binary and never starts one. It is called by the Makefile and by hack/lab, and calls the go command.
// The last line of its standard output is the directory that holds the four binaries; progress goes to standard error.
package main
