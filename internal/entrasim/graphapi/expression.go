package graphapi

import (
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// testObject is the testInputObject of parseExpression as an object to evaluate for.
type testObject struct {
	values map[string]expr.Value
	now    func() time.Time
}

// Attribute is part of expr.Environment.
func (o *testObject) Attribute(name string) (expr.Value, bool) {
	v, ok := o.values[name]
	return v, ok
}

// Now is part of expr.Environment.
func (o *testObject) Now() time.Time { return o.now() }

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
	test := &testObject{values: map[string]expr.Value{}, now: c.api.tenant.Now}
	for _, p := range in.TestInputObject.Properties {
		test.values[p.Key] = value(p.Value)
	}
	result, err := node.Evaluate(test)
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
