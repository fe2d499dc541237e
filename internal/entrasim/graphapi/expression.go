package graphapi

import (
	"crypto/rand"
	"net/http"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// parseExpression reads an expression and, when a test object is given, evaluates it. The codes of its errors are
// made up: unconfirmed(parse-errors).
func parseExpression(c *call) error {
	if _, err := c.api.tenant.Job(c.param("id"), c.param("job")); err != nil {
		return err
	}
	var in struct {
		Expression      string
		TestInputObject *struct {
			Properties []struct {
				Key   string
				Value any
			}
		}
	}
	if err := c.body(&in); err != nil {
		return err
	}
	answer := object{"@odata.context": c.context("microsoft.graph.parseExpressionResponse"), "error": nil,
		"parsingSucceeded": false, "evaluationSucceeded": false, "evaluationResult": []any{}, "parsedExpression": nil}
	node, err := expr.Parse(in.Expression)
	if err != nil {
		answer["error"] = object{"code": "InvalidExpression", "message": err.Error(), "tenantActionable": true}
		return c.send(http.StatusOK, answer)
	}
	answer["parsingSucceeded"], answer["parsedExpression"] = true, node.Source()
	if in.TestInputObject == nil {
		return c.send(http.StatusOK, answer)
	}
	values := map[string]expr.Value{}
	for _, p := range in.TestInputObject.Properties {
		values[p.Key] = value(p.Value)
	}
	result, err := node.Evaluate(expr.Environment{
		Attribute: func(name string) (expr.Value, bool) { v, ok := values[name]; return v, ok },
		Now:       c.api.tenant.Now,
		Random:    rand.Reader,
	})
	if err != nil {
		answer["error"] = object{"code": "EvaluationFailed", "message": err.Error(), "tenantActionable": true}
		return c.send(http.StatusOK, answer)
	}
	answer["evaluationSucceeded"] = true
	if values := result.Values(); len(values) > 0 {
		answer["evaluationResult"] = values
	}
	return c.send(http.StatusOK, answer)
}

func value(v any) expr.Value {
	switch v := v.(type) {
	case string:
		return expr.String(v)
	case bool:
		if v {
			return expr.String("True")
		}
		return expr.String("False")
	case []any:
		texts := []string{}
		for _, e := range v {
			if s, ok := e.(string); ok {
				texts = append(texts, s)
			}
		}
		return expr.Strings(texts)
	default:
		return expr.Null()
	}
}
