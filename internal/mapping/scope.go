package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// everybody is the scope without groups.
const everybody = "everybody"

// String is the clause in words.
func (c Clause) String() string {
	words := []string{c.Attribute, string(c.Operator)}
	for _, value := range c.Values {
		words = append(words, fmt.Sprintf("%q", value))
	}
	return strings.Join(words, " ")
}

func (g ScopeGroup) clauses() string {
	var words []string
	for _, clause := range g.Clauses {
		words = append(words, clause.String())
	}
	return strings.Join(words, " and ")
}

// scopeWords is a scope in one line, without the names, which mean nothing; empty for none.
func scopeWords(groups []ScopeGroup) string {
	var words []string
	for _, group := range groups {
		words = append(words, "("+group.clauses()+")")
	}
	return strings.Join(words, " or ")
}

// readScope reads a scope of a schema. The operator of a clause that cannot be declared is its name as it stands.
func readScope(scope gjson.Result) []ScopeGroup {
	var groups []ScopeGroup
	for _, raw := range scope.Get("groups").Array() {
		group := ScopeGroup{Name: raw.Get("name").String()}
		for _, clause := range raw.Get("clauses").Array() {
			group.Clauses = append(group.Clauses, readClause(clause))
		}
		groups = append(groups, group)
	}
	return groups
}

func readClause(raw gjson.Result) Clause {
	c := Clause{Attribute: raw.Get("sourceOperandName").String(), Operator: Operator(raw.Get("operatorName").String())}
	if operator, ok := operatorOf(string(c.Operator)); ok {
		c.Operator = operator
	}
	for _, value := range raw.Get("targetOperand.values").Array() {
		c.Values = append(c.Values, value.String())
	}
	return c
}

// sameClauses compares groups without their names: all clauses have to hold, in whatever order they stand.
func sameClauses(a, b ScopeGroup) bool {
	return sameSet(a.Clauses, b.Clauses, func(x, y Clause) bool {
		return x.Attribute == y.Attribute && x.Operator == y.Operator && slices.Equal(x.Values, y.Values)
	})
}

// sameScope compares scopes: any of the groups has to hold, in whatever order they stand.
func sameScope(a, b []ScopeGroup) bool { return sameSet(a, b, sameClauses) }

// sameSet says whether two lists have the same elements in any order.
func sameSet[T any](a, b []T, same func(x, y T) bool) bool {
	rest := slices.Clone(b)
	for _, x := range a {
		i := slices.IndexFunc(rest, func(y T) bool { return same(x, y) })
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return len(rest) == 0
}

// writeScope puts the groups into a scope. Groups that are there already keep their bytes, and so do all other members.
func writeScope(live gjson.Result, groups []ScopeGroup, listed []FilterOperator) ([]byte, error) {
	if len(groups) == 0 && !hasOtherFilters(live) {
		return []byte("null"), nil
	}
	var members [][]byte
	reusable := live.Get("groups").Array()
	for _, group := range groups {
		i := slices.IndexFunc(reusable, func(raw gjson.Result) bool {
			return raw.IsObject() && sameScope([]ScopeGroup{group}, readScope(gjson.Parse(`{"groups":[`+raw.Raw+`]}`)))
		})
		if i >= 0 {
			members = append(members, []byte(reusable[i].Raw))
			reusable = slices.Delete(slices.Clone(reusable), i, i+1)
			continue
		}
		members = append(members, newGroup(group, listed))
	}
	base := []byte(`{"categoryFilterGroups":[],"inputFilterGroups":[],"groups":[]}`)
	if live.IsObject() {
		base = []byte(live.Raw)
	}
	written, err := sjson.SetRawBytes(base, "groups", enclose('[', members, ']'))
	if err != nil {
		return nil, fmt.Errorf("writing the groups of the scope: %w", err)
	}
	return written, nil
}

// hasOtherFilters says whether the scope has filters beside its groups, which are experimental and not ours.
func hasOtherFilters(scope gjson.Result) bool {
	return len(scope.Get("inputFilterGroups").Array()) > 0 || len(scope.Get("categoryFilterGroups").Array()) > 0
}

func newGroup(group ScopeGroup, listed []FilterOperator) []byte {
	type operand struct {
		Values []string `json:"values"`
	}
	type clause struct {
		OperatorName      string  `json:"operatorName"`
		SourceOperandName string  `json:"sourceOperandName"`
		TargetOperand     operand `json:"targetOperand"`
	}
	written := struct {
		Name    string   `json:"name"`
		Clauses []clause `json:"clauses"`
	}{Name: group.Name}
	for _, c := range group.Clauses {
		offered, _ := c.Operator.resolve(listed) // checked before
		written.Clauses = append(written.Clauses, clause{offered.Name, c.Attribute, operand{append([]string{}, c.Values...)}})
	}
	return encode(written)
}

// unscopable are source attributes that Entra does not scope by, with the type that says so where the definition does not.
var unscopable = []string{"appRoleAssignments", "manager", "members", "memberOf", "userType"}

// checkScope finds what is wrong with a declared scope without looking into Entra.
func checkScope(m Mapping) Findings {
	var found Findings
	for g, group := range m.Scope {
		for c, clause := range group.Clauses {
			if message, remedy := checkClause(clause); message != "" {
				found = append(found, scopeFinding(m.Ref, group, fmt.Sprintf("spec.scope[%d].clauses[%d]", g, c), message, remedy))
			}
		}
		if len(group.Clauses) == 0 {
			found = append(found, scopeFinding(m.Ref, group, fmt.Sprintf("spec.scope[%d]", g), "the scope group has no clauses", "add one, or remove the group"))
		}
	}
	return found
}

func scopeFinding(by Ref, group ScopeGroup, path, message, remedy string) Finding {
	return Finding{Mapping: by, Path: path, Severity: SeverityError, Rule: "scope", Message: fmt.Sprintf("scope group %s: %s", group.Name, message), Remedy: remedy}
}

func checkClause(c Clause) (message, remedy string) {
	takes, known := c.Operator.takesValue()
	switch {
	case !known:
		return fmt.Sprintf("there is no operator %s", c.Operator), "use one of " + operatorNames(nil)
	case takes && len(c.Values) != 1:
		return fmt.Sprintf("%s takes one value", c.Operator), "set values to a list of one text"
	case !takes && len(c.Values) != 0:
		return fmt.Sprintf("%s takes no values", c.Operator), "remove values"
	case slices.ContainsFunc(unscopable, func(name string) bool { return sameName(name, c.Attribute) }):
		return "Entra cannot scope by " + c.Attribute, "use another attribute, or assignments"
	}
	return "", ""
}

// checkScopeAttributes holds a declared scope against the source object's definition and against what the service offers.
func (d declaration) checkScopeAttributes(defined []sourceDefinition, listed []FilterOperator) Findings {
	var found Findings
	for g, group := range d.scope {
		for c, clause := range group.Clauses {
			path := fmt.Sprintf("spec.scope[%d].clauses[%d]", g, c)
			i := slices.IndexFunc(defined, func(a sourceDefinition) bool { return a.name == clause.Attribute })
			if i < 0 {
				unknown := unknownSource(d.scopeBy, "", d.object, clause.Attribute, names(defined))
				unknown.Path = path + ".attribute"
				found = append(found, unknown)
				continue
			}
			if message, remedy := clause.checkType(defined[i], listed); message != "" {
				found = append(found, scopeFinding(d.scopeBy, group, path, message, remedy))
			}
		}
	}
	return found
}

func (c Clause) checkType(attribute sourceDefinition, listed []FilterOperator) (message, remedy string) {
	offered, ok := c.Operator.resolve(listed)
	switch {
	case !ok && listed == nil:
		return fmt.Sprintf("whether Entra offers the operator %s can only be asked of Entra", c.Operator), "use one of " + operatorNames(nil) + ", or look at the mapping through an app of Entra"
	case !ok:
		return fmt.Sprintf("Entra does not offer the operator %s", c.Operator), "it offers " + operatorNames(listed)
	case attribute.multivalued:
		return "Entra cannot scope by " + c.Attribute + ", which may have several values", "use another attribute, or assignments"
	case attribute.kind != "" && len(offered.SupportedAttributeTypes) > 0 && !slices.Contains(offered.SupportedAttributeTypes, attribute.kind):
		return fmt.Sprintf("%s is of type %s, which %s does not compare", c.Attribute, attribute.kind, c.Operator),
			fmt.Sprintf("use another attribute or operator; %s compares %s", c.Operator, strings.Join(offered.SupportedAttributeTypes, ", "))
	}
	return "", ""
}
