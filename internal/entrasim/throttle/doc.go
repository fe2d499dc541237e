// Package throttle owns the published limits of Graph: how much a client may ask for in a time, and how it is told to wait.
// It never answers requests and knows no routes; graphapi says what a request costs.
// It is called by graphapi, and by the server for its report.
// It calls nothing.
package throttle
