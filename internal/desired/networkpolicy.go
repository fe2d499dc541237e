package desired

import (
	"net/url"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// networkPolicy opens the SCIM port to everybody, for the token guards it, and the management port to the operator's
// namespace alone. Nothing may go out but to a database and a webhook.
func networkPolicy(e Endpoint) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: meta(e, Name(e.App.Name)),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: selector(e.App)},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{
				{Ports: ports(corev1.ProtocolTCP, SCIMPort)},
				{Ports: ports(corev1.ProtocolTCP, ManagementPort), From: inNamespace(e.OperatorNamespace)},
			},
			Egress: egress(e),
		},
	}
}

// egress lets the endpoint out to what the manifest names. Where a database is, only its Secret knows, which the operator
// does not read: so TCP is open then.
func egress(e Endpoint) []networkingv1.NetworkPolicyEgressRule {
	var out []networkingv1.NetworkPolicyEgressRule
	switch w := webhook(e.App); {
	case Postgres(e.App) != nil:
		out = append(out, networkingv1.NetworkPolicyEgressRule{Ports: ports(corev1.ProtocolTCP)})
	case w != nil:
		out = append(out, webhookEgress(e.App.Namespace, w.URL))
	default:
		return nil
	}
	// Port 5353 is where the DNS pods of some distributions listen behind their Service's port 53.
	names := append(ports(corev1.ProtocolUDP, 53, 5353), ports(corev1.ProtocolTCP, 53, 5353)...)
	return append([]networkingv1.NetworkPolicyEgressRule{{Ports: names}}, out...)
}

// webhookEgress opens the way to the URL. A policy sees the port of a pod, not that of the Service before it, so every
// port of a Service's namespace is open; of any other host it is the URL's port alone.
func webhookEgress(namespace, target string) networkingv1.NetworkPolicyEgressRule {
	u, err := url.Parse(target)
	if err != nil {
		return networkingv1.NetworkPolicyEgressRule{To: inNamespace(namespace), Ports: ports(corev1.ProtocolTCP)} // the CRD refuses it
	}
	if service, inside := serviceNamespace(namespace, u.Hostname()); inside {
		return networkingv1.NetworkPolicyEgressRule{To: inNamespace(service), Ports: ports(corev1.ProtocolTCP)}
	}
	port, err := strconv.ParseInt(u.Port(), 10, 32)
	switch {
	case err == nil:
	case u.Scheme == "https":
		port = 443
	default:
		port = 80
	}
	return networkingv1.NetworkPolicyEgressRule{Ports: ports(corev1.ProtocolTCP, int32(port))}
}

// serviceNamespace is the namespace of a Service's name: wiki, wiki.docs.svc or wiki.docs.svc.cluster.local.
func serviceNamespace(own, host string) (string, bool) {
	labels := strings.Split(host, ".")
	switch {
	case len(labels) == 1:
		return own, true
	case len(labels) >= 3 && labels[2] == "svc":
		return labels[1], true
	default:
		return "", false
	}
}

func inNamespace(name string) []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: name}},
	}}
}

// ports gives those ports of the protocol, or all of them where none is named.
func ports(protocol corev1.Protocol, numbers ...int32) []networkingv1.NetworkPolicyPort {
	if len(numbers) == 0 {
		return []networkingv1.NetworkPolicyPort{{Protocol: &protocol}}
	}
	var out []networkingv1.NetworkPolicyPort
	for _, n := range numbers {
		port := intstr.FromInt32(n)
		out = append(out, networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &port})
	}
	return out
}

func targetPort(name string) intstr.IntOrString { return intstr.FromString(name) }
