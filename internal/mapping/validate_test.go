package mapping

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestValidate(t *testing.T) {
	externalID := Attribute{Target: "externalId", Source: "objectId"}
	group := func(attributes ...Attribute) Desired {
		return Desired{Mappings: []Mapping{{Ref: Ref{Name: "groups"}, Object: Group, Attributes: attributes}}}
	}
	two := users(externalID)
	two.Mappings = append(two.Mappings, Mapping{Ref: Ref{Name: "more"}, Object: User, Attributes: []Attribute{{Target: "EXTERNALID", Source: "objectId"}}})
	assertive := func(d Desired) Desired { d.Roles = RolesAssertive; return d }
	everybody := func(d Desired) Desired { d.ScopeAll = true; return d }
	warning := Finding{Mapping: Ref{Name: "users"}, Target: "externalId", Severity: SeverityWarning}

	tests := map[string]struct {
		desired  Desired
		want     Findings // Message and Remedy are compared by the parts below
		contains []string
	}{
		"nothing desired": {Desired{}, nil, nil},
		"a good mapping":  {assertive(users(externalID, Attribute{Target: "title", Expression: "ToLower([jobTitle])"})), nil, nil},
		"the default mapping of both, but for externalId": {Desired{Mappings: []Mapping{allOfUser, allOfGroup}}, Findings{warning}, []string{"mailNickname", "source: objectId"}},
		"a User mapping that does not mention externalId": {users(Attribute{Target: "title", Source: "mail"}), Findings{warning}, []string{"mailNickname"}},
		"a Group mapping alone":                           {group(Attribute{Target: "externalId", Source: "objectId"}), nil, nil},
		"one target in two mappings": {two,
			Findings{{Mapping: Ref{Name: "users"}, Other: Ref{Name: "more"}, Target: "EXTERNALID", Severity: SeverityError}}, []string{"mapped twice", "keep one"}},
		"one target twice in one mapping": {users(externalID, externalID),
			Findings{{Mapping: Ref{Name: "users"}, Target: "externalId", Severity: SeverityError}}, []string{"mapped twice"}},
		"one target name for people and for groups": {Desired{Mappings: []Mapping{{Ref: Ref{Name: "users"}, Object: User, Attributes: []Attribute{externalID}},
			{Ref: Ref{Name: "groups"}, Object: Group, Attributes: []Attribute{externalID}}}}, nil, nil},
		"a default match overridden without another": {users(externalID, Attribute{Target: "userName", Source: "mail"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "userName", Severity: SeverityError}}, []string{"no User attribute is left", "matchPrecedence: 1"}},
		"the default match of groups overridden": {group(Attribute{Target: "displayName", Source: "displayName"}),
			Findings{{Mapping: Ref{Name: "groups"}, Target: "displayName", Severity: SeverityError}}, []string{"no Group attribute is left"}},
		"another match beside the default": {users(Attribute{Target: "externalId", Source: "objectId", MatchPrecedence: 2}), nil, nil},
		"the precedence of the default again": {users(Attribute{Target: "externalId", Source: "objectId", MatchPrecedence: 1}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "externalId", Severity: SeverityError}}, []string{"userName (Entra's default) and externalId have the same matchPrecedence 1"}},
		"matching by a constant": {users(externalID, Attribute{Target: "title", Constant: "x", MatchPrecedence: 2}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{"not a constant", "remove matchPrecedence"}},
		"matching by a constant written as an expression": {users(externalID, Attribute{Target: "title", Expression: `"x"`, MatchPrecedence: 2}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{"not a constant"}},
		"matching by a default alone": {users(externalID, Attribute{Target: "title", Default: "x", MatchPrecedence: 2}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{"default alone"}},
		"a syntax error": {users(externalID, Attribute{Target: "title", Expression: "Join(\" \",\n [a]"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{"line 2, column 5", "a comma or )", "correct it"}},
		"a source that is no name": {users(externalID, Attribute{Target: "title", Source: "[mail]"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{`"[mail]"`, "without brackets"}},
		"id as a target": {users(externalID, Attribute{Target: "ID", Source: "objectId"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "ID", Severity: SeverityError}}, []string{"given by the SCIM server", "externalId"}},
		"an extension of the other object": {users(externalID, Attribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group:shelf", Source: "mail"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group:shelf", Severity: SeverityError}}, []string{"one of Group", ":User"}},
		"an expression for members": {group(externalID, Attribute{Target: "members", Expression: "RemoveDuplicates([members])"}),
			Findings{{Mapping: Ref{Name: "groups"}, Target: "members", Severity: SeverityError}}, []string{"only a direct mapping", "source: members"}},
		"an expression for manager": {users(externalID, Attribute{Target: enterpriseExtension + ":manager", Expression: "CStr([manager])"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: enterpriseExtension + ":manager", Severity: SeverityError}}, []string{"source: manager"}},
		"a manager of one's own extension may be anything": {users(externalID, Attribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:manager", Expression: "ToLower([mail])"}), nil, nil},
		"app roles without a role function": {users(externalID, Attribute{Target: "roles", Source: "appRoleAssignments"}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "roles", Severity: SeverityError}}, []string{"without a role function", "spec.roles"}},
		"app roles in another function": {users(externalID, Attribute{Target: "title", Expression: `Join(",", [appRoleAssignments])`}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{"without a role function"}},
		"a role function of one's own": {users(externalID, Attribute{Target: "roles", Expression: "AppRoleAssignmentsComplex([appRoleAssignments])"}), nil, nil},
		"a role function beside roles": {assertive(users(externalID, Attribute{Target: "title", Expression: "SingleAppRoleAssignment([appRoleAssignments])"})),
			Findings{{Mapping: Ref{Name: "users"}, Target: "title", Severity: SeverityError}}, []string{"roles: Assertive maps app roles already", "roles: None"}},
		"a mapping of the roles target beside roles": {assertive(users(externalID, Attribute{Target: `roles[primary eq "True"].display`, Constant: "x"})),
			Findings{{Mapping: Ref{Name: "users"}, Target: `roles[primary eq "True"].display`, Severity: SeverityError}}, []string{"already"}},
		"a role function with scope All": {everybody(users(externalID, Attribute{Target: "roles", Expression: "AppRoleAssignmentsComplex([appRoleAssignments])"})),
			Findings{{Mapping: Ref{Name: "users"}, Target: "roles", Severity: SeverityError}}, []string{"scope is All"}},
		"roles with scope All": {everybody(assertive(Desired{})),
			Findings{{Target: "roles", Severity: SeverityError}}, []string{"roles: Assertive", "spec.roles: None"}},
		"a function that Entra runs for HR only": {users(externalID, Attribute{Target: "userName", Expression: `SelectUniqueValue([mail], [userPrincipalName])`, MatchPrecedence: 1}),
			Findings{{Mapping: Ref{Name: "users"}, Target: "userName", Severity: SeverityError}}, []string{"HR to Active Directory"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Validate(test.desired)
			for _, finding := range got {
				if finding.Message == "" || finding.Remedy == "" || finding.Rule == "" {
					t.Errorf("%#v lacks its message, its remedy or its rule", finding)
				}
			}
			ignored := cmpopts.IgnoreFields(Finding{}, "Message", "Remedy", "Rule", "Path", "Line", "Column")
			if diff := cmp.Diff(test.want, got, ignored); diff != "" {
				t.Fatalf("findings (-want +got):\n%s", diff)
			}
			if len(got) > 0 && !containsAll(got[0].String(), test.contains...) {
				t.Errorf("%q does not contain all of %q", got[0], test.contains)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	found := Findings{
		{Mapping: Ref{Name: "users"}, Target: "a", Severity: SeverityWarning, Message: "is odd", Remedy: "look"},
		{Mapping: Ref{Name: "users"}, Target: "b", Severity: SeverityError, Message: "is wrong", Remedy: "mend it"},
		{Mapping: Ref{Name: "users"}, Severity: SeverityError, Message: "is empty", Remedy: "fill it"},
	}
	want := "AttributeMapping users, target b: is wrong; mend it\nAttributeMapping users: is empty; fill it"
	if got := found.Error(); got != want {
		t.Errorf("got %q", got)
	}
	if err := found[:1].asError(); err != nil {
		t.Errorf("a warning is the error %v", err)
	}
}

func TestDesiredExpressions(t *testing.T) {
	d := users(Attribute{Target: "a", Expression: "Not([b])"}, Attribute{Target: "b", Source: "c"}, Attribute{Target: "c", Expression: "Not([b])"})
	d.Roles = RolesSingle
	if diff := cmp.Diff([]string{"Not([b])", "SingleAppRoleAssignment([appRoleAssignments])"}, d.Expressions()); diff != "" {
		t.Error(diff)
	}
}

func TestExtensions(t *testing.T) {
	d := users(
		Attribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf", Source: "a"},
		Attribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:desk", Source: "a"},
		Attribute{Target: "urn:ietf:params:scim:schemas:extension:Wiki:2.0:User:Desk", Source: "a"},
		Attribute{Target: "urn:contoso:app:1.0:User:badge-no", Source: "a"},
		Attribute{Target: enterpriseExtension + ":costCenter", Source: "a"},
		Attribute{Target: "urn:ietf:params:scim:schemas:core:2.0:User:nickName", Source: "a"},
		Attribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf.row", Source: "a"},
		Attribute{Target: "urn:ietf:params:scim:schemas:extension:wiki:User:shelf", Source: "a"},
		Attribute{Target: "userName", Source: "a"},
	)
	d.Mappings = append(d.Mappings, Mapping{Ref: Ref{Name: "groups"}, Object: Group, Attributes: []Attribute{{Target: "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group:space", Source: "a"}}})
	want := []ExtensionSchema{
		{ID: "urn:contoso:app:1.0:User", Name: "app", ResourceType: "User", Attributes: []ExtensionAttribute{{Name: "badge-no", Type: "string", CaseExact: true}}},
		{ID: "urn:ietf:params:scim:schemas:extension:wiki:2.0:Group", Name: "wiki", ResourceType: "Group", Attributes: []ExtensionAttribute{{Name: "space", Type: "string", CaseExact: true}}},
		{ID: "urn:ietf:params:scim:schemas:extension:wiki:2.0:User", Name: "wiki", ResourceType: "User", Attributes: []ExtensionAttribute{
			{Name: "desk", Type: "string", CaseExact: true}, {Name: "shelf", Type: "string", CaseExact: true}}},
	}
	if diff := cmp.Diff(want, Extensions(d)); diff != "" {
		t.Error(diff)
	}
	if got := Extensions(Desired{}); got != nil {
		t.Errorf("no mappings need %v", got)
	}
}
