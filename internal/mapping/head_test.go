package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

const (
	groupMapping = "synchronizationRules.0.objectMappings.0"
	userMapping  = "synchronizationRules.0.objectMappings.1"
)

// userWith is a desired state of one User mapping, changed.
func userWith(change func(*Mapping)) Desired {
	m := Mapping{Ref: Ref{Name: "users"}, Object: User, Attributes: []Attribute{{Target: "externalId", Source: "mailNickname"}}}
	change(&m)
	return Desired{Mappings: []Mapping{m}, Operators: DocumentedOperators()}
}

func groupWith(change func(*Mapping)) Desired {
	m := Mapping{Ref: Ref{Name: "groups"}, Object: Group}
	change(&m)
	return Desired{Mappings: []Mapping{m}, Operators: DocumentedOperators()}
}

func scoped(groups ...ScopeGroup) func(*Mapping) { return func(m *Mapping) { m.Scope = groups } }

var (
	staff    = ScopeGroup{Name: "staff", Clauses: []Clause{{"department", OperatorEquals, []string{"Engineering"}}, {"mail", OperatorIsNotNull, nil}}}
	guests   = ScopeGroup{Name: "guests", Clauses: []Clause{{"userPrincipalName", OperatorRegexMatch, []string{"#EXT#"}}}}
	rawStaff = `{"id":"7","name":"Staff","clauses":[{"operatorName":"IS NOT NULL","sourceOperandName":"mail","targetOperand":{"values":[]}},` +
		` {"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["Engineering"]},"extra":1}]}`
)

func TestNewPlanChangesTheHead(t *testing.T) {
	fresh := synthetic(t)
	tests := map[string]struct {
		live  []byte
		want  Desired
		lines []string
		// raw is what the plan leaves behind, by path.
		raw map[string]string
	}{
		"a state": {fresh, groupWith(func(m *Mapping) { m.State = StateDisabled }), []string{"Group state: Enabled -> Disabled"},
			map[string]string{groupMapping + ".enabled": "false"}},
		"what was disabled in the portal comes back where the object is mapped": {with(t, fresh, groupMapping+".enabled", "false"), groupWith(func(*Mapping) {}),
			[]string{"Group state: Disabled -> Enabled"}, map[string]string{groupMapping + ".enabled": "true"}},
		"what was disabled in the portal stays where the object is not mapped": {with(t, fresh, groupMapping+".enabled", "false"), userWith(func(*Mapping) {}), nil, nil},
		"actions, in the spelling that is there": {fresh, userWith(func(m *Mapping) { m.Actions = []Action{ActionUpdate, ActionCreate} }),
			[]string{"User actions: Create, Update, Delete -> Create, Update"}, map[string]string{userMapping + ".flowTypes": `"Add, Update"`}},
		"actions, in the other spelling": {with(t, fresh, userMapping+".flowTypes", `"Add,Update,Delete"`), userWith(func(m *Mapping) { m.Actions = []Action{ActionUpdate, ActionCreate} }),
			[]string{"User actions: Create, Update, Delete -> Create, Update"}, map[string]string{userMapping + ".flowTypes": `"Add,Update"`}},
		"the same actions, spelled otherwise":  {with(t, fresh, userMapping+".flowTypes", `"delete,ADD,Update"`), userWith(func(*Mapping) {}), nil, nil},
		"flow types that are no action":        {with(t, fresh, userMapping+".flowTypes", `"Add,Sync"`), userWith(func(*Mapping) {}), []string{"User actions: Add,Sync -> Create, Update, Delete"}, nil},
		"flow types that are missing":          {without(t, fresh, userMapping+".flowTypes"), userWith(func(*Mapping) {}), []string{"User actions: none -> Create, Update, Delete"}, nil},
		"a missing enabled is as good as true": {without(t, fresh, userMapping+".enabled"), userWith(func(*Mapping) {}), nil, nil},
		"a new scope": {fresh, userWith(scoped(staff, guests)),
			[]string{`User scope: everybody -> (department Equals "Engineering" and mail IsNotNull) or (userPrincipalName RegexMatch "#EXT#")`},
			map[string]string{userMapping + ".scope": `{"categoryFilterGroups":[],"inputFilterGroups":[],"groups":[` +
				`{"name":"staff","clauses":[{"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["Engineering"]}},` +
				`{"operatorName":"IS NOT NULL","sourceOperandName":"mail","targetOperand":{"values":[]}}]},` +
				`{"name":"guests","clauses":[{"operatorName":"REGEX MATCH","sourceOperandName":"userPrincipalName","targetOperand":{"values":["#EXT#"]}}]}]}`}},
		"neither the order nor the name of a group counts": {with(t, fresh, userMapping+".scope", `{"groups":[`+rawStaff+`]}`), userWith(scoped(staff)), nil, nil},
		"another group beside one that stays as it is, to the byte": {with(t, fresh, userMapping+".scope", `{"future":{"a": 1},"groups":[`+rawStaff+`]}`), userWith(scoped(guests, staff)),
			[]string{`User scope group guests: no such group -> userPrincipalName RegexMatch "#EXT#"`},
			map[string]string{userMapping + ".scope.groups.1": rawStaff, userMapping + ".scope.future": `{"a": 1}`}},
		"a changed clause": {with(t, fresh, userMapping+".scope", `{"groups":[`+strings.Replace(rawStaff, "Staff", "staff", 1)+`]}`),
			userWith(scoped(ScopeGroup{"staff", []Clause{{"department", OperatorNotEquals, []string{"Sales"}}}})),
			[]string{`User scope group staff: mail IsNotNull and department Equals "Engineering" -> department NotEquals "Sales"`}, nil},
		"a group that goes": {with(t, fresh, userMapping+".scope", `{"groups":[`+rawStaff+`,{"name":"x","clauses":[{"operatorName":"ODD","sourceOperandName":"city","targetOperand":{"values":["a"]}}]}]}`),
			userWith(scoped(staff)), []string{`User scope group x: city ODD "a" -> no such group`}, nil},
		"a scope of the portal's goes where the object is mapped": {with(t, fresh, userMapping+".scope", `{"groups":[`+rawStaff+`]}`), userWith(func(*Mapping) {}),
			[]string{`User scope: (mail IsNotNull and department Equals "Engineering") -> everybody`}, map[string]string{userMapping + ".scope": "null"}},
		"experimental filters stay when the groups go": {with(t, fresh, userMapping+".scope", `{"inputFilterGroups":[{"a":1}],"groups":[`+rawStaff+`]}`), userWith(func(*Mapping) {}),
			[]string{`User scope: (mail IsNotNull and department Equals "Engineering") -> everybody`}, map[string]string{userMapping + ".scope": `{"inputFilterGroups":[{"a":1}],"groups":[]}`}},
		"a scope of the portal's stays where the object is not mapped": {with(t, fresh, userMapping+".scope", `{"groups":[`+rawStaff+`]}`), Desired{Roles: RolesNone}, nil, nil},
		"an empty scope is as good as none":                            {with(t, fresh, userMapping+".scope", `{"groups":[],"inputFilterGroups":[]}`), userWith(func(*Mapping) {}), nil, nil},
		"a removed target": {fresh, userWith(func(m *Mapping) { m.Attributes = append(m.Attributes, Attribute{Target: "title", Remove: true}) }),
			[]string{"User title: [jobTitle] -> not mapped"}, nil},
		"an empty base": {fresh, groupWith(func(m *Mapping) {
			m.Base, m.Attributes = BaseEmpty, []Attribute{{Target: "displayName", Source: "displayName", MatchPrecedence: 1}}
		}), []string{"Group externalId: [objectId] -> not mapped", "Group members: [members] -> not mapped"}, nil},
		"an empty base has all actions, everybody in scope, and is enabled": {
			with(t, with(t, with(t, fresh, groupMapping+".enabled", "false"), groupMapping+".flowTypes", `"Add"`), groupMapping+".scope",
				`{"groups":[{"name":"x","clauses":[{"operatorName":"IS NULL","sourceOperandName":"mail","targetOperand":{"values":[]}}]}]}`),
			groupWith(func(m *Mapping) { m.Base, m.Attributes = BaseEmpty, allOfGroup.Attributes }),
			[]string{"Group state: Disabled -> Enabled", "Group actions: Create -> Create, Update, Delete", "Group scope: (mail IsNull) -> everybody"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := plan(t, test.live, test.want)
			if diff := cmp.Diff(test.lines, changes(p)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			for path, want := range test.raw {
				if got := gjson.GetBytes(p.Schema, path).Raw; got != want {
					t.Errorf("%s:\n got %s\nwant %s", path, got, want)
				}
			}
			if again := plan(t, after(test.live, p), test.want); !again.Empty() {
				t.Errorf("a second pass would change\n%s", strings.Join(changes(again), "\n"))
			}
		})
	}
}

func TestNewPlanTakesOperatorsAsTheServiceSpellsThem(t *testing.T) {
	fresh := synthetic(t)
	listed := []FilterOperator{
		{"ENDS WITH", binary, []string{"String"}}, {"GREATER_THAN", binary, []string{"Integer"}}, {"equals", binary, []string{"String"}}, {"Sounds Like", binary, nil},
	}
	ends := ScopeGroup{"a", []Clause{{"mail", OperatorEndsWith, []string{"contoso.com"}}, {"city", OperatorEquals, []string{"Oslo"}}}}
	d := userWith(scoped(ends))
	d.Operators = listed
	p := plan(t, fresh, d)
	for path, want := range map[string]string{"0.operatorName": "ENDS WITH", "1.operatorName": "equals"} {
		if got := gjson.GetBytes(p.Schema, userMapping+".scope.groups.0.clauses."+path).String(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if again := plan(t, p.Schema, d); !again.Empty() {
		t.Errorf("a second pass would change\n%s", strings.Join(changes(again), "\n"))
	}
	refused := map[string]struct {
		clause   Clause
		listed   []FilterOperator
		contains []string
	}{
		"an operator that is not listed": {Clause{"mail", OperatorIncludes, []string{"a"}}, listed,
			[]string{"Entra does not offer the operator Includes", "it offers EndsWith, GreaterThan, Equals, Sounds Like"}},
		"nothing is listed": {Clause{"mail", OperatorEquals, []string{"a"}}, []FilterOperator{}, []string{"does not offer the operator Equals"}},
		"an operator without a published name, unasked": {Clause{"mail", OperatorIncludes, []string{"a"}}, nil,
			[]string{"can only be asked of Entra", "use one of Equals, NotEquals, RegexMatch, NotRegexMatch, IsNull, IsNotNull, IsTrue, IsFalse"}},
		"a type that the operator does not compare": {Clause{"mail", OperatorGreaterThan, []string{"3"}}, listed, []string{"mail is of type String, which GreaterThan does not compare", "compares Integer"}},
		"several values":                        {Clause{"proxyAddresses", OperatorEquals, []string{"3"}}, listed, []string{"Entra cannot scope by proxyAddresses, which may have several values"}},
		"an attribute that Entra does not have": {Clause{"Department", OperatorEquals, []string{"3"}}, listed, []string{`no attribute "Department" of User`, "did you mean department?"}},
	}
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			d := userWith(scoped(ScopeGroup{"g", []Clause{test.clause}}))
			d.Operators = test.listed
			d.Mappings[0].SourceAttributes = []SourceAttribute{{Name: "proxyAddresses", MultiValued: new(true)}}
			_, err := NewPlan(fresh, fresh, d)
			if err == nil || !containsAll(err.Error(), append(test.contains, "AttributeMapping users")...) {
				t.Errorf("got %v, want all of %q", err, test.contains)
			}
		})
	}
}

func TestParseFilterOperators(t *testing.T) {
	got, err := ParseFilterOperators([]byte(`{"@odata.context":"x","value":[{"id":"EQUALS","name":"EQUALS","arity":"Binary","multivaluedComparisonType":"All","supportedAttributeTypes":["Integer","String"]}]}`))
	if diff := cmp.Diff([]FilterOperator{{"EQUALS", "Binary", []string{"Integer", "String"}}}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got, err := ParseFilterOperators([]byte(`{}`)); err != nil || got == nil {
		t.Errorf("an answer without a list is %v, %v: nil would mean that nobody asked", got, err)
	}
	if _, err := ParseFilterOperators([]byte(`[`)); err == nil {
		t.Error("half an answer is taken")
	}
}

func TestOperatorSpellings(t *testing.T) {
	for name, want := range map[string]Operator{
		"NOT EQUALS": OperatorNotEquals, "Not_Equals": OperatorNotEquals, "Greater_Than_OR_EQUALS": OperatorGreaterThanOrEquals, "&": OperatorBitAnd,
		" !& ": OperatorNotBitAnd, "NotBitAnd": OperatorNotBitAnd, "INCLUDES": OperatorIncludes, "ODD": "", "": "", "|": "",
	} {
		if got, ok := operatorOf(name); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", name, got, ok, want)
		}
	}
}

func TestLines(t *testing.T) {
	p := Plan{Changes: []Change{{User, AspectAttribute, "title", "[a]", "[b]"}}}
	for people, want := range map[int]string{
		0: "Entra evaluates everybody in scope anew", 1: "the one person in scope", 999: "all 999 people", 12400: "this re-evaluates all 12,400 people", 1234567: "all 1,234,567 people",
	} {
		p.People = people
		if got := p.Lines(); len(got) != 2 || !strings.HasSuffix(got[1], want) {
			t.Errorf("%d: %q, want %q", people, got, want)
		}
	}
	if got := (Plan{People: 3}).Lines(); got != nil {
		t.Errorf("an empty plan says %q", got)
	}
}
