package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	abstractions "github.com/microsoft/kiota-abstractions-go"
)

// Templates of the synchronization segment, as the SDK writes its own.
const (
	syncTemplate            = "{+baseurl}/servicePrincipals/{sp}/synchronization"
	templatesTemplate       = syncTemplate + "/templates"
	templateSchemaTemplate  = templatesTemplate + "/{template}/schema"
	secretsTemplate         = syncTemplate + "/secrets"
	jobsTemplate            = syncTemplate + "/jobs"
	jobTemplate             = jobsTemplate + "/{job}"
	restartTemplate         = jobTemplate + "/restart"
	validateTemplate        = jobTemplate + "/validateCredentials"
	schemaTemplate          = jobTemplate + "/schema"
	filterOperatorsTemplate = schemaTemplate + "/filterOperators"
	parseExpressionTemplate = schemaTemplate + "/parseExpression"
	logTemplate             = "{+baseurl}/auditLogs/provisioning{?%24filter,%24top}"
)

// rawRequest is a request whose bodies the SDK does not touch.
type rawRequest struct {
	op       operation
	method   abstractions.HttpMethod
	template string
	path     map[string]string
	query    map[string]any
	body     any // marshalled as JSON; nil sends none
}

// raw sends the request through the SDK's adapter and gives the body of the answer,
// which is empty for a 204.
func (d *directory) raw(ctx context.Context, r rawRequest) (json.RawMessage, error) {
	info := abstractions.NewRequestInformationWithMethodAndUrlTemplateAndPathParameters(r.method, r.template, r.path)
	info.Headers.Add("Accept", "application/json")
	maps.Copy(info.QueryParametersAny, r.query)
	if r.body != nil {
		content, err := json.Marshal(r.body)
		if err != nil {
			return nil, translate(r.op, fmt.Errorf("encoding the request: %w", err))
		}
		info.SetStreamContentAndContentType(content, "application/json")
	}
	var body json.RawMessage
	err := d.call(ctx, r.op, func(ctx context.Context) error {
		answer, err := d.adapter.SendPrimitive(ctx, info, "[]byte", nil)
		if content, ok := answer.([]byte); ok {
			body = content
		}
		return err
	})
	return body, err
}

// rawJSON sends the request and decodes the answer into T.
func rawJSON[T any](ctx context.Context, d *directory, r rawRequest) (T, error) {
	var out T
	body, err := d.raw(ctx, r)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return out, translate(r.op, fmt.Errorf("decoding the answer: %w", err))
	}
	return out, nil
}

// collection is one page of a list.
type collection[T any] struct {
	Value    []T    `json:"value"`
	NextLink string `json:"@odata.nextLink"`
}

// rawList follows @odata.nextLink to the end.
func rawList[T any](ctx context.Context, d *directory, r rawRequest) ([]T, error) {
	var all []T
	for {
		page, err := rawJSON[collection[T]](ctx, d, r)
		if err != nil {
			return nil, err
		}
		all = slices.Concat(all, page.Value)
		if page.NextLink == "" {
			return all, nil
		}
		r.path = map[string]string{"request-raw-url": page.NextLink}
	}
}

// document sends a request whose answer is kept as it came.
func (d *directory) document(ctx context.Context, r rawRequest) (json.RawMessage, error) {
	body, err := d.raw(ctx, r)
	if err == nil && !json.Valid(body) {
		return nil, translate(r.op, errors.New("the answer is not JSON"))
	}
	return body, err
}
