package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestRoles(t *testing.T) {
	withRole := func(app *v1alpha1.ScimApp) {
		app.Spec.Application = &v1alpha1.ApplicationSpec{AppRoles: []v1alpha1.AppRole{{Value: "editor", DisplayName: "Editor"}}}
	}
	everybody := func(app *v1alpha1.ScimApp) {
		app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{Scope: v1alpha1.ScopeAll}
	}
	said := func(roles v1alpha1.RoleMapping) func(*v1alpha1.ScimApp) {
		return func(app *v1alpha1.ScimApp) { app.Spec.Roles = roles }
	}
	tests := map[string]struct {
		changes []func(*v1alpha1.ScimApp)
		want    mapping.Roles
	}{
		"no role is declared":                               {nil, mapping.RolesNone},
		"roles are declared":                                {[]func(*v1alpha1.ScimApp){withRole}, mapping.RolesAssertive},
		"roles are declared, and everybody is in scope":     {[]func(*v1alpha1.ScimApp){withRole, everybody}, mapping.RolesNone},
		"roles are declared and are not to be sent":         {[]func(*v1alpha1.ScimApp){withRole, said(v1alpha1.RolesNone)}, mapping.RolesNone},
		"one role is to be sent":                            {[]func(*v1alpha1.ScimApp){withRole, said(v1alpha1.RolesSingle)}, mapping.RolesSingle},
		"roles are to be sent, and were made in the portal": {[]func(*v1alpha1.ScimApp){said(v1alpha1.RolesAssertive)}, mapping.RolesAssertive},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := manifest.Roles(gen.ScimApp("wiki", tc.changes...)); got != tc.want {
				t.Errorf("roles = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestSpecIsTheInverseOfMapping(t *testing.T) {
	yes := true
	m := mapping.Mapping{
		Ref: mapping.Ref{Name: "wiki-users"}, Object: mapping.User, Base: mapping.BaseEntraDefault, State: mapping.StateEnabled,
		Actions: []mapping.Action{mapping.ActionCreate, mapping.ActionUpdate},
		Scope: []mapping.ScopeGroup{{Name: "staff", Clauses: []mapping.Clause{
			{Attribute: "department", Operator: mapping.OperatorEquals, Values: []string{"Engineering"}}, {Attribute: "mail", Operator: mapping.OperatorIsNotNull},
		}}},
		TargetAttributes: []mapping.TargetAttribute{{Name: "shelf", Type: "String", Mutability: "ReadWrite", MultiValued: &yes, CaseExact: &yes, Required: &yes, ReferencedObjects: []mapping.Object{mapping.User}}},
		SourceAttributes: []mapping.SourceAttribute{{Name: "extension_costCenter", Type: "String", MultiValued: &yes}},
		Attributes: []mapping.Attribute{
			{Target: "userName", Source: "userPrincipalName", MatchPrecedence: 1}, {Target: "title", Remove: true},
			{Target: "locale", Constant: "en", OnCreate: true}, {Target: "active", Expression: "Not([IsSoftDeleted])", Default: "True"},
		},
	}
	if d := cmp.Diff(m, manifest.Mapping(v1alpha1.KindAttributeMapping, "wiki-users", manifest.Spec(m))); d != "" {
		t.Errorf("there and back (-want +got):\n%s", d)
	}
}
