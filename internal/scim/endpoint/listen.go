package endpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// maxHeaderBytes bounds the request line and headers.
const maxHeaderBytes = 16 << 10

// maxStreams bounds the requests that one HTTP/2 connection may have under way.
const maxStreams = 250

// ports are the two listeners and their servers.
type ports struct {
	scim, management             net.Listener
	scimServer, managementServer *http.Server
	draining                     atomic.Bool
	failed                       chan error
}

// open takes the addresses, so that a wrong flag fails before anything is served.
func (p *ports) open(ctx context.Context, o Options) (err error) {
	var listen net.ListenConfig
	if p.scim, err = listen.Listen(ctx, "tcp", o.Listen); err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if p.management, err = listen.Listen(ctx, "tcp", o.ManagementListen); err != nil {
		return fmt.Errorf("--management-listen: %w", err)
	}
	return nil
}

// serve begins to serve; c is nil without TLS.
func (p *ports) serve(scim, management http.Handler, c *certificate, log *slog.Logger) {
	errorLog := slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	p.scimServer = &http.Server{
		Handler: p.public(scim, c != nil), ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 55 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: time.Minute, PingTimeout: 15 * time.Second},
	}
	p.managementServer = &http.Server{
		Handler: management, ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	run := func(serve func() error, l net.Listener) {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			p.failed <- fmt.Errorf("serving on %s: %w", l.Addr(), err)
		}
	}
	serveSCIM := func() error { return p.scimServer.Serve(p.scim) }
	if c != nil {
		p.scimServer.TLSConfig = c.config()
		serveSCIM = func() error { return p.scimServer.ServeTLS(p.scim, "", "") }
	}
	go run(serveSCIM, p.scim)
	go run(func() error { return p.managementServer.Serve(p.management) }, p.management)
}

// public adds what belongs to the connection and not to SCIM. While the endpoint drains, each answer ends its
// connection, so that its client opens the next one elsewhere and none is cut off when the port closes.
func (p *ports) public(next http.Handler, overTLS bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		if overTLS {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// close releases what was opened and not served.
func (p *ports) close() {
	for _, l := range []net.Listener{p.scim, p.management} {
		if l != nil {
			_ = l.Close() // the error that led here is the one to tell
		}
	}
}
