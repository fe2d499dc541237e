package grant_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/test/gen"
)

const (
	editorsID = "0c5e7a10-1111-4222-8333-444455556666"
	otherID   = "9f5e7a10-1111-4222-8333-444455556666"
	ownerID   = "77aa7a10-1111-4222-8333-444455556666"
)

var docs = grant.Namespace{Name: gen.Namespace, Labels: map[string]string{"team": "wiki"}}

func TestWhichNamespacesAGrantCovers(t *testing.T) {
	byLabel := func(s metav1.LabelSelector) func(*v1alpha1.Grant) {
		return func(g *v1alpha1.Grant) { g.Namespaces = v1alpha1.NamespaceSelection{Selector: &s} }
	}
	wikiTeam := metav1.LabelSelector{MatchLabels: map[string]string{"team": "wiki"}}
	for name, test := range map[string]struct {
		grants []func(*v1alpha1.EntraTenant)
		want   bool
	}{
		"a tenant without grants covers nobody":        {want: false},
		"a namespace is covered by its name":           {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a")}, want: true},
		"a name is compared as a whole":                {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byName("doc", "docs2"))}, want: false},
		"a namespace is covered by its labels":         {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byLabel(wikiTeam))}, want: true},
		"a namespace with other labels is not covered": {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byLabel(metav1.LabelSelector{MatchLabels: map[string]string{"team": "crm"}}))}, want: false},
		"an empty selector names nobody":               {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byLabel(metav1.LabelSelector{}))}, want: false},
		"an expression selects too":                    {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byLabel(expression(metav1.LabelSelectorOpExists)))}, want: true},
		"a selector that cannot be read names nobody":  {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byLabel(expression("Has")))}, want: false},
		"a name counts beside a selector that does not match": {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", func(g *v1alpha1.Grant) {
			g.Namespaces.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "crm"}}
		})}, want: true},
		"a selector counts beside other names": {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byName("crm"), func(g *v1alpha1.Grant) { g.Namespaces.Selector = &wikiTeam })}, want: true},
		"the second grant counts as well":      {grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byName("crm")), gen.WithGrant("b")}, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			denials := grant.Check(gen.EntraTenant(gen.Tenant, test.grants...), docs, grant.Request{})
			uncovered := slices.ContainsFunc(denials, func(d grant.Denial) bool { return d.Field == "spec.tenantRef.name" })
			if uncovered == test.want {
				t.Errorf("the namespace is covered: %t, want %t", !uncovered, test.want)
			}
		})
	}
}

func TestValidateNamesTheGrantWithAnUnreadableSelector(t *testing.T) {
	good := gen.EntraTenant(gen.Tenant, gen.WithGrant("a"))
	if err := grant.Validate(good); err != nil {
		t.Errorf("a grant by name is refused: %v", err)
	}
	bad := gen.EntraTenant(gen.Tenant, gen.WithGrant("a"), gen.WithGrant("b", func(g *v1alpha1.Grant) {
		s := expression("Has")
		g.Namespaces.Selector = &s
	}))
	if err := grant.Validate(bad); err == nil || !strings.Contains(err.Error(), "spec.grants[b].namespaces.selector") {
		t.Errorf("got %v, want an error about spec.grants[b].namespaces.selector", err)
	}
}

func TestCheck(t *testing.T) {
	editors := grant.Group{Name: "editors", ObjectID: editorsID, DisplayName: "app-wiki-editors"}
	employeeID := grant.SourceAttribute{Mapping: "AttributeMapping wiki-users", Target: "title", Source: "employeeId"}
	for name, test := range map[string]struct {
		grants []func(*v1alpha1.EntraTenant)
		req    grant.Request
		// want are the fields of the denials, in order.
		want []string
	}{
		"without a grant for the namespace everything is one denial": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", byName("crm"), groups(v1alpha1.GroupsAny))},
			req:    grant.Request{Scope: v1alpha1.ScopeAll, Groups: []grant.Group{editors}, Users: []string{"jane"}, EndpointURL: "https://a.example.com"},
			want:   []string{"spec.tenantRef.name"},
		},
		"a bare grant allows an app without assignments and without an address": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a")},
		},
		"a bare grant allows scope Assigned": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a")},
			req:    grant.Request{Scope: v1alpha1.ScopeAssigned},
		},
		"a bare grant allows nothing else": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a")},
			req:    grant.Request{Scope: v1alpha1.ScopeAll, Groups: []grant.Group{editors}, Users: []string{"jane"}, Owners: []string{otherID}, EndpointURL: "https://a.example.com", SourceAttributes: []grant.SourceAttribute{employeeID}},
			want:   []string{"spec.provisioning.scope", "spec.assignments[editors].group", "spec.assignments[jane].user", "spec.application.owners", "spec.endpoint"},
		},
		"an application is taken up by whom the grant names for it": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", adopt(otherID, "wiki"))},
			req:    grant.Request{Adopt: otherID, App: "wiki"},
		},
		"an application is not taken up by another ScimApp": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", adopt(otherID, "wiki"))},
			req:    grant.Request{Adopt: otherID, App: "crm"},
			want:   []string{"spec.application.servicePrincipalID"},
		},
		"a ScimApp does not take up another application": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", adopt(otherID, "wiki"))},
			req:    grant.Request{Adopt: ownerID, App: "wiki"},
			want:   []string{"spec.application.servicePrincipalID"},
		},
		"scope All is allowed where it is named": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", scopes(v1alpha1.ScopeAll))},
			req:    grant.Request{Scope: v1alpha1.ScopeAll},
		},
		"scope All includes Assigned": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", scopes(v1alpha1.ScopeAll))},
			req:    grant.Request{Scope: v1alpha1.ScopeAssigned},
		},
		"scope Assigned does not include All": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", scopes(v1alpha1.ScopeAssigned))},
			req:    grant.Request{Scope: v1alpha1.ScopeAll},
			want:   []string{"spec.provisioning.scope"},
		},
		"a grant for another namespace adds nothing": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a"), gen.WithGrant("b", byName("crm"), scopes(v1alpha1.ScopeAll))},
			req:    grant.Request{Scope: v1alpha1.ScopeAll},
			want:   []string{"spec.provisioning.scope"},
		},
		"any group is allowed by Any": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", groups(v1alpha1.GroupsAny))},
			req:    grant.Request{Groups: []grant.Group{{Name: "x", ObjectID: otherID}}},
		},
		"None allows no group": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", groups(v1alpha1.GroupsNone))},
			req:    grant.Request{Groups: []grant.Group{editors}},
			want:   []string{"spec.assignments[editors].group"},
		},
		"a listed group is allowed by its object ID": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", listed([]v1alpha1.ObjectID{editorsID}, nil))},
			req:    grant.Request{Groups: []grant.Group{editors, {Name: "others", ObjectID: otherID}}},
			want:   []string{"spec.assignments[others].group"},
		},
		"a listed group is allowed by the beginning of its name": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", listed(nil, []string{"app-wiki-"}))},
			req:    grant.Request{Groups: []grant.Group{editors}},
		},
		"a prefix in another case is another prefix": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", listed(nil, []string{"App-Wiki-"}))},
			req:    grant.Request{Groups: []grant.Group{editors}},
			want:   []string{"spec.assignments[editors].group"},
		},
		"a prefix in the middle of a name does not count": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", listed(nil, []string{"wiki"}))},
			req:    grant.Request{Groups: []grant.Group{editors}},
			want:   []string{"spec.assignments[editors].group"},
		},
		"while Entra's name is unknown only the object ID counts": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", listed([]v1alpha1.ObjectID{otherID}, []string{"app-wiki-"}))},
			req:    grant.Request{Groups: []grant.Group{{Name: "editors", ObjectID: editorsID}, {Name: "others", ObjectID: otherID}}},
			want:   []string{"spec.assignments[editors].group"},
		},
		"two grants add up": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", listed([]v1alpha1.ObjectID{editorsID}, nil)), gen.WithGrant("b", listed(nil, []string{"crm-"}), users(v1alpha1.UsersAny))},
			req:    grant.Request{Groups: []grant.Group{editors, {Name: "crm", ObjectID: otherID, DisplayName: "crm-readers"}}, Users: []string{"jane"}},
		},
		"a None beside an Any takes nothing away": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", groups(v1alpha1.GroupsAny), users(v1alpha1.UsersAny)), gen.WithGrant("b", groups(v1alpha1.GroupsNone), users(v1alpha1.UsersNone))},
			req:    grant.Request{Groups: []grant.Group{editors}, Users: []string{"jane"}},
		},
		"None allows no owner": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", owners(v1alpha1.OwnersNone))},
			req:    grant.Request{Owners: []string{otherID}},
			want:   []string{"spec.application.owners"},
		},
		"any owner is allowed by Any": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", owners(v1alpha1.OwnersAny))},
			req:    grant.Request{Owners: []string{otherID}},
		},
		"a listed owner is allowed and no other": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", owners(v1alpha1.OwnersListed, otherID))},
			req:    grant.Request{Owners: []string{otherID, ownerID}},
			want:   []string{"spec.application.owners"},
		},
		"an object ID beside None is not an owner": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", owners(v1alpha1.OwnersNone, otherID))},
			req:    grant.Request{Owners: []string{otherID}},
			want:   []string{"spec.application.owners"},
		},
		"grants of owners add up": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", owners(v1alpha1.OwnersListed, otherID)), gen.WithGrant("b", owners(v1alpha1.OwnersListed, ownerID)), gen.WithGrant("c", owners(v1alpha1.OwnersNone))},
			req:    grant.Request{Owners: []string{otherID, ownerID}},
		},
		"an owner that another namespace is granted is not granted": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a"), gen.WithGrant("b", byName("crm"), owners(v1alpha1.OwnersAny))},
			req:    grant.Request{Owners: []string{otherID}},
			want:   []string{"spec.application.owners"},
		},
		"a denied source attribute is denied although another grant does not deny it": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a"), gen.WithGrant("b", denies("employeeId"))},
			req:    grant.Request{SourceAttributes: []grant.SourceAttribute{employeeID, {Mapping: "AttributeMapping wiki-users", Target: "userName", Source: "mail"}}},
			want:   []string{"spec.attributeMappings"},
		},
		"a denied source attribute is denied in every spelling": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a", denies("EMPLOYEEID"))},
			req:    grant.Request{SourceAttributes: []grant.SourceAttribute{employeeID}},
			want:   []string{"spec.attributeMappings"},
		},
		"what another namespace is denied does not matter": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("a"), gen.WithGrant("b", byName("crm"), denies("employeeId"))},
			req:    grant.Request{SourceAttributes: []grant.SourceAttribute{employeeID}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			denials := grant.Check(gen.EntraTenant(gen.Tenant, test.grants...), docs, test.req)
			var fields []string
			for _, d := range denials {
				fields = append(fields, d.Field)
			}
			if diff := cmp.Diff(test.want, fields); diff != "" {
				t.Errorf("denied fields (-want +got):\n%s\n%v", diff, denials)
			}
		})
	}
}

func TestMessagesNameWhatWasSeenTheGrantAndTheRemedy(t *testing.T) {
	one := []func(*v1alpha1.EntraTenant){gen.WithGrant("docs", denies("employeeId"))}
	for name, test := range map[string]struct {
		grants []func(*v1alpha1.EntraTenant)
		req    grant.Request
		want   string
	}{
		"a namespace without a grant": {
			want: "no grant of EntraTenant contoso names namespace docs, so its ScimApps may do nothing there; ask for a grant with this namespace in spec.grants[].namespaces of the EntraTenant, or name another EntraTenant",
		},
		"a scope": {
			grants: one, req: grant.Request{Scope: v1alpha1.ScopeAll},
			want: "scope All would send everybody in the directory to the app, but for namespace docs spec.grants[docs].scopes of EntraTenant contoso has no All; set scope: Assigned, or ask for a wider grant",
		},
		"a group, with the grants that were looked at": {
			grants: []func(*v1alpha1.EntraTenant){gen.WithGrant("docs"), gen.WithGrant("all")},
			req:    grant.Request{Groups: []grant.Group{{Name: "editors", ObjectID: editorsID, DisplayName: "Wiki Editors"}}},
			want: `group "Wiki Editors" (` + editorsID + `) would be assigned, but for namespace docs spec.grants[].groups (docs, all) of EntraTenant contoso ` +
				"does not allow it: neither Any, nor its object ID, nor a prefix of its name; remove the assignment, or ask for a wider grant",
		},
		"a user": {
			grants: one, req: grant.Request{Users: []string{"jane"}},
			want: "a single user would be assigned, but for namespace docs spec.grants[docs].users of EntraTenant contoso is not Any; assign a group instead, or ask for a wider grant",
		},
		"an owner": {
			grants: one, req: grant.Request{Owners: []string{ownerID}},
			want: ownerID + " would own the application and could change all that is set in Entra, but for namespace docs spec.grants[docs].owners of EntraTenant contoso " +
				"does not allow it: neither Any nor its object ID; remove the owner, or ask for a wider grant",
		},
		"an address that hides its host, without what may be a password": {
			grants: one, req: grant.Request{EndpointURL: "https://jane:secret@scim.example.com/scim/v2"},
			want: "the address is not of the form https://host[:port][/path] with nothing else in it, so no grant can cover it; " +
				"write an ASCII host name and no user, query, fragment or backslash, such as https://scim.example.com/scim/v2",
		},
		"a host": {
			grants: one, req: grant.Request{EndpointURL: "https://scim.example.com/scim/v2"},
			want: "Entra would be given an address on host scim.example.com, but for namespace docs spec.grants[docs].endpointHosts of EntraTenant contoso has no pattern for it; use a host that is granted, or ask for a wider grant",
		},
		"an image": {
			grants: one, req: grant.Request{Pods: grant.Pods{Image: "registry.example.com/scim:v1"}},
			want: "the pods would run image registry.example.com/scim:v1, but for namespace docs spec.grants[docs].images of EntraTenant contoso has no pattern for it; remove it to run the operator's own image, or ask for a wider grant",
		},
		"an image without its registry": {
			grants: one, req: grant.Request{Pods: grant.Pods{Image: "nginx"}},
			want: "image nginx does not begin with the host of its registry, so no grant can cover it; write it in full, such as registry.example.com/scim/endpoint:v1, or remove it to run the operator's own image",
		},
		"a label": {
			grants: one, req: grant.Request{Pods: grant.Pods{Labels: []string{"team"}}},
			want: "the pods would carry label team, but for namespace docs spec.grants[docs].podTemplate.labels of EntraTenant contoso does not list it; remove it, or ask for a wider grant",
		},
		"a toleration of every taint": {
			grants: one, req: grant.Request{Pods: grant.Pods{Tolerations: []string{""}}},
			want: "the pods would tolerate taint of every key, but for namespace docs spec.grants[docs].podTemplate.tolerations of EntraTenant contoso does not list it; remove it, or ask for a wider grant",
		},
		"a priority class": {
			grants: one, req: grant.Request{Pods: grant.Pods{PriorityClassName: "high"}},
			want: "the pods would have priority class high, but for namespace docs spec.grants[docs].podTemplate.priorityClassNames of EntraTenant contoso does not list it; remove it, or ask for a wider grant",
		},
		"a source attribute": {
			grants: one, req: grant.Request{SourceAttributes: []grant.SourceAttribute{{Mapping: "AttributeMapping wiki-users", Target: "title", Source: "employeeId"}}},
			want: "AttributeMapping wiki-users sends employeeId to target title, which spec.grants[docs].sourceAttributes.deny of EntraTenant contoso forbids; use another attribute there, or ask for its removal from that list",
		},
		"a source attribute in a scope": {
			grants: one, req: grant.Request{SourceAttributes: []grant.SourceAttribute{{Mapping: "ClusterAttributeMapping company", ScopeGroup: "staff", Source: "EMPLOYEEID"}}},
			want: "ClusterAttributeMapping company decides by EMPLOYEEID in scope group staff, which spec.grants[docs].sourceAttributes.deny of EntraTenant contoso forbids; use another attribute there, or ask for its removal from that list",
		},
		"a source attribute that nobody mapped but Entra": {
			grants: one, req: grant.Request{SourceAttributes: []grant.SourceAttribute{{Target: "title", Source: "employeeId"}}},
			want: "Entra's default mapping sends employeeId to target title, which spec.grants[docs].sourceAttributes.deny of EntraTenant contoso forbids; use another attribute there, or ask for its removal from that list",
		},
	} {
		t.Run(name, func(t *testing.T) {
			denials := grant.Check(gen.EntraTenant(gen.Tenant, test.grants...), docs, test.req)
			if len(denials) != 1 {
				t.Fatalf("got %d denials, want 1: %v", len(denials), denials)
			}
			if diff := cmp.Diff(test.want, denials[0].Message); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestManyDenialsAreCounted(t *testing.T) {
	var req grant.Request
	for i := range 1500 {
		req.Groups = append(req.Groups, grant.Group{Name: fmt.Sprintf("g%d", i), ObjectID: editorsID})
		req.Users = append(req.Users, fmt.Sprintf("u%d", i))
	}
	denials := grant.Check(gen.EntraTenant(gen.Tenant, gen.WithGrant("a")), docs, req)
	if len(denials) != 12 {
		t.Fatalf("got %d denials, want 5 groups, their rest, 5 users, and their rest", len(denials))
	}
	if got := denials[5]; got.Field != "spec.assignments" || !strings.HasPrefix(got.Message, "1495 more groups ") {
		t.Errorf("the rest of the groups is %+v", got)
	}
}

func byName(names ...string) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) { g.Namespaces.Names = names }
}

func scopes(scopes ...v1alpha1.ProvisioningScope) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) { g.Scopes = scopes }
}

func groups(allowed v1alpha1.GroupsAllowed) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) { g.Groups = &v1alpha1.GroupGrant{Allowed: allowed} }
}

func listed(ids []v1alpha1.ObjectID, prefixes []string) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) {
		g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsListed, ObjectIDs: ids, DisplayNamePrefixes: prefixes}
	}
}

func users(allowed v1alpha1.UsersAllowed) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) { g.Users = &v1alpha1.UserGrant{Allowed: allowed} }
}

func owners(allowed v1alpha1.OwnersAllowed, ids ...v1alpha1.ObjectID) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) { g.Owners = &v1alpha1.OwnerGrant{Allowed: allowed, ObjectIDs: ids} }
}

func denies(attributes ...string) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) { g.SourceAttributes = &v1alpha1.SourceAttributeGrant{Deny: attributes} }
}

func expression(operator metav1.LabelSelectorOperator) metav1.LabelSelector {
	return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: operator}}}
}

func adopt(servicePrincipalID v1alpha1.ObjectID, app string) func(*v1alpha1.Grant) {
	return func(g *v1alpha1.Grant) {
		g.Adopt = append(g.Adopt, v1alpha1.AdoptGrant{ServicePrincipalID: servicePrincipalID, App: app})
	}
}
