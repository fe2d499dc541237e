package docs_test

import (
	"go/ast"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const errorsPage = "docs/reference/errors.md"

// reasonArgument says which argument of a call is a condition's or an event's reason.
var reasonArgument = map[string]int{
	"phase.Succeed": 0, "phase.Stall": 0, "phase.Wait": 0, "phase.Fail": 0,
	"fault.NewTerminal": 0, "fault.NewWaiting": 0, "fault.NewThrottled": 0, "fault.NewRetryable": 0, "fault.ReasonOf": 1,
	"conditions.MarkReady": 2, "conditions.MarkReconciling": 2, "conditions.MarkStalled": 2,
	"terminal": 0, "retryable": 0, "waiting": 0, // of internal/entra/graph
	"unknown": 1, "set": 3, // of controllers/scimapp
	"Fail":    0, // of internal/phase
	".Eventf": 3,
}

var camelCase = regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)

// reasons gives every reason that the code can put into a condition or an event, with a place that does.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for folder, p := range source(t, "api", "controllers", "internal/apply", "internal/entra", "internal/fault", "internal/phase", "internal/tenant") {
		add := func(reason string) {
			if camelCase.MatchString(reason) {
				found[reason] = folder
			}
		}
		for name, value := range p.consts {
			if strings.HasPrefix(name, "Reason") || strings.HasPrefix(name, "reason") {
				add(value)
			}
		}
		p.inspect(func(node ast.Node) {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return
			}
			i, ok := reasonArgument[callee(call)]
			if !ok || i >= len(call.Args) {
				return
			}
			if value, ok := literal(call.Args[i]); ok {
				add(value)
			}
			if name, ok := call.Args[i].(*ast.Ident); ok {
				add(p.consts[name.Name])
			}
		})
	}
	if len(found) < 40 {
		t.Fatalf("only %d reasons were found in the code: does this test still know how reasons are given?", len(found))
	}
	return found
}

func TestEveryReasonIsInTheErrorReference(t *testing.T) {
	documented := pages(t)[errorsPage].entries("Reasons")
	inCode := reasons(t)
	for _, reason := range slices.Sorted(maps.Keys(inCode)) {
		if !documented[reason] {
			t.Errorf("%s: no section of reasons has a row for `%s`, which %s gives", errorsPage, reason, filepath.Base(inCode[reason]))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(documented)) {
		if inCode[reason] == "" && !strings.HasSuffix(reason, "…") {
			t.Errorf("%s: the code never gives `%s`", errorsPage, reason)
		}
	}
}

// TestEveryConditionIsOnThePageOfItsKind: what kubectl describe shows has to be found there.
func TestEveryConditionIsOnThePageOfItsKind(t *testing.T) {
	documented := pages(t)["docs/kinds/scimapp.md"].entries("Status")
	for _, p := range source(t, "api") {
		for name, value := range p.consts {
			if strings.HasPrefix(name, "Condition") && !documented[value] {
				t.Errorf("docs/kinds/scimapp.md: Status has no row for condition `%s`", value)
			}
		}
	}
}

// TestReasonsThatPhasesWaitWithAreExplained: a phase that is blocked has the reason Waiting<Condition>.
func TestReasonsThatPhasesWaitWithAreExplained(t *testing.T) {
	if !pages(t)[errorsPage].entries("Reasons")["Waiting…"] {
		t.Errorf("%s: no row for `Waiting…`", errorsPage)
	}
}
