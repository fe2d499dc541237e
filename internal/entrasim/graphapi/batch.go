package graphapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

const (
	operationBatch = "batch"
	maxBatch       = 20
)

// batchRequest is one request of a $batch.
type batchRequest struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batch answers up to twenty requests in one. Each goes the way of any other request: it is throttled, refused, written to
// the journal and hit by faults by itself. A request whose predecessor failed is answered 424 without being made.
func batch(c *call) error {
	var in struct{ Requests []batchRequest }
	if err := c.body(&in); err != nil {
		return err
	}
	if err := checkBatch(in.Requests); err != nil {
		return err
	}
	failed := map[string]bool{}
	responses := []any{}
	for i := range in.Requests {
		r := &in.Requests[i]
		response := object{"id": r.ID, "status": http.StatusFailedDependency, "headers": object{}, "body": object{"error": object{
			"code": "FailedDependency", "message": "A request that this one depends on failed."}}}
		if !slices.ContainsFunc(r.DependsOn, func(id string) bool { return failed[id] }) {
			var err error
			if response, err = c.batched(r); err != nil {
				return err
			}
		}
		failed[r.ID] = response["status"].(int) >= http.StatusBadRequest
		responses = append(responses, response)
	}
	return c.send(http.StatusOK, object{"responses": responses})
}

// checkBatch: IDs are unique, and a request depends only on ones that come before it.
func checkBatch(requests []batchRequest) error {
	bad := func(message string) error {
		return &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: message}
	}
	if len(requests) == 0 || len(requests) > maxBatch {
		return bad("The number of batch requests must be between 1 and 20.")
	}
	seen := map[string]bool{}
	for _, r := range requests {
		switch {
		case r.ID == "" || r.Method == "" || r.URL == "":
			return bad("Each batch request needs 'id', 'method' and 'url'.")
		case seen[r.ID]:
			return bad("The id '" + r.ID + "' is used by more than one batch request.")
		case slices.ContainsFunc(r.DependsOn, func(id string) bool { return !seen[id] }):
			return bad("The batch request '" + r.ID + "' depends on one that does not come before it.")
		}
		seen[r.ID] = true
	}
	return nil
}

// batched makes one request of a batch, with the token of the whole.
func (c *call) batched(r *batchRequest) (object, error) {
	address := c.root() + "/" + strings.TrimPrefix(r.URL, "/")
	request, err := http.NewRequestWithContext(c.Context(), strings.ToUpper(r.Method), address, bytes.NewReader(r.Body))
	if err != nil {
		return nil, &tenant.Error{Status: http.StatusBadRequest, Code: "BadRequest", Message: "Invalid batch request '" + r.ID + "'."}
	}
	for name, value := range r.Headers {
		request.Header.Set(name, value)
	}
	request.Host = c.Host
	request.Header.Set("Authorization", c.Header.Get("Authorization"))
	request.Header.Del("Accept-Encoding") // the answer is part of another
	answer := &kept{header: http.Header{}, status: http.StatusOK}
	c.api.batched.ServeHTTP(answer, request)
	headers := object{}
	for name := range answer.header {
		headers[name] = answer.header.Get(name)
	}
	response := object{"id": r.ID, "status": answer.status, "headers": headers}
	if raw := answer.body.Bytes(); json.Valid(raw) {
		response["body"] = json.RawMessage(raw)
	}
	return response, nil
}

// kept is an answer that becomes part of another.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header            { return k.header }
func (k *kept) WriteHeader(status int)         { k.status = status }
func (k *kept) Write(data []byte) (int, error) { return k.body.Write(data) }
