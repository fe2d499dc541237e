package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Traces sends spans to a collector; nil sends none.
type Traces struct {
	provider *sdktrace.TracerProvider
}

// NewTraces follows the standard environment variables of OpenTelemetry. Without OTEL_EXPORTER_OTLP_ENDPOINT and
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT it returns nil.
func NewTraces(ctx context.Context, version string, log *slog.Logger) (*Traces, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return nil, nil
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are not sent", "error", err) }))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: preparing traces: %w", err)
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "scim-endpoint"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: preparing traces: %w", err)
	}
	return &Traces{provider: sdktrace.NewTracerProvider(sdktrace.WithResource(described), sdktrace.WithBatcher(bare{exporter}))}, nil
}

// Handler makes a span of each request, as a child of what its traceparent header names (W3C Trace Context). A span is
// named after the request's Pattern.
func (t *Traces) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "", otelhttp.WithTracerProvider(t.provider), otelhttp.WithPropagators(propagation.TraceContext{}))
}

// Tracer makes spans of the store's work.
func (t *Traces) tracer() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.provider.Tracer("github.com/scim-operator/scim-operator/internal/scim/telemetry")
}

// Shutdown sends what is left.
func (t *Traces) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// bare exports spans without the attributes that tell of a person or of what was asked for: paths hold ids and whatever
// a client writes there, and addresses are personal.
type bare struct {
	sdktrace.SpanExporter
}

// exported are the attributes that stay.
var exported = map[attribute.Key]bool{
	"http.request.method": true, "http.response.status_code": true, "http.route": true, "http.request.body.size": true,
	"http.response.body.size": true, "network.protocol.version": true, "url.scheme": true, "error.type": true,
}

// ExportSpans implements sdktrace.SpanExporter.
func (b bare) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	stripped := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		stripped[i] = bareSpan{span}
	}
	return b.SpanExporter.ExportSpans(ctx, stripped)
}

type bareSpan struct {
	sdktrace.ReadOnlySpan
}

// Attributes implements sdktrace.ReadOnlySpan.
func (s bareSpan) Attributes() []attribute.KeyValue {
	var kept []attribute.KeyValue
	for _, a := range s.ReadOnlySpan.Attributes() {
		if exported[a.Key] {
			kept = append(kept, a)
		}
	}
	return kept
}
