package mapping

import "slices"

// userWarnings are what a mapping of people may do and mostly should not.
func userWarnings(d Desired) Findings {
	declared := d.declaration(User)
	if !declared.owns() {
		return nil
	}
	return slices.Concat(declared.externalIDWarning(), declared.activeWarning())
}

// attribute finds what is declared of a target, and by whom; in the last mapping where several are about it.
func (d declaration) attribute(target string) (a Attribute, by Ref, ok bool) {
	by = d.mappings[0].Ref
	for _, m := range d.mappings {
		for _, candidate := range m.Attributes {
			if sameName(candidate.Target, target) {
				a, by, ok = candidate, m.Ref, true
			}
		}
	}
	return a, by, ok
}

// externalIDWarning: mailNickname, which Entra maps by default, is neither unique nor stable.
func (d declaration) externalIDWarning() Findings {
	a, by, isDeclared := d.attribute("externalId")
	if isDeclared && a.Source != "mailNickname" || !isDeclared && d.base == BaseEmpty {
		return nil
	}
	return Findings{{Mapping: by, Target: "externalId", Severity: SeverityWarning, Rule: "external-id",
		Message: "externalId comes from mailNickname, Entra's default, which can change and be given to another person",
		Remedy:  "add {target: externalId, source: objectId}"}}
}

// activeWarning: without active nobody is ever disabled.
func (d declaration) activeWarning() Findings {
	a, by, isDeclared := d.attribute("active")
	if isDeclared && !a.Remove || !isDeclared && d.base != BaseEmpty {
		return nil
	}
	return Findings{{Mapping: by, Target: "active", Severity: SeverityWarning, Rule: "active-not-mapped",
		Message: "active is not mapped, so who leaves or loses access stays active in the app",
		Remedy:  `add {target: active, expression: 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'}`}}
}
