package server

import (
	"net/http"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// ownHandler runs a Route of the options.
func ownHandler(answer Route) handler {
	return func(c *call, _ *schema.ResourceType) error {
		recorder := &recorder{ResponseWriter: c.w, call: c}
		if err := answer(recorder, c.r); err != nil {
			return err
		}
		if c.status == 0 {
			c.status = http.StatusOK
		}
		return nil
	}
}

// recorder keeps the status that a Route answers, for the log, and whether an error can still be answered.
type recorder struct {
	http.ResponseWriter

	call *call
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.call.status == 0 {
		r.call.status, r.call.spilled = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(content []byte) (int, error) {
	if r.call.status == 0 {
		r.call.status, r.call.spilled = http.StatusOK, true
	}
	return r.ResponseWriter.Write(content)
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (r *recorder) Unwrap() http.ResponseWriter {
	return r.ResponseWriter
}
