package mapping

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFindingsNameTheirPlace: which rule found something, where in which manifest, and who else is at fault.
func TestFindingsNameTheirPlace(t *testing.T) {
	externalID := Attribute{Target: "externalId", Source: "objectId"}
	one := func(change func(*Mapping)) Desired {
		return userWith(func(m *Mapping) { m.Attributes = []Attribute{externalID}; change(m) })
	}
	attribute := func(a Attribute) Desired { return one(func(m *Mapping) { m.Attributes = append(m.Attributes, a) }) }
	two := func(change func(first, second *Mapping)) Desired {
		first, second := Mapping{Ref: Ref{Name: "users"}, Object: User, Attributes: []Attribute{externalID}}, Mapping{Ref: Ref{Name: "company", Cluster: true}, Object: User}
		change(&first, &second)
		return Desired{Mappings: []Mapping{first, second}}
	}
	managed := func(d Desired) Desired { d.Managed = true; return d }
	all := func(d Desired) Desired { d.ScopeAll = true; return d }
	const both = "AttributeMapping users and ClusterAttributeMapping company"
	tests := map[string]struct {
		desired Desired
		// want is the severity, the rule and the path.
		want     string
		contains []string
	}{
		"nothing wrong":              {attribute(Attribute{Target: "title", Source: "jobTitle"}), "", nil},
		"one mapping beside another": {two(func(_, second *Mapping) { second.Attributes = []Attribute{{Target: "title", Source: "jobTitle"}} }), "", nil},
		"a target of two mappings": {two(func(_, second *Mapping) {
			second.Attributes = []Attribute{{Target: "title", Source: "jobTitle"}, {Target: "EXTERNALID", Remove: true}}
		}),
			"Error mapped-twice spec.attributes[0]", []string{both + ", target EXTERNALID: the target is mapped twice"}},
		"two bases": {two(func(first, second *Mapping) {
			first.Base, second.Base = BaseEntraDefault, BaseEmpty
			second.Attributes = []Attribute{{Target: "userName", Source: "mail", MatchPrecedence: 1}, {Target: "active", Constant: "True"}}
		}), "Error disagreement spec.base",
			[]string{both + ": both map object User and say different things about base: EntraDefault, and Empty", "leave base to one"}},
		"the same actions twice": {two(func(first, second *Mapping) {
			first.Actions, second.Actions = []Action{ActionCreate, ActionUpdate}, []Action{ActionUpdate, ActionCreate}
		}), "", nil},
		"two scopes": {two(func(first, second *Mapping) { first.Scope, second.Scope = []ScopeGroup{staff}, []ScopeGroup{guests} }), "Error disagreement spec.scope", []string{both, `"Engineering"`, `"#EXT#"`}},
		"an attribute declared by two": {two(func(first, second *Mapping) {
			first.TargetAttributes, second.TargetAttributes = []TargetAttribute{{Name: shelf}}, []TargetAttribute{{Name: shelf}}
		}), "Error declared-twice spec.targetAttributes[0]", []string{both, "declared twice under targetAttributes"}},
		"a source attribute declared twice": {one(func(m *Mapping) { m.SourceAttributes = []SourceAttribute{{Name: costCenter}, {Name: costCenter}} }),
			"Error declared-twice spec.sourceAttributes[1]", []string{"under sourceAttributes"}},
		"disabled users": {one(func(m *Mapping) { m.State = StateDisabled }), "Error user-disabled spec.state", []string{"cannot disable the mapping of users", "Paused"}},
		"a clause without a value": {one(scoped(staff, ScopeGroup{"x", []Clause{{"city", OperatorIsNull, nil}, {"city", OperatorEquals, nil}}})),
			"Error scope spec.scope[1].clauses[1]", []string{"scope group x: Equals takes one value"}},
		"a clause with a value that nothing takes": {one(scoped(ScopeGroup{"x", []Clause{{"city", OperatorIsTrue, []string{"a"}}}})), "Error scope spec.scope[0].clauses[0]", []string{"IsTrue takes no values"}},
		"an unknown operator":                      {one(scoped(ScopeGroup{"x", []Clause{{"city", "Like", []string{"a"}}}})), "Error scope spec.scope[0].clauses[0]", []string{"no operator Like", "use one of Equals"}},
		"a scope by roles":                         {one(scoped(ScopeGroup{"x", []Clause{{"AppRoleAssignments", OperatorIsNull, nil}}})), "Error scope spec.scope[0].clauses[0]", []string{"cannot scope by AppRoleAssignments"}},
		"a scope group without clauses":            {one(scoped(ScopeGroup{Name: "x"})), "Error scope spec.scope[0]", []string{"no clauses"}},
		"a target that our endpoint cannot know":   {managed(attribute(Attribute{Target: "shoeSize", Source: "city"})), "Error unknown-target spec.attributes[1].target", []string{"managed endpoint has no such attribute", ":2.0:User:<attribute>", "targetAttributes"}},
		"a misspelt sub-attribute":                 {managed(attribute(Attribute{Target: `emails[type eq "work"].valeu`, Source: "mail"})), "Error unknown-target spec.attributes[1].target", nil},
		"targets that our endpoint knows": {managed(one(func(m *Mapping) {
			for i, target := range []string{`emails[type eq "home"].value`, enterpriseExtension + ":manager", shelf, "name.honorificPrefix", `roles[primary eq "True"].display`, "urn:ietf:params:scim:schemas:core:2.0:User:title"} {
				m.Attributes = append(m.Attributes, Attribute{Target: target, Source: []string{"mail", "manager"}[i%2]})
			}
		})), "", nil},
		"a declared attribute that our endpoint cannot serve": {managed(one(func(m *Mapping) { m.TargetAttributes = []TargetAttribute{{Name: "shoeSize"}} })),
			"Error target-attribute spec.targetAttributes[0]", []string{"cannot serve"}},
		"the same for an endpoint that is not ours": {one(func(m *Mapping) { m.TargetAttributes = []TargetAttribute{{Name: "shoeSize"}} }), "", nil},
		"a declared id": {one(func(m *Mapping) { m.TargetAttributes = []TargetAttribute{{Name: "ID"}} }), "Error target-attribute spec.targetAttributes[0]", []string{"cannot be declared"}},
		"a reference to nothing": {one(func(m *Mapping) { m.TargetAttributes = []TargetAttribute{{Name: shelf, Type: TypeReference}} }),
			"Error target-attribute spec.targetAttributes[0]", []string{"needs referencedObjects"}},
		"a declared attribute of the other object": {one(func(m *Mapping) { m.TargetAttributes = []TargetAttribute{{Name: "urn:a:b:1.0:Group:c"}} }),
			"Error target-attribute spec.targetAttributes[0]", []string{"is one of Group"}},
		"a role function for everybody": {all(attribute(Attribute{Target: "title", Expression: roleMappings[RolesSingle].Expression})), "Error roles spec.attributes[1]", []string{"scope is All"}},
		"a syntax error":                {attribute(Attribute{Target: "title", Expression: "Left([mail]"}), "Error expression spec.attributes[1].expression", []string{"line 1"}},
		"a trap":                        {attribute(Attribute{Target: "title", Expression: `Switch([city], , "a", "b")`}), "Warning switch-on-update spec.attributes[1].expression", []string{"nest IIF"}},
		"externalId from mailNickname":  {one(func(m *Mapping) { m.Attributes[0].Source = "mailNickname" }), "Warning external-id ", []string{"add {target: externalId"}},
		"no active": {one(func(m *Mapping) { m.Attributes = append(m.Attributes, Attribute{Target: "active", Remove: true}) }),
			"Warning active-not-mapped ", []string{"stays active in the app"}},
		"no active over an empty base": {one(func(m *Mapping) {
			m.Base, m.Attributes = BaseEmpty, []Attribute{{Target: "userName", Source: "mail", MatchPrecedence: 1}}
		}), "Warning active-not-mapped ", nil},
		"no match over an empty base": {groupWith(func(m *Mapping) {
			m.Base, m.Attributes = BaseEmpty, []Attribute{{Target: "displayName", Source: "displayName"}}
		}),
			"Error no-match ", []string{"AttributeMapping groups", "matchPrecedence: 1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Validate(test.desired)
			if test.want == "" && len(got) > 0 || test.want != "" && len(got) != 1 {
				t.Fatalf("%d findings: %v", len(got), got)
			}
			for _, f := range got {
				if diff := cmp.Diff(test.want, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.Path)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if !containsAll(f.String(), test.contains...) {
					t.Errorf("%q does not say all of %q", f, test.contains)
				}
			}
		})
	}
}

func TestNewPlanWarns(t *testing.T) {
	p := plan(t, synthetic(t), userWith(func(m *Mapping) { m.Attributes = append(m.Attributes, Attribute{Target: "nickName", Remove: true}) }))
	var got []string
	for _, warning := range p.Warnings {
		got = append(got, warning.Rule)
	}
	if diff := cmp.Diff([]string{"external-id", "nothing-to-remove"}, got); diff != "" || !p.Empty() {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	faulty := userWith(func(m *Mapping) {
		m.Attributes = append(m.Attributes, Attribute{Target: "title", Expression: `Left([proxyAddresses], 3)`})
		m.SourceAttributes = []SourceAttribute{{Name: "proxyAddresses", MultiValued: new(true)}}
	})
	if _, err := NewPlan(synthetic(t), synthetic(t), faulty); err == nil || !containsAll(err.Error(), "target title", "several values") {
		t.Errorf("several values where one is taken: %v", err)
	}
}
