package lint

import (
	"errors"
	"fmt"
	"strings"

	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// expressionSuffix ends the path of every expression.
const expressionSuffix = "].expression"

// checkExpressions finds wrong expressions, and those that Entra takes and that do not what they seem to do, with their
// places in the file.
func checkExpressions(d declared) Findings {
	var found Findings
	for i, a := range d.model.Attributes {
		if a.Expression == "" {
			continue
		}
		path := fmt.Sprintf("spec.attributes[%d%s", i, expressionSuffix)
		f := Finding{Position: d.object.ValueAt(path), Object: nameOf(d.object)}
		node, err := expr.Parse(a.Expression)
		if err != nil {
			f.Severity, f.Rule, f.Message = Error, ruleExpression, fmt.Sprintf("target %s: the expression is wrong at %v", a.Target, err)
			if place := (*expr.Error)(nil); errors.As(err, &place) {
				f.Position = d.object.InText(path, place.Line, place.Column)
			}
			found = append(found, f)
			continue
		}
		for _, w := range expr.Warnings(node) {
			f.Severity, f.Rule, f.Remedy = Warning, w.Trap, w.Remedy
			f.Message = fmt.Sprintf("target %s: in the expression at line %d, column %d: %s", a.Target, w.Line, w.Column, w.Message)
			f.Position = d.object.InText(path, w.Line, w.Column)
			found = append(found, f)
		}
	}
	return found
}

// isSyntax says whether a finding of the model is one that checkExpressions has too.
func isSyntax(o manifest.Object, finding mapping.Finding) bool {
	if finding.Severity != mapping.SeverityError || !strings.HasSuffix(finding.Path, expressionSuffix) {
		return false
	}
	_, err := expr.Parse(o.Scalar(finding.Path))
	return err != nil
}
