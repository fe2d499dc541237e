package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of one file.
type mutant struct {
	file     string
	source   []byte // of the whole file, unchanged
	offset   int
	old, new string
	line     int
	text     string // of the line
	ordinal  int    // among the same changes of the line, from 1
	verdict  verdict
}

// key names the mutant by what stands there, not by a line number, so that it stays the same while the file changes around it.
func (m mutant) key() string {
	key := fmt.Sprintf("%s | %s | %s -> %s", filepath.Base(m.file), m.text, m.old, m.new)
	if m.ordinal > 1 {
		key += fmt.Sprintf(" (%d)", m.ordinal)
	}
	return key
}

// mutated is the file with the change.
func (m mutant) mutated() []byte {
	return slices.Concat(m.source[:m.offset], []byte(m.new), m.source[m.offset+len(m.old):])
}

// operators says what each operator is changed to: the nearest other one, which tests that look only far from an edge do not notice.
var operators = map[token.Token]token.Token{
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
	token.AND: token.OR, token.OR: token.AND, token.SHL: token.SHR, token.SHR: token.SHL,
	token.LAND: token.LOR, token.LOR: token.LAND, token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN,
	token.OR_ASSIGN: token.AND_ASSIGN, token.REM_ASSIGN: token.MUL_ASSIGN, token.INC: token.DEC, token.DEC: token.INC,
	token.BREAK: token.CONTINUE, token.CONTINUE: token.BREAK,
}

// find lists the mutants of a file in the order of its text.
func find(file string) ([]mutant, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the package: %w", err)
	}
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parsing the package: %w", err)
	}
	lines := strings.Split(string(source), "\n")
	var found []mutant
	add := func(at token.Pos, old, changed string) {
		position := files.Position(at)
		m := mutant{file: file, source: source, offset: position.Offset, old: old, new: changed, line: position.Line,
			text: strings.TrimSpace(lines[position.Line-1]), ordinal: 1}
		for _, other := range found {
			if other.line == m.line && other.old == m.old {
				m.ordinal++
			}
		}
		found = append(found, m)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.StructType:
			return false // tags and the like
		case *ast.ReturnStmt:
			return !fails(n)
		case *ast.BinaryExpr:
			swap(add, n.OpPos, n.Op)
		case *ast.AssignStmt:
			swap(add, n.TokPos, n.Tok)
		case *ast.IncDecStmt:
			swap(add, n.TokPos, n.Tok)
		case *ast.BranchStmt:
			swap(add, n.TokPos, n.Tok)
		case *ast.UnaryExpr:
			if n.Op == token.NOT || n.Op == token.SUB {
				add(n.OpPos, n.Op.String(), "")
			}
		case *ast.BasicLit:
			number(add, n)
		case *ast.Ident:
			truth(add, n)
		}
		return true
	})
	return found, nil
}

// fails says whether a return gives constants beside an error, where nobody looks at them.
func fails(n *ast.ReturnStmt) bool {
	last := len(n.Results) - 1
	for i, result := range n.Results {
		literal, ok := result.(*ast.BasicLit)
		name, isName := result.(*ast.Ident)
		constant := ok && literal.Kind == token.INT || isName && (name.Name == "true" || name.Name == "false")
		switch {
		case i < last && !constant:
			return false
		case i == last:
			return last > 0 && !ok && !(isName && name.Name == "true") && !(isName && name.Name == "nil")
		}
	}
	return false
}

func swap(add func(token.Pos, string, string), at token.Pos, operator token.Token) {
	if other, ok := operators[operator]; ok {
		add(at, operator.String(), other.String())
	}
}

// number makes a whole number greater by one.
func number(add func(token.Pos, string, string), n *ast.BasicLit) {
	if n.Kind != token.INT {
		return
	}
	if value, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
		add(n.Pos(), n.Value, strconv.FormatInt(value+1, 10))
	}
}

func truth(add func(token.Pos, string, string), n *ast.Ident) {
	switch n.Name {
	case "true":
		add(n.Pos(), "true", "false")
	case "false":
		add(n.Pos(), "false", "true")
	}
}
