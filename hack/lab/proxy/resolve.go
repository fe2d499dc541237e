package proxy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/utils/ptr"
)

var (
	// errUnknown is for a host that is nothing in the cluster.
	errUnknown = errors.New("the lab's network knows no such host")
	// errNoEndpoint is for a Service that nothing ready stands behind.
	errNoEndpoint = errors.New("no ready endpoint")
)

// A Resolver finds the loopback address behind a host and port of the cluster.
type Resolver struct {
	// Static has fixed answers, by host:port.
	Static map[string]string
	// Pods tells where a port of a pod's address really is.
	Pods func(ip string, port int) (address string, known bool)

	Services corelisters.ServiceLister
	Slices   discoverylisters.EndpointSliceLister
}

// Resolve takes a host as a client in the cluster would write it: a pod's or Service's address, or name.namespace.svc with or without the
// cluster's domain.
func (r *Resolver) Resolve(host, port string) (string, error) {
	if address, ok := r.Static[net.JoinHostPort(host, port)]; ok {
		return address, nil
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return "", fmt.Errorf("port %q: %w", port, errUnknown)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return r.resolveIP(host, number)
	}
	name, domain, ok := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(host, "."), ".cluster.local"), ".svc")
	parts := strings.Split(name, ".")
	if !ok || domain != "" || len(parts) < 2 || len(parts) > 3 {
		return "", errUnknown
	}
	service, err := r.Services.Services(parts[len(parts)-1]).Get(parts[len(parts)-2])
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnknown, err)
	}
	hostname := ""
	if len(parts) == 3 {
		hostname = parts[0]
	}
	return r.resolveService(service, hostname, number)
}

func (r *Resolver) resolveIP(ip string, port int) (string, error) {
	if address, ok := r.Pods(ip, port); ok {
		return address, nil
	}
	services, err := r.Services.List(labels.Everything())
	if err != nil {
		return "", err
	}
	for _, service := range services {
		if service.Spec.ClusterIP == ip {
			return r.resolveService(service, "", port)
		}
	}
	return "", errUnknown
}

// resolveService picks one of the ready endpoints by chance, as kube-proxy does. A hostname names one pod behind a headless Service.
func (r *Resolver) resolveService(service *corev1.Service, hostname string, port int) (string, error) {
	portName, ok := servicePort(service, port)
	if !ok {
		return "", fmt.Errorf("service %s/%s has no port %d: %w", service.Namespace, service.Name, port, errUnknown)
	}
	slices, err := r.Slices.EndpointSlices(service.Namespace).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service.Name}))
	if err != nil {
		return "", err
	}
	var addresses []string
	for _, slice := range slices {
		for _, target := range slice.Ports {
			if ptr.Deref(target.Name, "") != portName {
				continue
			}
			addresses = append(addresses, r.endpoints(slice, hostname, int(ptr.Deref(target.Port, 0)))...)
		}
	}
	if len(addresses) == 0 {
		return "", fmt.Errorf("service %s/%s: %w", service.Namespace, service.Name, errNoEndpoint)
	}
	return addresses[rand.N(len(addresses))], nil
}

func (r *Resolver) endpoints(slice *discoveryv1.EndpointSlice, hostname string, port int) []string {
	var addresses []string
	for _, endpoint := range slice.Endpoints {
		if !ptr.Deref(endpoint.Conditions.Ready, true) || hostname != "" && ptr.Deref(endpoint.Hostname, "") != hostname {
			continue
		}
		for _, ip := range endpoint.Addresses {
			if address, ok := r.Pods(ip, port); ok {
				addresses = append(addresses, address)
			}
		}
	}
	return addresses
}

func servicePort(service *corev1.Service, number int) (name string, ok bool) {
	for _, port := range service.Spec.Ports {
		if int(port.Port) == number {
			return port.Name, true
		}
	}
	return "", false
}
