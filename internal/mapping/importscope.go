package mapping

import (
	"fmt"
	"slices"
)

// importScope reads who is in scope, where that differs from the base.
func (i *importer) importScope() {
	raw := i.live.mapping.Get("scope")
	if hasOtherFilters(raw) {
		i.note(i.live.path+".scope", "", "the scope has filters of an experimental kind beside its groups, which no manifest can ask for")
	}
	have := readScope(raw)
	if sameScope(have, i.declared().wantedScope(i.base)) {
		return
	}
	if len(have) == 0 {
		i.report("scope", "", "everybody is in scope, where Entra's default has a filter; no manifest can ask for that", "use base: Empty")
		return
	}
	for n, group := range have {
		if problem := importGroup(group); problem != "" {
			i.report(fmt.Sprintf("scope.groups[%d]", n), "", problem, "change it in the portal to something that a manifest can say; without it others would be in scope")
			return
		}
	}
	i.mapping.Scope = named(have)
}

// importGroup says why a group cannot be declared; empty where it can.
func importGroup(group ScopeGroup) string {
	if len(group.Clauses) == 0 {
		return "the scope group has no clauses"
	}
	for _, clause := range group.Clauses {
		if message, _ := checkClause(clause); message != "" {
			return message
		}
	}
	return ""
}

// maxGroupName is the length of a group's name that a manifest may have, in characters.
const maxGroupName = 100

// named gives every group a name of its own, which means nothing in Entra.
func named(groups []ScopeGroup) []ScopeGroup {
	taken := map[string]bool{}
	out := slices.Clone(groups)
	for i := range out {
		name := []rune(out[i].Name)
		if len(name) > maxGroupName {
			name = name[:maxGroupName]
		}
		out[i].Name = string(name)
		for n := i + 1; out[i].Name == "" || taken[out[i].Name]; n++ {
			out[i].Name = fmt.Sprintf("group-%d", n)
		}
		taken[out[i].Name] = true
	}
	return out
}
