package graph

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count the requests to Graph. Labels are limited: no ID ever is one.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scim_operator_graph_requests_total",
			Help: "Requests to Microsoft Graph by operation and HTTP status; code \"error\" stands for no answer.",
		}, []string{"operation", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "scim_operator_graph_request_duration_seconds",
			Help:    "Time until Microsoft Graph answered, by HTTP method and route.",
			Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"method", "route"}),
	}
	if r == nil {
		return m, nil
	}
	return m, errors.Join(r.Register(m.requests), r.Register(m.duration))
}

// instrument observes each request that passes to next.
func (m *metrics) instrument(next http.RoundTripper) http.RoundTripper {
	return instrumented{metrics: m, next: next}
}

type instrumented struct {
	metrics *metrics
	next    http.RoundTripper
}

func (i instrumented) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := i.next.RoundTrip(req)
	i.metrics.duration.WithLabelValues(req.Method, route(req.URL.Path)).Observe(time.Since(began).Seconds())
	code := "error"
	if err == nil {
		code = strconv.Itoa(resp.StatusCode)
	}
	name := "other"
	if ex := exchangeOf(req.Context()); ex != nil {
		name = ex.op.name
	}
	i.metrics.requests.WithLabelValues(name, code).Inc()
	return resp, err
}

// words are the fixed segments of the paths that we call; any other segment is an ID.
var words = map[string]bool{
	"v1.0": true, "applications": true, "applicationTemplates": true, "instantiate": true, "servicePrincipals": true, "owners": true,
	"$ref": true, "appRoleAssignedTo": true, "users": true, "groups": true, "synchronization": true, "templates": true, "schema": true,
	"jobs": true, "start": true, "pause": true, "secrets": true, "validateCredentials": true, "parseExpression": true,
}

// route replaces the IDs in a path.
func route(path string) string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		name, _, isKey := strings.Cut(s, "(")
		switch {
		case isKey && words[name]:
			segments[i] = name + "({key})"
		case !words[s]:
			segments[i] = "{id}"
		}
	}
	return "/" + strings.Join(segments, "/")
}
