package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Compiling a program for each mutant takes seconds, running the tests takes none. So all mutants inside functions are compiled into one
// program: each function is there once as it was and once for each of its mutants, and a variable of the environment chooses.
const (
	chooser  = "MUTANT"
	original = -1
)

// woven is a file with all mutants of its functions, and which of its lines belong to which of them.
type woven struct {
	content []byte
	lines   map[int]int // line to mutant
	inside  []int       // the mutants
}

// weave writes a file with those of the mutants that are in its functions. The numbers are the mutants' own.
func weave(file string, source []byte, mutants map[int]mutant) (woven, error) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, source, parser.SkipObjectResolution)
	if err != nil {
		return woven{}, fmt.Errorf("parsing the package: %w", err)
	}
	w := woven{lines: map[int]int{}}
	var out bytes.Buffer
	end := 0
	for _, declaration := range tree.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		p := part{source: source, function: function, offset: func(at token.Pos) int { return files.Position(at).Offset }}
		numbers := p.within(mutants)
		if len(numbers) == 0 {
			continue
		}
		from, to := p.offset(function.Pos()), p.offset(function.End())
		out.Write(source[end:from])
		out.WriteString(p.dispatcher(numbers) + "\n" + p.variant(original, mutant{}) + "\n")
		for _, number := range numbers {
			line := 1 + bytes.Count(out.Bytes(), []byte("\n"))
			text := p.variant(number, mutants[number])
			for i := range 1 + strings.Count(text, "\n") {
				w.lines[line+i] = number
			}
			out.WriteString(text + "\n")
		}
		end = to
		w.inside = append(w.inside, numbers...)
	}
	out.Write(source[end:])
	w.content = out.Bytes()
	return w, nil
}

// part is one function of a file.
type part struct {
	source   []byte
	function *ast.FuncDecl
	offset   func(token.Pos) int
}

func (p part) text(from, to token.Pos) string { return string(p.source[p.offset(from):p.offset(to)]) }

// within lists the mutants that are in the body.
func (p part) within(mutants map[int]mutant) []int {
	var numbers []int
	for number, m := range mutants {
		if m.offset >= p.offset(p.function.Body.Pos()) && m.offset < p.offset(p.function.End()) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// variant is the function under a name of its own, changed as the mutant says.
func (p part) variant(number int, m mutant) string {
	body := p.text(p.function.Body.Pos(), p.function.End())
	if number != original {
		at := m.offset - p.offset(p.function.Body.Pos())
		body = body[:at] + m.new + body[at+len(m.old):]
	}
	return p.text(p.function.Pos(), p.function.Name.Pos()) + p.name(number) + p.text(p.function.Name.End(), p.function.Body.Pos()) + body
}

func (p part) name(number int) string {
	if number == original {
		return p.function.Name.Name + "_original"
	}
	return fmt.Sprintf("%s_%d", p.function.Name.Name, number)
}

// dispatcher is the function under its own name, which calls the variant that was chosen.
func (p part) dispatcher(numbers []int) string {
	var out strings.Builder
	call := ""
	out.WriteString("func ")
	if p.function.Recv != nil {
		fmt.Fprintf(&out, "(self %s) ", p.text(p.function.Recv.List[0].Type.Pos(), p.function.Recv.List[0].Type.End()))
		call = "self."
	}
	parameters, arguments := p.parameters()
	fmt.Fprintf(&out, "%s(%s) ", p.function.Name.Name, parameters)
	answer := ""
	if results := p.function.Type.Results; results != nil {
		out.WriteString(p.text(results.Pos(), results.End()) + " ")
		answer = "return "
	}
	out.WriteString("{\n\tswitch chosenMutant {\n")
	for _, number := range numbers {
		fmt.Fprintf(&out, "\tcase %d:\n\t\t%s%s%s(%s)\n", number, answer, call, p.name(number), arguments)
	}
	fmt.Fprintf(&out, "\tdefault:\n\t\t%s%s%s(%s)\n\t}\n}\n", answer, call, p.name(original), arguments)
	return out.String()
}

// parameters gives the parameters under names that collide with nothing, and the arguments that hand them on.
func (p part) parameters() (parameters, arguments string) {
	var declared, handed []string
	for _, field := range p.function.Type.Params.List {
		kind := p.text(field.Type.Pos(), field.Type.End())
		for range max(1, len(field.Names)) {
			name := fmt.Sprintf("argument%d", len(declared))
			declared = append(declared, name+" "+kind)
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				name += "..."
			}
			handed = append(handed, name)
		}
	}
	return strings.Join(declared, ", "), strings.Join(handed, ", ")
}

// choice is the file that tells the woven functions which mutant to be.
func choice(packageName string) []byte {
	return fmt.Appendf(nil, "package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar chosenMutant = func() int {\n\tnumber, err := strconv.Atoi(os.Getenv(%q))\n"+
		"\tif err != nil {\n\t\treturn %d\n\t}\n\treturn number\n}()\n", packageName, chooser, original)
}
