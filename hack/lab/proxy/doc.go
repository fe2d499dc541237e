// Package proxy owns the lab's network: one forward HTTP proxy that leads pod addresses, cluster addresses and Service names to the loopback
// addresses where the processes really listen. It never reaches beyond the lab: an unknown host is refused.
// It is called by the operator, the simulator and the pods, whose HTTP_PROXY names it; the lab starts it.
// It calls the API server (Services, EndpointSlices) through caches, and asks the node agent for a pod's ports.
package proxy
