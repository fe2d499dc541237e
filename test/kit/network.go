package kit

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"

	"github.com/scim-operator/scim-operator/hack/lab/proxy"
)

// network is the way to the pods: simulators call endpoints by the names that they have in the cluster, operators by
// their pods' addresses, and both go through the lab's forward proxy. A process reads HTTP_PROXY once, at its first
// request of any kind, so there has to be an address before there is a cluster: that of this listener, which passes on.
type network struct {
	listener net.Listener
}

func listen() (*network, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening as forward proxy: %w", err)
	}
	return &network{listener}, os.Setenv("HTTP_PROXY", "http://"+listener.Addr().String())
}

// join leads to the pods of the cluster until the context ends.
func (n *network) join(ctx context.Context, c *Cluster) error {
	address, err := proxy.Start(ctx, c.kube, proxy.Resolver{Pods: c.pods.find})
	if err != nil {
		return err
	}
	next, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("reading the forward proxy's address: %w", err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(*httputil.ProxyRequest) {}, // the request is as it should be
		Transport: &http.Transport{Proxy: http.ProxyURL(next), DisableKeepAlives: true},
		ErrorLog:  log.New(io.Discard, "", 0), // operators that are killed in the middle of a request are no news
	}
	server := &http.Server{Handler: forward, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(n.listener) }() // ends with the context, by Close
	return nil
}
