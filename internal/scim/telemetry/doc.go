// Package telemetry owns what is measured and traced around SCIM: how long the store takes, and OpenTelemetry traces
// that hold no personal data. It never changes an answer.
// Called by endpoint.
// Calls store.
package telemetry
