package entrasim

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
)

// connKey is where a request's context has its connection.
type connKey struct{}

func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// breakTLS writes below the encryption, so that the client reads what is no TLS, and closes the connection. What else goes
// over it, as with HTTP/2, breaks as well.
func breakTLS(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(*tls.Conn); ok {
		_, _ = conn.NetConn().Write([]byte("this is no TLS\n")) // the connection is given up
		_ = conn.NetConn().Close()
	}
	panic(http.ErrAbortHandler)
}
