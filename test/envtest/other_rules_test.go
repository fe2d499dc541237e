package envtest_test

import (
	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/gen"
)

const simulator = "https://entra-sim.example.com"

var entraTenantRefusals = map[string]refusal{
	"another directory after creation": {
		before: gen.EntraTenant("fixed"), object: gen.EntraTenant("fixed", func(t *v1alpha1.EntraTenant) { t.Spec.TenantID = spID }),
		field: "spec.tenantID", says: "spec.tenantID is immutable",
	},
	"another instance after creation": {
		before: gen.EntraTenant("fixed"), object: gen.EntraTenant("fixed", func(t *v1alpha1.EntraTenant) { t.Spec.Instance = "other" }),
		field: "spec.instance", says: "spec.instance is immutable",
	},
	"a tenant ID that is no GUID": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) { t.Spec.TenantID = noGUID }), field: "spec.tenantID", says: notMatched,
	},
	"an instance that is no label": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) { t.Spec.Instance = "Platform EU" }), field: "spec.instance", says: notMatched,
	},
	"cloud Custom without its addresses": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) { t.Spec.Cloud = v1alpha1.CloudCustom }),
		field:  "spec", says: "spec.custom goes with spec.cloud Custom",
	},
	"addresses without cloud Custom": {
		object: gen.EntraTenant("t", gen.WithCustomCloud(simulator, ""), func(t *v1alpha1.EntraTenant) { t.Spec.Cloud = "" }),
		field:  "spec", says: "spec.custom goes with spec.cloud Custom",
	},
	"a root of Graph without TLS": {
		object: gen.EntraTenant("t", gen.WithCustomCloud(simulator, ""), func(t *v1alpha1.EntraTenant) { t.Spec.Custom.GraphURL = "http://entra-sim.example.com" }),
		field:  "spec.custom.graphURL", says: "spec.custom.graphURL must be an https URL",
	},
	"a token service without TLS": {
		object: gen.EntraTenant("t", gen.WithCustomCloud(simulator, ""), func(t *v1alpha1.EntraTenant) { t.Spec.Custom.AuthorityURL = "entra-sim.example.com" }),
		field:  "spec.custom.authorityURL", says: "spec.custom.authorityURL must be an https URL",
	},
	"two kinds of credentials": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) {
			t.Spec.Credentials.WorkloadIdentity = &v1alpha1.WorkloadIdentity{ClientID: gen.ClientID}
		}),
		field: "spec.credentials", says: "set exactly one of workloadIdentity and clientSecret",
	},
	"no credentials": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) { t.Spec.Credentials.ClientSecret = nil }),
		field:  "spec.credentials", says: "Required value",
	},
	"a client of a secret that is no GUID": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) { t.Spec.Credentials.ClientSecret.ClientID = noGUID }),
		field:  "spec.credentials.clientSecret.clientID", says: notMatched,
	},
	"a client of workload identity that is no GUID": {
		object: gen.EntraTenant("t", func(t *v1alpha1.EntraTenant) {
			t.Spec.Credentials = v1alpha1.Credentials{WorkloadIdentity: &v1alpha1.WorkloadIdentity{ClientID: noGUID}}
		}),
		field: "spec.credentials.workloadIdentity.clientID", says: notMatched,
	},
	"a host with a star in the middle": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.EndpointHosts = []string{"scim.*.example.com"} })),
		field:  "spec.grants[].endpointHosts[]", says: notMatched,
	},
	"a star for every host": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.EndpointHosts = []string{"*"} })),
		field:  "spec.grants[].endpointHosts[]", says: notMatched,
	},
	"an image without the host of its registry": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.Images = []string{"scim-operator/*"} })),
		field:  "spec.grants[].images[]", says: notMatched,
	},
	"an image with a star in the middle of a name": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.Images = []string{"registry.example.com/scim*"} })),
		field:  "spec.grants[].images[]", says: notMatched,
	},
	"an image with a tag": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.Images = []string{"registry.example.com/scim:v1"} })),
		field:  "spec.grants[].images[]", says: notMatched,
	},
	"a star in front of a label": {
		object: podTemplateGrant(v1alpha1.PodTemplateGrant{Labels: []string{"*.example.com/team"}}), field: "spec.grants[].podTemplate.labels[]", says: notMatched,
	},
	"a star in front of an annotation": {
		object: podTemplateGrant(v1alpha1.PodTemplateGrant{Annotations: []string{"*.example.com/team"}}), field: "spec.grants[].podTemplate.annotations[]", says: notMatched,
	},
	"an empty toleration": {
		object: podTemplateGrant(v1alpha1.PodTemplateGrant{Tolerations: []string{""}}), field: "spec.grants[].podTemplate.tolerations[]", says: notMatched,
	},
	"a priority class in capitals": {
		object: podTemplateGrant(v1alpha1.PodTemplateGrant{PriorityClassNames: []string{"High"}}), field: "spec.grants[].podTemplate.priorityClassNames[]", says: notMatched,
	},
	"a list of groups beside Any": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) {
			g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsAny, DisplayNamePrefixes: []string{"app-"}}
		})),
		field: "spec.grants[].groups", says: "objectIDs and displayNamePrefixes go with allowed: Listed",
	},
	"a listed group that is no GUID": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) {
			g.Groups = &v1alpha1.GroupGrant{Allowed: v1alpha1.GroupsListed, ObjectIDs: []v1alpha1.ObjectID{noGUID}}
		})),
		field: "spec.grants[].groups.objectIDs[]", says: notMatched,
	},
	"a list of owners beside Any": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) {
			g.Owners = &v1alpha1.OwnerGrant{Allowed: v1alpha1.OwnersAny, ObjectIDs: []v1alpha1.ObjectID{spID}}
		})),
		field: "spec.grants[].owners", says: "spec.grants[].owners.objectIDs goes with allowed: Listed",
	},
	"a listed owner that is no GUID": {
		object: gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) {
			g.Owners = &v1alpha1.OwnerGrant{Allowed: v1alpha1.OwnersListed, ObjectIDs: []v1alpha1.ObjectID{noGUID}}
		})),
		field: "spec.grants[].owners.objectIDs[]", says: notMatched,
	},
	"two grants of one name": {
		object: gen.EntraTenant("t", gen.WithGrant("docs"), gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.Users = &v1alpha1.UserGrant{Allowed: v1alpha1.UsersAny} })),
		field:  "spec.grants[]", says: "Duplicate value",
	},
}

func podTemplateGrant(p v1alpha1.PodTemplateGrant) *v1alpha1.EntraTenant {
	return gen.EntraTenant("t", gen.WithGrant("docs", func(g *v1alpha1.Grant) { g.PodTemplate = &p }))
}
