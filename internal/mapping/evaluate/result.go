package evaluate

import (
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/expr"
)

// Result is what a mapping does to one object.
type Result struct {
	Object mapping.Object `json:"object"`
	// Scope is the verdict of the scoping filter.
	Scope Scope `json:"scope"`
	// SoftDeleted is what [IsSoftDeleted] stands for: not assigned, out of scope, deleted or disabled.
	SoftDeleted bool `json:"isSoftDeleted"`
	// Attributes are the results of all targets, in the order of the mapping.
	Attributes []Attribute `json:"attributes"`
	// NotCreated says why no account would be created; empty when one would be.
	NotCreated string `json:"notCreated,omitempty"`
	// Resource is the SCIM resource that would be sent to create the account; nil where NotCreated says why.
	Resource map[string]any `json:"resource"`
}

// Outcome is what becomes of one target.
type Outcome string

// The outcomes.
const (
	// OutcomeSent: the value is sent.
	OutcomeSent Outcome = "Sent"
	// OutcomeDefault: the source has no value; the mapping's default is sent, on create only.
	OutcomeDefault Outcome = "Default"
	// OutcomeSkipped: there is no value, and nothing is sent. A value that the app has already stays.
	OutcomeSkipped Outcome = "Skipped"
	// OutcomeReference: manager and members are written when both ends have an account, after it was created.
	OutcomeReference Outcome = "Reference"
	// OutcomeFailed: the expression cannot be evaluated for this object.
	OutcomeFailed Outcome = "Failed"
)

// Attribute is the result of one target.
type Attribute struct {
	Target string `json:"target"`
	// Expression is its canonical text; empty where the mapping has only a default.
	Expression string `json:"expression,omitempty"`
	// Inputs are the source attributes that it reads with their values: nil, a string or a []string. Only Explain gives them.
	Inputs  map[string]any `json:"inputs,omitempty"`
	Outcome Outcome        `json:"outcome"`
	// Value is what is sent, in the JSON type of the target; nil when nothing is.
	Value any `json:"value"`
	// OnCreate says that the value is sent only when the account is created.
	OnCreate bool `json:"onCreate,omitempty"`
	// MatchPrecedence above 0: accounts are found by this target.
	MatchPrecedence int `json:"matchPrecedence,omitempty"`
	// Note says what the outcome does not.
	Note string `json:"note,omitempty"`
	// Trace are the steps of the expression, inner ones first; only Explain gives them.
	Trace []Step `json:"trace,omitempty"`

	caseExact bool
}

// plain is a value as JSON has it: nil, a string or a []string.
func plain(v expr.Value) any {
	switch values := v.Values(); len(values) {
	case 0:
		return nil
	case 1:
		return values[0]
	default:
		return values
	}
}

// isEmpty says that there is no value, or only the empty text. That Entra sends no empty text is unconfirmed.
func isEmpty(v expr.Value) bool {
	return len(v.Values()) < 2 && v.Single() == ""
}
