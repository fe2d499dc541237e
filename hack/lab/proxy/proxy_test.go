package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
)

const podIP, stalePodIP, clusterIP = "10.244.0.2", "10.244.0.3", "10.96.0.7"

// cluster is a Service `wiki` whose port 80 leads to port 8080 of one ready and one unready pod, and a Service `empty`.
func cluster() []runtime.Object {
	wiki := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "docs", Name: "wiki"},
		Spec:       corev1.ServiceSpec{ClusterIP: clusterIP, Ports: []corev1.ServicePort{{Name: "scim", Port: 80}}},
	}
	empty := wiki.DeepCopy()
	empty.Name, empty.Spec.ClusterIP = "empty", "10.96.0.8"
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "docs", Name: "wiki-1", Labels: map[string]string{discoveryv1.LabelServiceName: "wiki"}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: new("other"), Port: new(int32(9))}, {Name: new("scim"), Port: new(int32(8080))}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{stalePodIP}, Conditions: discoveryv1.EndpointConditions{Ready: new(false)}},
			{Addresses: []string{podIP}, Hostname: new("wiki-0"), Conditions: discoveryv1.EndpointConditions{Ready: new(true)}},
		},
	}
	return []runtime.Object{wiki, empty, slice}
}

// newClient returns a client whose proxy is under test. The static host is answered by static, pod port 8080 by pod.
func newClient(t *testing.T, pod, static *httptest.Server) *http.Client {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	address, err := Start(ctx, fake.NewClientset(cluster()...), Resolver{
		Static: map[string]string{"entra.example.svc:8443": static.Listener.Addr().String()},
		Pods: func(ip string, port int) (string, bool) {
			return pod.Listener.Addr().String(), ip == podIP && port == 8080
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	proxyURL, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := static.Client().Transport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxyURL)
	transport.TLSClientConfig.ServerName = "example.com" // httptest's certificate
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestProxy(t *testing.T) {
	pod := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "pod %s %s %s", r.Host, r.URL.Path, body)
	}))
	defer pod.Close()
	static := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "static") }))
	defer static.Close()
	client := newClient(t, pod, static)

	tests := map[string]struct {
		url    string
		status int
		body   string
	}{
		"a pod's address and port":                   {"http://10.244.0.2:8080/statusz", 200, "pod 10.244.0.2:8080 /statusz hello"},
		"a Service's address":                        {"http://10.96.0.7/scim", 200, "pod 10.96.0.7 /scim hello"},
		"a Service's name":                           {"http://wiki.docs.svc/scim", 200, "pod wiki.docs.svc /scim hello"},
		"a Service's name with the cluster's domain": {"http://wiki.docs.svc.cluster.local:80/", 200, "pod wiki.docs.svc.cluster.local:80 / hello"},
		"one pod's name behind a headless Service":   {"http://wiki-0.wiki.docs.svc/", 200, "pod wiki-0.wiki.docs.svc / hello"},
		"a static host through a tunnel":             {"https://entra.example.svc:8443/", 200, "static"},
		"a pod's port that nobody declared":          {"http://10.244.0.2:9999/", 502, "knows no such host"},
		"a Service's port that it does not have":     {"http://wiki.docs.svc:81/", 502, "service docs/wiki has no port 81"},
		"a Service without ready endpoints":          {"http://empty.docs.svc/", 503, "no ready endpoint"},
		"a Service that does not exist":              {"http://none.docs.svc/", 502, "knows no such host"},
		"a pod's name that is no endpoint":           {"http://wiki-9.wiki.docs.svc/", 503, "no ready endpoint"},
		"a host of the world is refused":             {"http://graph.microsoft.com/v1.0", 502, "lab proxy: graph.microsoft.com"},
		"a host that only contains svc is refused":   {"http://wiki.docs.svc.example.com/", 502, "knows no such host"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response, err := client.Post(test.url, "text/plain", strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || !strings.Contains(string(body), test.body) {
				t.Errorf("%s answered %d %q; want %d and %q", test.url, response.StatusCode, body, test.status, test.body)
			}
		})
	}

	t.Run("a tunnel to an unknown host is refused", func(t *testing.T) {
		_, err := client.Get("https://login.microsoftonline.com/")
		if err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
			t.Errorf("error = %v; want a refused tunnel", err)
		}
	})
	t.Run("a pod that listens no more is a bad gateway", func(t *testing.T) {
		dead := httptest.NewServer(http.NotFoundHandler())
		dead.Close()
		response, err := newClient(t, dead, static).Get("http://wiki.docs.svc/")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusBadGateway {
			t.Errorf("status = %d, want 502", response.StatusCode)
		}
	})
}
