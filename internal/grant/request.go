package grant

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// RequestOf is all that can be judged of a ScimApp without asking Graph: its groups come later, with their real names, in
// the Request of GroupsOf. The address is what Entra is to be given, and ownImage the operator's image of the endpoint,
// which needs no grant.
func RequestOf(app *v1alpha1.ScimApp, address string, mappings []mapping.Mapping, ownImage string) Request {
	application := provisioning.ApplicationSpec(app)
	req := Request{
		Scope: provisioning.Spec(app).Scope, EndpointURL: address, WebhookURL: desired.WebhookURL(app), Pods: podsOf(app, ownImage),
		Adopt: string(application.ServicePrincipalID), App: app.Name,
	}
	for _, a := range app.Spec.Assignments {
		if a.User != nil {
			req.Users = append(req.Users, a.Name)
		}
	}
	for _, id := range application.Owners {
		req.Owners = append(req.Owners, string(id))
	}
	for _, m := range mappings {
		for _, used := range m.Sources() {
			req.SourceAttributes = append(req.SourceAttributes, SourceAttribute{Mapping: m.String(), Target: used.Target, ScopeGroup: used.Group, Source: used.Source})
		}
	}
	return req
}

// podsOf is what the manifest asks for that the endpoint's pods do not have by themselves.
func podsOf(app *v1alpha1.ScimApp, ownImage string) Pods {
	if app.Spec.Endpoint == nil || app.Spec.Endpoint.Managed == nil {
		return Pods{}
	}
	managed := app.Spec.Endpoint.Managed
	var out Pods
	if managed.Image != ownImage {
		out.Image = managed.Image
	}
	if t := managed.PodTemplate; t != nil {
		out.Labels, out.Annotations = slices.Sorted(maps.Keys(t.Labels)), slices.Sorted(maps.Keys(t.Annotations))
		out.PriorityClassName = t.PriorityClassName
		for _, toleration := range t.Tolerations {
			out.Tolerations = append(out.Tolerations, toleration.Key)
		}
	}
	return out
}

// GroupsOf asks for the assignment of groups alone.
func GroupsOf(groups []Group) Request {
	return Request{Scope: v1alpha1.ScopeAssigned, Groups: groups}
}

// SourcesOf asks for all that a synchronization schema sends, Entra's own default mapping included: it sends attributes
// that no manifest names.
func SourcesOf(schema json.RawMessage) Request {
	req := Request{Scope: v1alpha1.ScopeAssigned}
	for _, used := range mapping.SourcesInUse(schema) {
		req.SourceAttributes = append(req.SourceAttributes, SourceAttribute{Target: used.Target, ScopeGroup: used.Group, Source: used.Source})
	}
	return req
}

// DeniesSources is true where a grant of the tenant names an attribute that is not sent: only then a schema has to be read.
func DeniesSources(tenant *v1alpha1.EntraTenant) bool {
	return slices.ContainsFunc(tenant.Spec.Grants, func(g v1alpha1.Grant) bool {
		return g.SourceAttributes != nil && len(g.SourceAttributes.Deny) > 0
	})
}

// NamesGroups is true where a grant of the tenant is by the names of groups: only then these have to be read.
func NamesGroups(tenant *v1alpha1.EntraTenant) bool {
	return slices.ContainsFunc(tenant.Spec.Grants, func(g v1alpha1.Grant) bool {
		return g.Groups != nil && len(g.Groups.DisplayNamePrefixes) > 0
	})
}

// Selects is true where a grant of the tenant names namespaces by their labels: only then these have to be read.
func Selects(tenant *v1alpha1.EntraTenant) bool {
	return slices.ContainsFunc(tenant.Spec.Grants, func(g v1alpha1.Grant) bool { return g.Namespaces.Selector != nil })
}
