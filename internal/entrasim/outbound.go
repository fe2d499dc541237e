package entrasim

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/faults"
)

// Exchange is one request of the engine to a SCIM endpoint, and what came of it. The token is not in it.
type Exchange struct {
	Method, URL     string
	Request, Answer string // bodies
	Status          int    // 0: there was no answer
	Err             error  // why there was none
}

// maxExchange bounds the bodies that are read; no SCIM resource is as large.
const maxExchange = 64 << 20

// outbound stands between the engine and the network: it carries out the faults of target scim and tells of each exchange.
type outbound struct {
	server *Server
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (o *outbound) RoundTrip(r *http.Request) (*http.Response, error) {
	fault := o.server.faults.Hit(faults.Request{Target: faults.TargetSCIM, Method: r.Method, Path: r.URL.Path})
	if fault == nil {
		fault = &faults.Rule{}
	}
	told := o.server.options.OnExchange
	exchange := Exchange{Method: r.Method, URL: r.URL.String()}
	if told != nil && r.GetBody != nil {
		exchange.Request = text(r.GetBody())
	}
	answer, err := o.carryOut(r, fault)
	if told != nil {
		if exchange.Err = err; err == nil {
			exchange.Status, exchange.Answer = answer.status, answer.body.String()
		}
		told(exchange)
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{Status: fmt.Sprintf("%d %s", answer.status, http.StatusText(answer.status)), StatusCode: answer.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: answer.header, Request: r,
		Body: io.NopCloser(bytes.NewReader(answer.body.Bytes())), ContentLength: int64(answer.body.Len())}, nil
}

func text(body io.ReadCloser, err error) string {
	if err != nil {
		return ""
	}
	defer body.Close()
	raw, _ := io.ReadAll(body) // it is in memory
	return string(raw)
}

// carryOut sends the request, as far as the fault lets it.
func (o *outbound) carryOut(r *http.Request, fault *faults.Rule) (*buffer, error) {
	wait(r.Context(), time.Duration(fault.Delay))
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("waiting as a fault has it: %w", err)
	}
	answer := &buffer{header: http.Header{}}
	switch {
	case fault.DropBefore:
		return nil, errors.New("the connection was closed (a fault)")
	case fault.BreakTLS:
		return nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	case fault.StaleRead:
		if stale := o.server.answers.get(readKey("scim", r)); stale != nil {
			return stale, nil
		}
	}
	if fault.TakesEffect() {
		var err error
		if answer, err = o.send(r); err != nil {
			return nil, err
		}
	}
	if fault.DropAfter {
		return nil, errors.New("the connection was closed before the answer (a fault)")
	}
	if fault.Status != 0 {
		answer.replace(fault)
	}
	return answer, nil
}

// send makes the request and reads the answer to its end.
func (o *outbound) send(r *http.Request) (*buffer, error) {
	response, err := o.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer := &buffer{header: response.Header, status: response.StatusCode}
	if _, err := io.Copy(&answer.body, io.LimitReader(response.Body, maxExchange)); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if r.Method == http.MethodGet {
		o.server.answers.put(readKey("scim", r), answer)
	}
	return answer, nil
}

// CloseIdleConnections lets http.Client do so.
func (o *outbound) CloseIdleConnections() {
	if next, ok := o.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
