package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
)

// Start serves the proxy on a free loopback port until the context ends, and returns its URL once its caches are filled. The given resolver
// needs Static and Pods only.
func Start(ctx context.Context, client kubernetes.Interface, resolver Resolver) (string, error) {
	factory := informers.NewSharedInformerFactory(client, 0)
	resolver.Services = factory.Core().V1().Services().Lister()
	resolver.Slices = factory.Discovery().V1().EndpointSlices().Lister()
	factory.StartWithContext(ctx)
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return "", fmt.Errorf("reading the cluster's %s: %w", kind, context.Cause(ctx))
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening as forward proxy: %w", err)
	}
	server := &http.Server{Handler: New(&resolver), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // ends with the context, by Close
	return "http://" + listener.Addr().String(), nil
}

// New returns a forward proxy that goes where the resolver says: for requests with an absolute URL, and for CONNECT.
func New(resolver *Resolver) http.Handler {
	plain := &httputil.ReverseProxy{
		// The Host header stays what the client wrote; only the connection goes elsewhere.
		Rewrite: func(*httputil.ProxyRequest) {},
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) { return dial(ctx, resolver, address) },
			// A Service's connections would stick to the pod of the first one.
			DisableKeepAlives: true,
		},
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, r *http.Request, err error) { refuse(w, r.URL.Host, err) },
		ErrorLog:      log.New(io.Discard, "", 0),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodConnect:
			tunnel(w, r, resolver)
		case r.URL.IsAbs():
			plain.ServeHTTP(w, r)
		default:
			http.Error(w, "this is the lab's forward proxy; set HTTP_PROXY to it instead of calling it", http.StatusBadRequest)
		}
	})
}

func dial(ctx context.Context, resolver *Resolver, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	address, err := resolver.Resolve(host, port)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

// refuse answers what a connection error would be in a cluster; the body says which it was.
func refuse(w http.ResponseWriter, host string, err error) {
	status := http.StatusBadGateway
	if errors.Is(err, errNoEndpoint) {
		status = http.StatusServiceUnavailable
	}
	http.Error(w, fmt.Sprintf("lab proxy: %s: %v", host, err), status)
}

// tunnel joins the client's connection to the target's, byte by byte.
func tunnel(w http.ResponseWriter, r *http.Request, resolver *Resolver) {
	target, err := dial(r.Context(), resolver, r.Host)
	if err != nil {
		refuse(w, r.Host, err)
		return
	}
	defer target.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "lab proxy: this connection cannot be a tunnel", http.StatusInternalServerError)
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	done := make(chan struct{}, 2)
	pipe := func(to net.Conn, from io.Reader) {
		// Either side may end as it likes; the other one is then ended too.
		_, _ = io.Copy(to, from)
		done <- struct{}{}
	}
	go pipe(target, buffered)
	go pipe(client, target)
	<-done
}
