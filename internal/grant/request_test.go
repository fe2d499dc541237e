package grant_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestRequestOfAScimApp(t *testing.T) {
	const address = "https://scim.wiki.example.com:8443/scim/v2"
	app := gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
		app.Spec.Assignments = []v1alpha1.Assignment{
			{Name: "jane", User: &v1alpha1.UserReference{UserPrincipalName: "jane@example.com"}}, {Name: "editors", Group: &v1alpha1.GroupReference{DisplayName: "Editors"}},
		}
		app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{Scope: v1alpha1.ScopeAll}
		app.Spec.Application = &v1alpha1.ApplicationSpec{Owners: []v1alpha1.ObjectID{"11111111-2222-4333-8444-555555555555"}}
	})
	got := grant.RequestOf(app, address, nil, "")
	if got.EndpointURL != address || got.Scope != v1alpha1.ScopeAll {
		t.Errorf("address %q scope %q, want the whole address, and All", got.EndpointURL, got.Scope)
	}
	if d := cmp.Diff([]string{"11111111-2222-4333-8444-555555555555"}, got.Owners); d != "" {
		t.Errorf("owners (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"jane"}, got.Users); d != "" {
		t.Errorf("users (-want +got):\n%s", d)
	}
	if len(got.Groups) > 0 {
		t.Errorf("groups %v are judged before their names are known", got.Groups)
	}
}

func TestPodsThatNeedAGrant(t *testing.T) {
	const own = "scim-operator/scim-endpoint:dev"
	managed := func(m v1alpha1.ManagedEndpoint) v1alpha1.EndpointSpec { return v1alpha1.EndpointSpec{Managed: &m} }
	tests := map[string]struct {
		endpoint v1alpha1.EndpointSpec
		want     grant.Pods
	}{
		"an endpoint with nothing said about it": {},
		"an external endpoint has no pods":       {endpoint: v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}}},
		"the operator's own image by its name":   {endpoint: managed(v1alpha1.ManagedEndpoint{Image: own})},
		"what only bounds the pod": {endpoint: managed(v1alpha1.ManagedEndpoint{PodTemplate: &v1alpha1.PodTemplate{
			NodeSelector: map[string]string{"disk": "ssd"}, Resources: &corev1.ResourceRequirements{}, Affinity: &corev1.Affinity{},
			ImagePullSecrets: []corev1.LocalObjectReference{{Name: "registry"}},
		}})},
		"what others act on, in one order": {
			endpoint: managed(v1alpha1.ManagedEndpoint{Image: "registry.example.com/scim:v1", PodTemplate: &v1alpha1.PodTemplate{
				Labels: map[string]string{"team": "docs", "app": "wiki"}, Annotations: map[string]string{"b": "1", "a": "2"}, PriorityClassName: "high",
				Tolerations: []corev1.Toleration{{Key: "dedicated"}, {Operator: corev1.TolerationOpExists}},
			}}),
			want: grant.Pods{
				Image: "registry.example.com/scim:v1", Labels: []string{"app", "team"}, Annotations: []string{"a", "b"},
				Tolerations: []string{"dedicated", ""}, PriorityClassName: "high",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, grant.RequestOf(gen.ScimApp("wiki", gen.WithEndpoint(tc.endpoint)), "", nil, own).Pods); d != "" {
				t.Errorf("pods (-want +got):\n%s", d)
			}
		})
	}
}

func TestGroupNamesAreReadOnlyWhereAGrantAsksForThem(t *testing.T) {
	byID := gen.EntraTenant("contoso", gen.WithGrant("docs"), gen.WithGrant("more", func(g *v1alpha1.Grant) {
		g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsListed, ObjectIDs: []v1alpha1.ObjectID{"x"}}
	}))
	if grant.NamesGroups(byID) {
		t.Error("names are read for grants that list object IDs")
	}
	byName := gen.EntraTenant("contoso", gen.WithGrant("docs"), gen.WithGrant("more", func(g *v1alpha1.Grant) {
		g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsListed, DisplayNamePrefixes: []string{"app-wiki-"}}
	}))
	if !grant.NamesGroups(byName) {
		t.Error("names are not read for a grant by prefix")
	}
}

func TestASchemaIsReadOnlyWhereAGrantDeniesAttributes(t *testing.T) {
	if grant.DeniesSources(gen.EntraTenant("contoso", gen.WithGrant("docs"))) {
		t.Error("a grant that denies no attribute costs a read of the schema in every pass")
	}
	denying := gen.EntraTenant("contoso", gen.WithGrant("docs"), gen.WithGrant("more", func(g *v1alpha1.Grant) {
		g.SourceAttributes = &v1alpha1.SourceAttributeGrant{Deny: []string{"employeeId"}}
	}))
	if !grant.DeniesSources(denying) {
		t.Error("a grant that denies attributes is not looked at")
	}
}
