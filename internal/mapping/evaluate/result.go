package evaluate

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

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

// Effect is what a changed mapping does to one object that may have an account already.
type Effect string

// The effects.
const (
	// EffectNone: nothing is sent.
	EffectNone Effect = "None"
	// EffectAdded: it comes into scope, and gets an account or its account back.
	EffectAdded Effect = "Added"
	// EffectDisabled: it falls out of scope, or active is sent as false now; its account is disabled.
	EffectDisabled Effect = "Disabled"
	// EffectChanged: its account is updated.
	EffectChanged Effect = "Changed"
)

// Compare says what happens to an object when its mapping changes, and the targets that are updated. Values that are sent on create
// only do not count, nor does one that is not sent any more: Entra clears nothing.
func Compare(before, after Result) (Effect, []string) {
	switch was, is := !before.SoftDeleted, !after.SoftDeleted; {
	case !was && !is:
		return EffectNone, nil
	case !was:
		return EffectAdded, nil
	case !is:
		return EffectDisabled, nil
	}
	var targets []string
	for _, now := range after.Attributes {
		if now.Outcome != OutcomeSent || now.OnCreate {
			continue
		}
		i := slices.IndexFunc(before.Attributes, func(a Attribute) bool { return a.Target == now.Target })
		if i >= 0 && now.same(before.Attributes[i]) {
			continue
		}
		if now.deactivates() {
			return EffectDisabled, nil
		}
		targets = append(targets, now.Target)
	}
	if len(targets) == 0 {
		return EffectNone, nil
	}
	return EffectChanged, targets
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

// same compares as Entra does: a change of letter case alone is one only where case counts.
// deactivates is true for active that is sent as false, as a boolean or in Entra's word.
func (a Attribute) deactivates() bool {
	return a.Target == "active" && strings.EqualFold(fmt.Sprint(a.Value), "false")
}

func (a Attribute) same(before Attribute) bool {
	was, isText := before.Value.(string)
	is, isStillText := a.Value.(string)
	if isText && isStillText && !a.caseExact {
		return strings.EqualFold(was, is)
	}
	return reflect.DeepEqual(before.Value, a.Value)
}
