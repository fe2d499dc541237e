package docs_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryFindingAboutMappingsIsInTheErrorReference: messages of internal/mapping, with … for what differs each time.
func TestEveryFindingAboutMappingsIsInTheErrorReference(t *testing.T) {
	var messages []string
	for folder, p := range source(t, "internal/mapping") {
		if !strings.HasSuffix(folder, "mapping") {
			continue // the language and the helpers below
		}
		p.inspect(func(node ast.Node) {
			switch n := node.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Message" {
					messages = append(messages, template(n.Value))
				}
			case *ast.AssignStmt:
				if member, ok := n.Lhs[0].(*ast.SelectorExpr); ok && member.Sel.Name == "Message" {
					messages = append(messages, template(n.Rhs[0]))
				}
			case *ast.FuncDecl:
				messages = append(messages, findingsOf(n)...)
			}
		})
	}
	mention(t, messages, 12)
}

// findingsOf gives what a check of the form func(...) (message, remedy string) returns.
func findingsOf(f *ast.FuncDecl) []string {
	results := f.Type.Results
	if results == nil || len(results.List) == 0 || len(results.List[0].Names) != 2 || results.List[0].Names[0].Name != "message" {
		return nil
	}
	var messages []string
	ast.Inspect(f.Body, func(node ast.Node) bool {
		if back, ok := node.(*ast.ReturnStmt); ok && len(back.Results) == 2 {
			messages = append(messages, template(back.Results[0]))
		}
		return true
	})
	return messages
}

// TestEveryStartUpErrorIsInTheErrorReference: what a binary says when a flag or a file is wrong.
func TestEveryStartUpErrorIsInTheErrorReference(t *testing.T) {
	var messages []string
	for _, p := range source(t, "cmd/entra-sim", "internal/scim/endpoint/options.go", "internal/scim/endpoint/openstore.go",
		"internal/scim/config", "internal/entrasim/directory/file.go", "internal/entrasim/faults/file.go", "internal/entrasim/oauth/file.go",
		"internal/entrasim/strictyaml",
		"internal/entrasim/state.go", "internal/entrasim/unconfirmed.go", "internal/scim/auth/hashes.go",
		"internal/scim/schema/extension.go", "internal/scim/schema/registry.go") {
		p.inspect(func(node ast.Node) {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return
			}
			switch callee(call) {
			case "fmt.Errorf", "errors.New":
				messages = append(messages, template(call))
			case "fault": // of the configuration's values
				messages = append(messages, template(call.Args[0])+" (line …) "+template(call.Args[1]))
			case "bad": // of the directory file's checks
				messages = append(messages, verb.ReplaceAllString(template(call.Args[0]), "…"))
			}
		})
	}
	mention(t, messages, 20)
}

var notLetters = regexp.MustCompile(`[^a-zA-Z]`)

// mention expects each message in the error reference. A wrapped cause at the end is no part of it, and what is hardly more than a cause
// with a word before it is no message.
func mention(t *testing.T, messages []string, atLeast int) {
	t.Helper()
	messages = slices.DeleteFunc(messages, func(m string) bool { return len(notLetters.ReplaceAllString(m, "")) < 13 })
	if len(messages) < atLeast {
		t.Fatalf("only %d messages were found in the code: does this test still know how they are made?", len(messages))
	}
	text := strings.ReplaceAll(oneLine(pages(t)[errorsPage].text), "`", "")
	for _, message := range messages {
		message = strings.TrimSuffix(strings.ReplaceAll(oneLine(message), "`", ""), ": …")
		if !strings.Contains(text, message) {
			t.Errorf("%s: does not have this message: %s", errorsPage, message)
		}
	}
}
