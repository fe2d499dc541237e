package mapping

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// generator makes schemas and mappings of a seed.
type generator struct {
	*rand.Rand
	t testing.TB
}

func newGenerator(t testing.TB, seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 7)), t}
}

func (g generator) one(choices ...string) string { return choices[g.IntN(len(choices))] }

func (g generator) sometimes() bool { return g.IntN(3) == 0 }

const costCenter = "extension_0123456789abcdef0123456789abcdef_costCenter"

var (
	wikiExtension = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:"
	// mappable are targets that the synthetic default knows or that are added with their definition.
	mappable = map[Object][]string{
		User: {"title", "displayName", "nickName", "userType", "locale", `emails[type eq "work"].value`, "name.formatted", enterpriseExtension + ":costCenter",
			enterpriseExtension + ":department", wikiExtension + "shelf", wikiExtension + "row", "externalId", "preferredLanguage"},
		Group: {"externalId", "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group:space"},
	}
	readable = map[Object][]string{User: {"mail", "jobTitle", "city", "department", "objectId", costCenter}, Group: {"displayName", "objectId"}}
)

func (g generator) source(object Object) string { return g.one(readable[object]...) }

// attribute is a valid mapping of the target.
func (g generator) attribute(object Object, target string) Attribute {
	a := Attribute{Target: target, OnCreate: g.sometimes()}
	switch g.IntN(5) {
	case 0:
		a.Constant = g.one("x", "true", "42", `a "quoted" \ one`, "<&>")
	case 1:
		a.Default = g.one("none", "en-US")
		return a
	case 2:
		a.Expression = g.one(`Join(" ", [%s], "x")`, `Coalesce([%s],  [objectId])`, `Replace([%s], "-", , , "_", , )`, `Mid([%s], 1, 3)`, `Append(ToLower([%s]), "\"<")`)
		a.Expression = fmt.Sprintf(a.Expression, g.source(object))
	default:
		a.Source = g.source(object)
	}
	if g.sometimes() {
		a.Default = g.one("none", "a b")
	}
	return a
}

func (g generator) scope(object Object) []ScopeGroup {
	var groups []ScopeGroup
	for n := range g.IntN(3) {
		group := ScopeGroup{Name: fmt.Sprintf("group %d", n)}
		for range 1 + g.IntN(3) {
			clause := Clause{Attribute: g.source(object), Operator: Operator(g.one("Equals", "NotEquals", "RegexMatch", "NotRegexMatch", "IsNull", "IsNotNull"))}
			if takes, _ := clause.Operator.takesValue(); takes {
				clause.Values = []string{g.one("a", "b", "[0-9]+", `x"y`)}
			}
			group.Clauses = append(group.Clauses, clause)
		}
		groups = append(groups, group)
	}
	return groups
}

func (g generator) actions() []Action {
	return [][]Action{nil, {ActionCreate}, {ActionCreate, ActionUpdate}, {ActionUpdate, ActionDelete}, allActions}[g.IntN(5)]
}

// mapping is a valid mapping of the object.
func (g generator) mapping(object Object) Mapping {
	m := Mapping{Ref: Ref{Name: strings.ToLower(string(object))}, Object: object, Actions: g.actions(), Scope: g.scope(object)}
	if g.sometimes() {
		m.Base = BaseEmpty
	}
	if object == Group && g.sometimes() {
		m.State = StateDisabled
	}
	match := Attribute{Target: documentedMatch[object], Source: "displayName", MatchPrecedence: 1 + g.IntN(3)}
	m.Attributes = append(m.Attributes, match)
	for _, target := range mappable[object] {
		switch {
		case g.sometimes():
			m.Attributes = append(m.Attributes, g.attribute(object, target))
		case m.Base != BaseEmpty && g.sometimes():
			m.Attributes = append(m.Attributes, Attribute{Target: target, Remove: true})
		}
	}
	if object == User {
		m.SourceAttributes = []SourceAttribute{{Name: costCenter}}
		m.TargetAttributes = g.targetAttributes()
	}
	g.Shuffle(len(m.Attributes), func(i, j int) { m.Attributes[i], m.Attributes[j] = m.Attributes[j], m.Attributes[i] })
	return m
}

func (g generator) targetAttributes() []TargetAttribute {
	var all []TargetAttribute
	if g.sometimes() {
		all = append(all, TargetAttribute{Name: wikiExtension + "row", Type: Type(g.one("Integer", "Boolean", "DateTime")), CaseExact: new(false), MultiValued: new(g.sometimes())})
	}
	if g.sometimes() {
		all = append(all, TargetAttribute{Name: wikiExtension + "owner", Type: TypeReference, ReferencedObjects: []Object{User}, Mutability: MutabilityImmutable, Required: new(true)})
	}
	if g.sometimes() {
		all = append(all, TargetAttribute{Name: "nickName", CaseExact: new(g.sometimes())})
	}
	return all
}

func (g generator) desired() Desired {
	d := Desired{Roles: Roles(g.one("None", "Assertive", "Single")), Operators: DocumentedOperators()[:8]}
	for _, object := range []Object{User, Group} {
		if !g.sometimes() {
			d.Mappings = append(d.Mappings, g.mapping(object))
		}
	}
	return d
}

// schema is a job's schema as somebody may have made it of the default: with mappings of a manifest and of the portal, other spellings,
// another order, and members that nobody has heard of.
func (g generator) schema() []byte {
	live := synthetic(g.t)
	p, err := NewPlan(live, live, g.desired())
	if err != nil {
		g.t.Fatal(err)
	}
	live = after(live, p)
	for n := range gjson.GetBytes(live, "synchronizationRules.0.objectMappings").Array() {
		path := fmt.Sprintf("synchronizationRules.0.objectMappings.%d", n)
		live = with(g.t, live, path+".unheardOf", `{"kept":  ["as","it", "is"]}`)
		if g.sometimes() {
			flows := gjson.GetBytes(live, path+".flowTypes").String()
			live = with(g.t, live, path+".flowTypes", string(encode(strings.ReplaceAll(strings.ToUpper(flows), ", ", ","))))
		}
		live = g.shuffled(live, path+".attributeMappings")
		live = g.renamed(live, path+".scope.groups")
	}
	for _, path := range []string{"synchronizationRules.0.later", "directories.0.later", "directories.1.objects.0.later", "later"} {
		live = with(g.t, live, path, `{ "a" : 1.50 }`)
	}
	return live
}

// shuffled gives the elements another order, and each a member that nobody knows.
func (g generator) shuffled(live []byte, path string) []byte {
	var elements [][]byte
	for n, element := range gjson.GetBytes(live, path).Array() {
		elements = append(elements, with(g.t, []byte(element.Raw), "unheardOf", fmt.Sprintf("%d.0", n)))
	}
	g.Shuffle(len(elements), func(i, j int) { elements[i], elements[j] = elements[j], elements[i] })
	return with(g.t, live, path, string(enclose('[', elements, ']')))
}

// renamed gives scope groups names that no manifest may have: none, and the same twice.
func (g generator) renamed(live []byte, path string) []byte {
	name := g.one(`""`, `"same"`)
	for n := range gjson.GetBytes(live, path).Array() {
		live = with(g.t, live, fmt.Sprintf("%s.%d.name", path, n), name)
	}
	return live
}

// sorted is the desired state without what has no meaning: order, and names of groups and mappings.
func sorted(d Desired) Desired {
	d.Mappings = slices.Clone(d.Mappings)
	for i := range d.Mappings {
		m := &d.Mappings[i]
		m.Attributes, m.TargetAttributes = slices.Clone(m.Attributes), slices.Clone(m.TargetAttributes)
		slices.SortFunc(m.Attributes, func(a, b Attribute) int { return strings.Compare(a.Target, b.Target) })
		slices.SortFunc(m.TargetAttributes, func(a, b TargetAttribute) int { return strings.Compare(a.Name, b.Name) })
	}
	return d
}
