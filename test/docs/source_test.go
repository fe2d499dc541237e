package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// goPackage is the source of one folder, without tests.
type goPackage struct {
	name   string
	files  []*ast.File
	consts map[string]string // those with a text as value
}

// source parses the product's packages below the given folders, by folder.
func source(t *testing.T, folders ...string) map[string]*goPackage {
	t.Helper()
	base, found := root(t), map[string]*goPackage{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(base, folder), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			p := found[filepath.Dir(path)]
			if p == nil {
				p = &goPackage{name: file.Name.Name, consts: map[string]string{}}
				found[filepath.Dir(path)] = p
			}
			p.files = append(p.files, file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range found {
		p.readConsts()
	}
	return found
}

func (p *goPackage) readConsts() {
	p.inspect(func(node ast.Node) {
		declaration, ok := node.(*ast.GenDecl)
		if !ok || declaration.Tok != token.CONST {
			return
		}
		for _, spec := range declaration.Specs {
			values, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, name := range values.Names {
				if i < len(values.Values) {
					if value, ok := literal(values.Values[i]); ok {
						p.consts[name.Name] = value
					}
				}
			}
		}
	})
}

func (p *goPackage) inspect(visit func(ast.Node)) {
	for _, file := range p.files {
		ast.Inspect(file, func(node ast.Node) bool {
			if node != nil {
				visit(node)
			}
			return true
		})
	}
}

func literal(expr ast.Expr) (string, bool) {
	lit, ok := expr.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(lit.Value)
	return value, err == nil
}

// callee is the called function as it is written: phase.Stall, s.Eventf, errors.New.
func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
		return "." + f.Sel.Name
	default:
		return ""
	}
}

var verb = regexp.MustCompile(`%[-+# 0]*(\[\d+\])?[0-9.*]*[a-zA-Z]`)

// template is a message as the code builds it, with … in the place of each value; empty where nothing of it is literal.
func template(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.BasicLit:
		value, _ := literal(e)
		return value
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return orDots(template(e.X)) + orDots(template(e.Y))
		}
	case *ast.CallExpr:
		switch callee(e) {
		case "fmt.Sprintf", "fmt.Errorf", "errors.New":
			return strings.ReplaceAll(verb.ReplaceAllString(template(e.Args[0]), "…"), "%%", "%")
		}
	}
	return ""
}

func orDots(text string) string {
	if text == "" {
		return "…"
	}
	return text
}
