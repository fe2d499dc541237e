package expr

import "slices"

// The types of a Source, as Graph's attributeMappingSource spells them.
const (
	TypeAttribute = "Attribute"
	TypeConstant  = "Constant"
	TypeFunction  = "Function"
)

// Source is Graph's attributeMappingSource: the source of an attribute mapping as a tree, each node with its own text.
type Source struct {
	// Expression is the text of this node; numbers and texts are both quoted in a constant's own Expression.
	Expression string `json:"expression"`
	// Name is the attribute's name, the constant's value or the function's name.
	Name string `json:"name"`
	// Type is TypeAttribute, TypeConstant or TypeFunction.
	Type string `json:"type"`
	// Parameters are the given arguments of a function under the names of its parameters; left-out ones are absent. Never null in JSON.
	Parameters []SourceParameter `json:"parameters"`
}

// SourceParameter is one argument of a function in a Source. Repeated parameters repeat their key.
type SourceParameter struct {
	// Key is the parameter's name in Graph's function list.
	Key string `json:"key"`
	// Value is the argument.
	Value Source `json:"value"`
}

// Source is the expression as a Graph source tree. What Graph makes of a comparison is not published; it is written here as a function
// named by its operator with parameters left and right, so use parseExpression's answer instead where Graph can be asked.
func (n *Node) Source() Source {
	source := Source{Expression: n.String(), Name: n.text, Parameters: []SourceParameter{}}
	switch n.kind {
	case Attribute:
		source.Type = TypeAttribute
	case Function, Condition:
		source.Type = TypeFunction
	default:
		source.Type = TypeConstant
		source.Expression = quote(n.text)
	}
	for i, argument := range n.arguments {
		if argument.kind != Empty {
			source.Parameters = append(source.Parameters, SourceParameter{Key: n.key(i), Value: argument.Source()})
		}
	}
	return source
}

// key is the name of the parameter that takes the argument.
func (n *Node) key(index int) string {
	if n.kind == Condition {
		return conditionKeys[index]
	}
	return n.function.parameter(index).name
}

var (
	conditionKeys = [2]string{"left", "right"}
	operators     = []string{"=", "<>", ">", ">=", "<", "<="}
)

// FromSource reads a Graph source tree. The Expression of the root is the authority where it is there, because only the text shows
// left-out arguments; without it the expression is rebuilt from the tree. The error is an *Error.
func FromSource(source Source) (*Node, error) {
	if source.Expression != "" {
		return Parse(source.Expression)
	}
	node, err := fromTree(source, 1)
	if err != nil {
		return nil, err
	}
	return Parse(node.String()) // names in a tree are not checked until they are read as text
}

func fromTree(source Source, depth int) (*Node, *Error) {
	switch source.Type {
	case TypeAttribute:
		return NewAttribute(source.Name), nil
	case TypeConstant:
		return NewConstant(source.Name), nil
	case TypeFunction:
	default:
		return nil, position{}.expected("a source of type Attribute, Constant or Function", quote(source.Type))
	}
	if slices.Contains(operators, source.Name) {
		return conditionFromTree(source, depth)
	}
	if depth > MaxDepth {
		return nil, position{}.errorf("calls are nested more than %d deep", MaxDepth)
	}
	fn := lookup(source.Name)
	if fn == nil {
		return nil, unknownFunction(source.Name, position{})
	}
	return callFromTree(fn, source, depth)
}

func conditionFromTree(source Source, depth int) (*Node, *Error) {
	if len(source.Parameters) != len(conditionKeys) {
		return nil, position{}.errorf("the comparison %q has %d sides in its tree", source.Name, len(source.Parameters))
	}
	node := &Node{kind: Condition, text: source.Name}
	for _, parameter := range source.Parameters {
		if slices.Contains(operators, parameter.Value.Name) && parameter.Value.Type == TypeFunction {
			return nil, position{}.errorf("a comparison stands only in IIF or CBool, not in the comparison %q", source.Name)
		}
		side, err := fromTree(parameter.Value, depth)
		if err != nil {
			return nil, err
		}
		node.arguments = append(node.arguments, side)
	}
	return node, nil
}

// callFromTree puts each argument where the parameter of its key stands; those between that have none were left out.
func callFromTree(fn *function, source Source, depth int) (*Node, *Error) {
	node := &Node{kind: Function, text: fn.name, function: fn}
	for _, given := range source.Parameters {
		for {
			p := fn.parameter(len(node.arguments))
			if p == nil {
				return nil, position{}.errorf("%s has no parameter %q at that place; it takes %s", fn.name, given.Key, fn.signature())
			}
			if p.name == given.Key {
				break
			}
			if p.repeated {
				return nil, position{}.errorf("%s has no parameter %q after %q; it takes %s", fn.name, given.Key, p.name, fn.signature())
			}
			node.arguments = append(node.arguments, &Node{kind: Empty})
		}
		argument, err := fromTree(given.Value, depth+1)
		if err != nil {
			return nil, err
		}
		argument.bare = argument.kind == Constant && fn.parameter(len(node.arguments)).integer
		node.arguments = append(node.arguments, argument)
	}
	return node, nil
}
