package evaluate

import (
	"reflect"
	"slices"
	"strings"
)

// Effect is what a changed mapping does to one object that may have an account already.
type Effect string

// The effects.
const (
	// EffectNone: nothing is sent.
	EffectNone Effect = "None"
	// EffectAdded: it comes into scope, and gets an account or its account back.
	EffectAdded Effect = "Added"
	// EffectDisabled: its account is disabled, because it falls out of scope or because active becomes false.
	EffectDisabled Effect = "Disabled"
	// EffectChanged: its account is updated.
	EffectChanged Effect = "Changed"
)

// targetActive is the target that disables an account.
const targetActive = "active"

// Compare says what happens to an object when its mapping changes, and the targets that are updated. Values that are sent on create
// only do not count, nor does one that is not sent any more: Entra clears nothing. An object that falls out of scope while nothing
// sends active as false keeps its account as it is.
func Compare(before, after Result) (Effect, []string) {
	switch {
	case before.SoftDeleted && !after.SoftDeleted:
		return EffectAdded, nil
	case disables(before, after):
		return EffectDisabled, nil
	case after.SoftDeleted:
		return EffectNone, nil
	}
	var targets []string
	for _, now := range after.Attributes {
		if !now.isUpdated() {
			continue
		}
		i := slices.IndexFunc(before.Attributes, func(a Attribute) bool { return a.Target == now.Target })
		if i < 0 || !now.same(before.Attributes[i]) {
			targets = append(targets, now.Target)
		}
	}
	if len(targets) == 0 {
		return EffectNone, nil
	}
	return EffectChanged, targets
}

// disables says that active is sent as false, and was not before. An account that Entra did not touch is an active one, except where
// the object was out of scope already: then it may have none.
func disables(before, after Result) bool {
	was, wasSent := before.active()
	is, isSent := after.active()
	return isSent && !is && (wasSent && was || !wasSent && !before.SoftDeleted)
}

// active is what updates say of the account; false where they say nothing.
func (r Result) active() (value, sent bool) {
	i := slices.IndexFunc(r.Attributes, func(a Attribute) bool { return a.Target == targetActive && a.isUpdated() })
	if i < 0 {
		return false, false
	}
	switch value := r.Attributes[i].Value.(type) {
	case bool:
		return value, true
	case string:
		return !strings.EqualFold(value, "False"), true
	default:
		return false, false
	}
}

// isUpdated says that the value is sent to an account that is there.
func (a Attribute) isUpdated() bool { return a.Outcome == OutcomeSent && !a.OnCreate }

// same compares as Entra does: a change of letter case alone is one only where case counts.
func (a Attribute) same(before Attribute) bool {
	was, isText := before.Value.(string)
	is, isStillText := a.Value.(string)
	if isText && isStillText && !a.caseExact {
		return strings.EqualFold(was, is)
	}
	return reflect.DeepEqual(before.Value, a.Value)
}
