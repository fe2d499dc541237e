package server_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// untested are rules that no test of the endpoint can hold, with the reason.
var untested = map[string]string{
	"H-2":  "one endpoint serves one application",
	"H-11": "no answer redirects: there is no code to test",
	"S-24": "advice for who declares an extension",
	"N-1":  "how often Entra comes",
	"N-2":  "a rate: benchmarks hold it",
	"N-3":  "when Entra gives up",
	"N-7":  "what Entra leaves out",
	"N-9":  "what Entra sends on demand, as E-13",
	"N-10": "what credentials Entra offers",
	"N-11": "TLS is the endpoint package's",
	"X-6":  "there is no token endpoint: tokens that Entra issues are X-5",
	"X-7":  "mutual TLS and source lists are the ingress's",
	"X-8":  "one endpoint serves one application",
	"X-19": "nothing is fetched: there is no client in the endpoint's server",
	"I-4":  "no account but those made by SCIM is in the store",
	"I-5":  "no account but those made by SCIM is in the store",
	"I-6":  "no account but those made by SCIM is in the store",
	"I-9":  "one endpoint serves one application",
	"I-16": "a log line is written, no row: the load test of the store holds it",
	"I-17": "a rate: benchmarks hold it",
	"G-12": "a rate: benchmarks hold it",
}

var ruleNumber = regexp.MustCompile(`\b[A-Z]-[0-9]+\b`)

// TestEveryRuleHasATest reads the names of all tests of the endpoint, which begin with the numbers that they hold.
func TestEveryRuleHasATest(t *testing.T) {
	named := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") && entry.Name() != "rules_test.go" {
			collectNumbers(t, path, named)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join("testdata", "rules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		line := scanner.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		rule, _, _ := strings.Cut(line, " ")
		_, excepted := untested[rule]
		switch {
		case named[rule] && excepted:
			t.Errorf("%s has a test and is listed as having none", line)
		case !named[rule] && !excepted:
			t.Errorf("%s has no test that carries its number", line)
		}
	}
}

// collectNumbers finds numbers in string literals, X-11, and in names of functions, TestX11….
func collectNumbers(t *testing.T, path string, named map[string]bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatalf("parsing %s: %v", path, err)
	}
	inName := regexp.MustCompile(`[A-Z][0-9]+`)
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			for _, match := range inName.FindAllString(node.Name.Name, -1) {
				named[match[:1]+"-"+match[1:]] = true
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
				for _, match := range ruleNumber.FindAllString(text, -1) {
					named[match] = true
				}
			}
		}
		return true
	})
}
