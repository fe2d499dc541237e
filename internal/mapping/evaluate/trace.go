package evaluate

import "github.com/scim-operator/scim-operator/internal/mapping/expr"

// Step is one call or comparison of an expression that was evaluated. Values are nil, a string or a []string.
type Step struct {
	Expression string `json:"expression"`
	// Depth is how many calls it is in; 0 is the whole expression, which comes last.
	Depth  int         `json:"depth"`
	Inputs []StepInput `json:"inputs,omitempty"`
	Result any         `json:"result"`
	Note   string      `json:"note,omitempty"`
	Error  string      `json:"error,omitempty"`
}

// StepInput is an argument of a step.
type StepInput struct {
	Parameter  string `json:"parameter"`
	Expression string `json:"expression"`
	Value      any    `json:"value"`
}

func (a *Attribute) observe(s expr.Step) {
	step := Step{Expression: s.Node.String(), Depth: s.Depth, Result: plain(s.Result), Note: s.Note}
	for _, input := range s.Inputs {
		step.Inputs = append(step.Inputs, StepInput{input.Parameter, input.Node.String(), plain(input.Value)})
	}
	if s.Err != nil {
		step.Error = s.Err.Error()
	}
	a.Trace = append(a.Trace, step)
}
