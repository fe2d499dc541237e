package mapping

import (
	"fmt"
	"slices"
)

// matcher is a target that accounts are found by.
type matcher struct {
	target     string
	precedence int
	mapping    Ref // who says so; zero for Entra's default
}

// mergeMatchers lays what the mappings say about the object over the defaults.
func mergeMatchers(d Desired, object Object, defaults []matcher) []matcher {
	merged := slices.Clone(defaults)
	for _, m := range d.Mappings {
		if m.Object != object {
			continue
		}
		for _, a := range m.Attributes {
			merged = slices.DeleteFunc(merged, func(have matcher) bool { return have.target == a.Target })
			if a.MatchPrecedence > 0 {
				merged = append(merged, matcher{a.Target, a.MatchPrecedence, m.Ref})
			}
		}
	}
	return merged
}

// checkMatching wants at least one matcher, and no two of one precedence.
func (d declaration) checkMatching(matchers []matcher) Findings {
	if len(matchers) == 0 {
		object := d.object
		return Findings{{Mapping: d.mappings[0].Ref, Severity: SeverityError, Rule: "no-match", Target: documentedMatch[object],
			Message: fmt.Sprintf("no %s attribute is left that accounts are found by: the mapping overrides Entra's default and sets no matchPrecedence", object),
			Remedy:  fmt.Sprintf("set matchPrecedence: 1 on one target, such as %s", documentedMatch[object])}}
	}
	var found Findings
	for i, m := range matchers {
		for _, other := range matchers[:i] {
			if m.precedence == other.precedence {
				first, second := parties(other.mapping, m.mapping)
				found = append(found, Finding{Mapping: first, Other: second, Target: m.target, Severity: SeverityError, Rule: "same-precedence",
					Message: fmt.Sprintf("%s and %s have the same matchPrecedence %d", other.describe(), m.describe(), m.precedence),
					Remedy:  "give each its own number; to change that of a default, map its target as well"})
			}
		}
	}
	return found
}

func (m matcher) describe() string {
	if m.mapping == (Ref{}) {
		return m.target + " (Entra's default)"
	}
	return m.target
}
