package envtest_test

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/gen"
)

const (
	spID   v1alpha1.ObjectID = "11111111-2222-4333-8444-555555555555"
	noGUID v1alpha1.ObjectID = "11111111-2222-4333-8444-55555555555Z"
)

var scimAppRefusals = map[string]refusal{
	"a mapping of this namespace and of the cluster at once": {
		object: gen.ScimApp("a", withMappings(v1alpha1.AttributeMappingReference{Name: "a", ClusterName: "b"})),
		field:  "spec.attributeMappings[]", says: "set one of name",
	},
	"one mapping twice": {
		object: gen.ScimApp("a", withMappings(v1alpha1.AttributeMappingReference{Name: "a"}, v1alpha1.AttributeMappingReference{ClusterName: "a"},
			v1alpha1.AttributeMappingReference{ClusterName: "a"})),
		field: "spec.attributeMappings", says: "names one mapping twice",
	},
	"a name that is too long for the objects made from it": {
		object: gen.ScimApp("a" + strings.Repeat("b", 40)), field: "", says: "metadata.name must begin with a letter",
	},
	"a name that begins with a digit": {
		object: gen.ScimApp("1wiki"), field: "", says: "metadata.name must begin with a letter",
	},
	"a name with a dot": {
		object: gen.ScimApp("wiki.app"), field: "", says: "metadata.name must begin with a letter",
	},
	"another tenant after creation": {
		before: gen.ScimApp("moved"), object: gen.ScimApp("moved", gen.WithTenant("fabrikam")),
		field: "spec.tenantRef", says: "spec.tenantRef is immutable",
	},
	"an application to take up that is not named": {
		object: gen.ScimApp("wiki", adopting("")), field: "spec.application", says: "servicePrincipalID goes with creationPolicy AdoptOnly and is required there",
	},
	"an application to take up that is no GUID": {
		object: gen.ScimApp("wiki", adopting(noGUID)), field: "spec.application.servicePrincipalID", says: notMatched,
	},
	"another application after creation": {
		before: gen.ScimApp("taken", adopting(spID)), object: gen.ScimApp("taken", adopting(gen.ClientID)),
		field: "spec.application.servicePrincipalID", says: "spec.application.servicePrincipalID is immutable",
	},
	"the deletion of an application that somebody else made": {
		object: gen.ScimApp("wiki", adopting(spID), func(a *v1alpha1.ScimApp) { a.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete }),
		field:  "spec.deletionPolicy", says: "spec.deletionPolicy must be Retain with creationPolicy AdoptOnly",
	},
	"an interval without a unit": {
		object: gen.ScimApp("wiki", interval("90")), field: "spec.interval", says: notMatched,
	},
	"an interval that is too short": {
		object: gen.ScimApp("wiki", interval("59s")), field: "spec.interval", says: "must be at least 1m",
	},
	"a managed and an external endpoint at once": {
		object: gen.ScimApp("wiki", ownSecret, gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{}, External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}})),
		field:  "spec.endpoint", says: "set at most one of spec.endpoint.managed and spec.endpoint.external",
	},
	"a label of the operator's own": {
		object: podLabels("scim-operator.io/scimapp"), field: "spec.endpoint.managed.podTemplate.labels", says: "must have no key under scim-operator.io",
	},
	"a label that the operator sets": {
		object: podLabels("app.kubernetes.io/name"), field: "spec.endpoint.managed.podTemplate.labels", says: "must have no key under scim-operator.io",
	},
	"a label that the StatefulSet sets": {
		object: podLabels("controller-revision-hash"), field: "spec.endpoint.managed.podTemplate.labels", says: "must have no key under scim-operator.io",
	},
	"an exposure of an external endpoint": {
		object: gen.ScimApp("wiki", ownSecret, gen.WithEndpoint(v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: "https://wiki.example.com/scim/v2"}, Exposure: &v1alpha1.Exposure{URL: "https://scim.example.com/scim/v2"}})),
		field:  "spec.endpoint", says: "spec.endpoint.exposure does not go with spec.endpoint.external",
	},
	"an external endpoint without its token": {
		object: gen.ScimApp("wiki", external("https://wiki.example.com/scim/v2")),
		field:  "spec.authentication", says: "spec.authentication.existingSecretRef is required with spec.endpoint.external",
	},
	"an external address without TLS": {
		object: gen.ScimApp("wiki", ownSecret, external("http://wiki.example.com/scim/v2")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL",
	},
	"an external address that is no URL": {
		object: gen.ScimApp("wiki", ownSecret, external("wiki.example.com/scim/v2")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL",
	},
	"an external address with a query": {
		object: gen.ScimApp("wiki", ownSecret, external("https://wiki.example.com/scim/v2?tenant=1")),
		field:  "spec.endpoint.external.url", says: "without a user, query, fragment or backslash",
	},
	"an exposure without TLS": {
		object: gen.ScimApp("wiki", exposed("http://scim.example.com/scim/v2")),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL",
	},
	"an external address with backslashes for slashes": {
		object: gen.ScimApp("wiki", ownSecret, external(`https:\\evil.example\scim\v2`)),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL of an ASCII host name",
	},
	"an exposure with backslashes for slashes": {
		object: gen.ScimApp("wiki", exposed(`https:\\evil.example\scim\v2`)),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL of an ASCII host name",
	},
	"an external address without slashes": {
		object: gen.ScimApp("wiki", ownSecret, external("https:evil.example/scim/v2")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL of an ASCII host name",
	},
	"an exposure without slashes": {
		object: gen.ScimApp("wiki", exposed("https:evil.example/scim/v2")),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL of an ASCII host name",
	},
	"an external address with a third slash": {
		object: gen.ScimApp("wiki", ownSecret, external("https:///evil.example/scim/v2")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL of an ASCII host name",
	},
	"an exposure with a third slash": {
		object: gen.ScimApp("wiki", exposed("https:///evil.example/scim/v2")),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL of an ASCII host name",
	},
	"an external address with a user": {
		object: gen.ScimApp("wiki", ownSecret, external("https://scim.example.com@evil.example/scim/v2")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL of an ASCII host name",
	},
	"an exposure with a user": {
		object: gen.ScimApp("wiki", exposed("https://scim.example.com@evil.example/scim/v2")),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL of an ASCII host name",
	},
	"an external address with a fragment": {
		object: gen.ScimApp("wiki", ownSecret, external("https://scim.example.com/scim/v2#x")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL of an ASCII host name",
	},
	"an exposure with a fragment": {
		object: gen.ScimApp("wiki", exposed("https://scim.example.com/scim/v2#x")),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL of an ASCII host name",
	},
	"an external address with a full-width slash": {
		object: gen.ScimApp("wiki", ownSecret, external("https://evil.example\uff0fscim.example.com/scim/v2")),
		field:  "spec.endpoint.external.url", says: "spec.endpoint.external.url must be an https URL of an ASCII host name",
	},
	"an exposure with a full-width slash": {
		object: gen.ScimApp("wiki", exposed("https://evil.example\uff0fscim.example.com/scim/v2")),
		field:  "spec.endpoint.exposure.url", says: "spec.endpoint.exposure.url must be an https URL of an ASCII host name",
	},
	"two replicas on SQLite that is meant by none": {
		object: gen.ScimApp("wiki", managed(v1alpha1.ManagedEndpoint{Replicas: new(int32(2))})),
		field:  "spec.endpoint.managed", says: "spec.endpoint.managed.replicas above 1 needs spec.endpoint.managed.storage.postgres",
	},
	"two replicas on SQLite": {
		object: gen.ScimApp("wiki", managed(v1alpha1.ManagedEndpoint{Replicas: new(int32(2)), Storage: &v1alpha1.Storage{SQLite: &v1alpha1.SQLiteStorage{}}})),
		field:  "spec.endpoint.managed", says: "spec.endpoint.managed.replicas above 1 needs spec.endpoint.managed.storage.postgres",
	},
	"two kinds of storage at once": {
		object: gen.ScimApp("wiki", managed(v1alpha1.ManagedEndpoint{Storage: &v1alpha1.Storage{SQLite: &v1alpha1.SQLiteStorage{}, Postgres: &v1alpha1.PostgresStorage{ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "db"}}}})),
		field:  "spec.endpoint.managed.storage", says: "set at most one of spec.endpoint.managed.storage.sqlite and spec.endpoint.managed.storage.postgres",
	},
	"a database without its connection": {
		object: gen.ScimApp("wiki", postgres(v1alpha1.PostgresStorage{})),
		field:  "spec.endpoint.managed.storage.postgres.connectionSecretRef", says: "Required value",
	},
	"PostgreSQL in place of the SQLite that was meant by none": {
		before: gen.ScimApp("moved"), object: gen.ScimApp("moved", postgres(connection("wiki-db-app"))),
		field: "spec.endpoint.managed.storage.postgres.migrateFrom", says: "spec.endpoint.managed.storage.postgres.migrateFrom must be SQLite",
	},
	"PostgreSQL in place of SQLite": {
		before: gen.ScimApp("moved", sqlite(v1alpha1.SQLiteStorage{Size: size("5Gi")})), object: gen.ScimApp("moved", postgres(connection("wiki-db-app"))),
		field: "spec.endpoint.managed.storage.postgres.migrateFrom", says: "spec.endpoint.managed.storage.postgres.migrateFrom must be SQLite",
	},
	"SQLite in place of PostgreSQL": {
		before: gen.ScimApp("back", postgres(connection("wiki-db-app"))), object: gen.ScimApp("back", sqlite(v1alpha1.SQLiteStorage{})),
		field: "spec.endpoint.managed.storage", says: "spec.endpoint.managed.storage cannot change from postgres to sqlite",
	},
	"the SQLite that is meant by none in place of PostgreSQL": {
		before: gen.ScimApp("back", postgres(connection("wiki-db-app"))), object: gen.ScimApp("back"),
		field: "spec.endpoint.managed.storage", says: "spec.endpoint.managed.storage cannot change from postgres to sqlite",
	},
	"a move from somewhere else": {
		object: gen.ScimApp("wiki", postgres(v1alpha1.PostgresStorage{ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: "db"}, MigrateFrom: "MySQL"})),
		field:  "spec.endpoint.managed.storage.postgres.migrateFrom", says: `supported values: "SQLite"`,
	},
	"a webhook without a scheme": {
		object: gen.ScimApp("wiki", webhook("wiki.docs.svc/hooks/scim")),
		field:  "spec.endpoint.managed.delivery.webhook.url", says: "spec.endpoint.managed.delivery.webhook.url must be an http or https URL",
	},
	"a webhook with a user": {
		object: gen.ScimApp("wiki", webhook("http://me:secret@wiki.docs.svc/hooks/scim")),
		field:  "spec.endpoint.managed.delivery.webhook.url", says: "without a user, query, fragment or backslash",
	},
	"a webhook of another scheme": {
		object: gen.ScimApp("wiki", webhook("file:///etc/passwd")),
		field:  "spec.endpoint.managed.delivery.webhook.url", says: "spec.endpoint.managed.delivery.webhook.url must be an http or https URL",
	},
	"a read token in place of its hash": {
		object: gen.ScimApp("wiki", readToken("wiki", strings.Repeat("Z", 64))),
		field:  "spec.endpoint.managed.readTokens[].sha256", says: "take the hash, not the token",
	},
	"a read token with the name of Entra's": {
		object: gen.ScimApp("wiki", readToken("previous-1", strings.Repeat("a", 64))),
		field:  "spec.endpoint.managed.readTokens[].name", says: "neither current nor begin with previous-",
	},
	"two apps with one read token": {
		object: gen.ScimApp("wiki", managed(v1alpha1.ManagedEndpoint{ReadTokens: []v1alpha1.ReadToken{
			{Name: "wiki", SHA256: strings.Repeat("a", 64)}, {Name: "search", SHA256: strings.Repeat("a", 64)},
		}})),
		field: "spec.endpoint.managed.readTokens", says: "has one sha256 twice",
	},
	"accounts that are purged before their people can come back": {
		object: gen.ScimApp("wiki", retention(v1alpha1.Retention{Inactive: new(v1alpha1.Duration("30m"))})),
		field:  "spec.endpoint.managed.retention", says: "spec.endpoint.managed.retention.inactive must be at least 24h",
	},
	"records that are forgotten before the events that are made of them": {
		object: gen.ScimApp("wiki", managed(v1alpha1.ManagedEndpoint{
			Delivery: &v1alpha1.Delivery{Webhook: &v1alpha1.Webhook{
				URL: "http://wiki.docs.svc/hooks", SigningSecretRef: v1alpha1.LocalSecretKeyReference{Name: "hook", Key: "secret"},
			}},
			Retention: &v1alpha1.Retention{Audit: new(v1alpha1.Duration("24h")), Outbox: new(v1alpha1.Duration("168h"))},
		})),
		field: "spec.endpoint.managed", says: "retention.audit must not be shorter than retention.outbox",
	},
	"a retention of accounts without a unit": {
		object: gen.ScimApp("wiki", retention(v1alpha1.Retention{Inactive: new(v1alpha1.Duration("4320"))})),
		field:  "spec.endpoint.managed.retention.inactive", says: notMatched,
	},
	"a retention of events in days": {
		object: gen.ScimApp("wiki", retention(v1alpha1.Retention{Outbox: new(v1alpha1.Duration("7d"))})),
		field:  "spec.endpoint.managed.retention.outbox", says: notMatched,
	},
	"a retention of dead letters in days": {
		object: gen.ScimApp("wiki", retention(v1alpha1.Retention{DeadLetters: new(v1alpha1.Duration("30d"))})),
		field:  "spec.endpoint.managed.retention.deadLetters", says: notMatched,
	},
	"a retention of changes in years": {
		object: gen.ScimApp("wiki", retention(v1alpha1.Retention{Audit: new(v1alpha1.Duration("1y"))})),
		field:  "spec.endpoint.managed.retention.audit", says: notMatched,
	},
	"a flag of the endpoint in the environment": {
		object: gen.ScimApp("wiki", managed(v1alpha1.ManagedEndpoint{PodTemplate: &v1alpha1.PodTemplate{Env: []corev1.EnvVar{{Name: "SCIM_ENDPOINT_STORE", Value: "sqlite:///tmp/x.db"}}}})),
		field:  "spec.endpoint.managed.podTemplate.env", says: "may not name a variable that begins with SCIM_ENDPOINT_",
	},
	"external in place of the managed endpoint that was meant by none": {
		before: gen.ScimApp("kind", ownSecret), object: gen.ScimApp("kind", ownSecret, external("https://wiki.example.com/scim/v2")),
		field: "spec.endpoint", says: "spec.endpoint cannot change between managed and external",
	},
	"managed in place of external": {
		before: gen.ScimApp("kind", ownSecret, external("https://wiki.example.com/scim/v2")), object: gen.ScimApp("kind", ownSecret, sqlite(v1alpha1.SQLiteStorage{})),
		field: "spec.endpoint", says: "spec.endpoint cannot change between managed and external",
	},
	"a claim of no size": {
		object: gen.ScimApp("wiki", sqlite(v1alpha1.SQLiteStorage{Size: size("0")})),
		field:  "spec.endpoint.managed.storage.sqlite", says: "must be more than 0",
	},
	"a smaller claim": {
		before: gen.ScimApp("shrunk", sqlite(v1alpha1.SQLiteStorage{Size: size("5Gi")})), object: gen.ScimApp("shrunk", sqlite(v1alpha1.SQLiteStorage{Size: size("4Gi")})),
		field: "spec.endpoint.managed.storage.sqlite.size", says: "spec.endpoint.managed.storage.sqlite.size can only grow",
	},
	"a claim that falls back to the smaller default": {
		before: gen.ScimApp("shrunk", sqlite(v1alpha1.SQLiteStorage{Size: size("5Gi")})), object: gen.ScimApp("shrunk"),
		field: "spec.endpoint.managed.storage.sqlite.size", says: "can only grow, and is 1Gi where it is left out",
	},
	"a claim below the default that it had": {
		before: gen.ScimApp("shrunk"), object: gen.ScimApp("shrunk", sqlite(v1alpha1.SQLiteStorage{Size: size("512Mi")})),
		field: "spec.endpoint.managed.storage.sqlite.size", says: "spec.endpoint.managed.storage.sqlite.size can only grow",
	},
	"another storage class": {
		before: gen.ScimApp("class", sqlite(v1alpha1.SQLiteStorage{StorageClassName: "fast"})), object: gen.ScimApp("class", sqlite(v1alpha1.SQLiteStorage{StorageClassName: "slow"})),
		field: "spec.endpoint.managed.storage.sqlite.storageClassName", says: "storageClassName is immutable",
	},
	"a storage class where there was the default": {
		before: gen.ScimApp("class"), object: gen.ScimApp("class", sqlite(v1alpha1.SQLiteStorage{StorageClassName: "slow"})),
		field: "spec.endpoint.managed.storage.sqlite.storageClassName", says: "storageClassName is immutable",
	},
	"roles while everybody is provisioned": {
		object: gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
			app.Spec.Roles = v1alpha1.RolesAssertive
			app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{Scope: v1alpha1.ScopeAll}
		}),
		field: "spec.roles", says: "spec.roles must be None with spec.provisioning.scope All",
	},
	"a role that is not declared": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a", User: &v1alpha1.UserReference{ObjectID: spID}, AppRole: "editor"})),
		field:  "spec.assignments", says: "every spec.assignments[].appRole must be declared",
	},
	"a role's value with a space": {
		object: gen.ScimApp("wiki", application(v1alpha1.ApplicationSpec{AppRoles: []v1alpha1.AppRole{{Value: "wiki editor", DisplayName: "Editor"}}})),
		field:  "spec.application.appRoles[].value", says: notMatched,
	},
	"an owner that is no GUID": {
		object: gen.ScimApp("wiki", application(v1alpha1.ApplicationSpec{Owners: []v1alpha1.ObjectID{noGUID}})),
		field:  "spec.application.owners[]", says: notMatched,
	},
	"an assignment of nobody": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a"})),
		field:  "spec.assignments[]", says: "set exactly one of group and user",
	},
	"an assignment of a group and a user": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a", Group: &v1alpha1.GroupReference{ObjectID: spID}, User: &v1alpha1.UserReference{ObjectID: spID}})),
		field:  "spec.assignments[]", says: "set exactly one of group and user",
	},
	"an assignment whose name is no label": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "Wiki Editors", Group: &v1alpha1.GroupReference{ObjectID: spID}})),
		field:  "spec.assignments[].name", says: notMatched,
	},
	"a group without ID and name": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a", Group: &v1alpha1.GroupReference{}})),
		field:  "spec.assignments[].group", says: "set objectID, or displayName",
	},
	"a group's ID that is no GUID": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a", Group: &v1alpha1.GroupReference{ObjectID: noGUID}})),
		field:  "spec.assignments[].group.objectID", says: notMatched,
	},
	"a user without ID and name": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a", User: &v1alpha1.UserReference{}})),
		field:  "spec.assignments[].user", says: "set objectID or userPrincipalName",
	},
	"a user's ID that is no GUID": {
		object: gen.ScimApp("wiki", assignment(v1alpha1.Assignment{Name: "a", User: &v1alpha1.UserReference{ObjectID: noGUID}})),
		field:  "spec.assignments[].user.objectID", says: notMatched,
	},
	"two addresses for notifications": {
		object: gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) {
			app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{NotificationEmail: "a@contoso.com;b@contoso.com"}
		}),
		field: "spec.provisioning.notificationEmail", says: notMatched,
	},
	"a word that is none of an enum": {
		object: gen.ScimApp("wiki", func(app *v1alpha1.ScimApp) { app.Spec.DeletionPolicy = "Orphan" }),
		field:  "spec.deletionPolicy", says: `supported values: "Retain", "Delete"`,
	},
	"a drift policy of another name": {
		object: gen.ScimApp("drift", func(a *v1alpha1.ScimApp) { a.Spec.DriftPolicy = "Ignore" }),
		field:  "spec.driftPolicy", says: `supported values: "Correct", "Report"`,
	},
}

func interval(d v1alpha1.Duration) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { app.Spec.Interval = &d }
}

func ownSecret(app *v1alpha1.ScimApp) {
	app.Spec.Authentication = &v1alpha1.AuthenticationSpec{ExistingSecretRef: &v1alpha1.LocalSecretKeyReference{Name: "token", Key: "token"}}
}

func exposed(url string) func(*v1alpha1.ScimApp) {
	return gen.WithEndpoint(v1alpha1.EndpointSpec{Exposure: &v1alpha1.Exposure{URL: url}})
}

func external(url string) func(*v1alpha1.ScimApp) {
	return gen.WithEndpoint(v1alpha1.EndpointSpec{External: &v1alpha1.ExternalEndpoint{URL: url}})
}

func managed(m v1alpha1.ManagedEndpoint) func(*v1alpha1.ScimApp) {
	return gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &m})
}

func postgres(storage v1alpha1.PostgresStorage) func(*v1alpha1.ScimApp) {
	return managed(v1alpha1.ManagedEndpoint{Storage: &v1alpha1.Storage{Postgres: &storage}})
}

func connection(secret string) v1alpha1.PostgresStorage {
	return v1alpha1.PostgresStorage{ConnectionSecretRef: v1alpha1.ConnectionSecretReference{Name: secret}}
}

func webhook(url string) func(*v1alpha1.ScimApp) {
	return managed(v1alpha1.ManagedEndpoint{Delivery: &v1alpha1.Delivery{Webhook: &v1alpha1.Webhook{
		URL: url, SigningSecretRef: v1alpha1.LocalSecretKeyReference{Name: "hook", Key: "secret"},
	}}})
}

func retention(r v1alpha1.Retention) func(*v1alpha1.ScimApp) {
	return managed(v1alpha1.ManagedEndpoint{Retention: &r})
}

func sqlite(storage v1alpha1.SQLiteStorage) func(*v1alpha1.ScimApp) {
	return gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{Storage: &v1alpha1.Storage{SQLite: &storage}}})
}

func application(spec v1alpha1.ApplicationSpec) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { app.Spec.Application = &spec }
}

func assignment(a v1alpha1.Assignment) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { app.Spec.Assignments = append(app.Spec.Assignments, a) }
}

func size(text string) *resource.Quantity { return new(resource.MustParse(text)) }

func podLabels(key string) *v1alpha1.ScimApp {
	return gen.ScimApp("wiki", gen.WithEndpoint(v1alpha1.EndpointSpec{Managed: &v1alpha1.ManagedEndpoint{
		PodTemplate: &v1alpha1.PodTemplate{Labels: map[string]string{"team": "docs", key: "x"}},
	}}))
}

func readToken(name, hash string) func(*v1alpha1.ScimApp) {
	return managed(v1alpha1.ManagedEndpoint{ReadTokens: []v1alpha1.ReadToken{{Name: name, SHA256: hash}}})
}

// adopting takes up an application that exists.
func adopting(id v1alpha1.ObjectID) func(*v1alpha1.ScimApp) {
	return func(a *v1alpha1.ScimApp) {
		a.Spec.Application = &v1alpha1.ApplicationSpec{CreationPolicy: v1alpha1.CreationAdoptOnly, ServicePrincipalID: id}
	}
}

func withMappings(references ...v1alpha1.AttributeMappingReference) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { app.Spec.AttributeMappings = references }
}
