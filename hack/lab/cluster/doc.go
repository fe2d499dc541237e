// Package cluster owns the lab's control plane: etcd, kube-apiserver and kube-controller-manager as plain processes on free loopback
// ports, their certificates and their audit log. It never builds a binary and knows nothing of nodes, pods or this product.
// It is called by the lab and by the node agent's tests.
// It calls hack/lab/process and hack/lab/pki.
package cluster
