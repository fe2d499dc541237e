package graph

import (
	"context"
	"encoding/json"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// TemplateSchema implements entra.Provisioning.
func (d *directory) TemplateSchema(ctx context.Context, servicePrincipalID, templateID string) (json.RawMessage, error) {
	return d.document(ctx, rawRequest{
		op: opTemplateSchema, method: abstractions.GET, template: templateSchemaTemplate,
		path: map[string]string{"sp": servicePrincipalID, "template": templateID},
	})
}

// Schema implements entra.Provisioning.
func (d *directory) Schema(ctx context.Context, ref entra.JobRef) (json.RawMessage, error) {
	return d.document(ctx, rawRequest{op: opSchema, method: abstractions.GET, template: schemaTemplate, path: jobPath(ref)})
}

// PutSchema implements entra.Provisioning. The SDK knows only PATCH, which Graph
// answers with 404.
func (d *directory) PutSchema(ctx context.Context, ref entra.JobRef, schema json.RawMessage) error {
	_, err := d.raw(ctx, rawRequest{op: opPutSchema, method: abstractions.PUT, template: schemaTemplate, path: jobPath(ref), body: schema})
	return err
}

// FilterOperators implements entra.Provisioning.
func (d *directory) FilterOperators(ctx context.Context, ref entra.JobRef) (json.RawMessage, error) {
	return d.document(ctx, rawRequest{op: opFilterOperators, method: abstractions.GET, template: filterOperatorsTemplate, path: jobPath(ref)})
}

// ParseExpression implements entra.Provisioning.
func (d *directory) ParseExpression(ctx context.Context, ref entra.JobRef, expression string) (entra.ParsedExpression, error) {
	type answer struct {
		ParsingSucceeded bool            `json:"parsingSucceeded"`
		ParsedExpression json.RawMessage `json:"parsedExpression"`
		Error            *errorResource  `json:"error"`
	}
	parsed, err := rawJSON[answer](ctx, d, rawRequest{
		op: opParseExpression, method: abstractions.POST, template: parseExpressionTemplate, path: jobPath(ref),
		body: map[string]any{"expression": expression, "targetAttributeDefinition": nil, "testInputObject": nil},
	})
	if err != nil {
		return entra.ParsedExpression{}, err
	}
	out := entra.ParsedExpression{Succeeded: parsed.ParsingSucceeded}
	if out.Succeeded {
		out.Source = parsed.ParsedExpression
	} else if parsed.Error != nil {
		out.Message = parsed.Error.Message
	}
	return out, nil
}
