// Package agent owns the lab's one node: it binds pods and claims, runs each container as a plain process, and answers for it as a kubelet
// does (status, probes, restarts, logs, graceful end). It never isolates anything: no namespaces, no cgroups, no network of its own.
// It is called by the lab; hack/lab/proxy asks it where a pod's port really is.
// It calls the API server as an administrator, and hack/lab/process.
package agent
