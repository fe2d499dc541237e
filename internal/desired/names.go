package desired

import (
	"fmt"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// Ports and paths of a managed endpoint's container.
const (
	SCIMPort       = 8080
	ManagementPort = 8081
	BasePath       = "/scim/v2"

	portNameSCIM       = "scim"
	portNameManagement = "management"
)

// Keys inside the objects that the operator makes.
const (
	// HashesKey is the ConfigMap key of the token hash file.
	HashesKey = "hashes"
	// ConfigKey is the ConfigMap key of the endpoint's configuration.
	ConfigKey = "config.yaml"
	// TokenKey is the Secret key of the token that the operator minted.
	TokenKey = "current"
	// IssuedAtKey is the Secret key of the time at which it was minted, RFC 3339.
	IssuedAtKey = "issuedAt"
)

// Name is the name of the app's workload and Service. The suffix keeps clear of the app's own objects, which are
// likely to bear the app's name.
func Name(app string) string { return app + "-scim" }

// TokensName is the ConfigMap with the accepted token hashes.
func TokensName(app string) string { return Name(app) + "-tokens" }

// ConfigName is the ConfigMap with the endpoint's configuration.
func ConfigName(app string) string { return Name(app) + "-config" }

// ClaimName is the PersistentVolumeClaim of the one SQLite replica.
func ClaimName(app string) string { return "data-" + Name(app) + "-0" }

// TokenSecretName is the Secret of the operator's namespace that holds the raw token. A namespace has no dot in its
// name, so two apps never share a Secret.
func TokenSecretName(namespace, app string) string {
	return fmt.Sprintf("scim-token.%s.%s", namespace, app)
}

// InternalURL is the SCIM base inside the cluster.
func InternalURL(namespace, app string) string {
	return fmt.Sprintf("http://%s.%s.svc:%d%s", Name(app), namespace, SCIMPort, BasePath)
}

// Labels are on every object made for the app.
func Labels(app *v1alpha1.ScimApp) map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":      "scim-endpoint",
		"app.kubernetes.io/instance":  app.Name,
		v1alpha1.LabelManagedBy:       v1alpha1.FieldManager,
		v1alpha1.LabelApp:             app.Name,
		v1alpha1.LabelAppNamespace:    app.Namespace,
		"app.kubernetes.io/component": "scim-endpoint",
		"app.kubernetes.io/part-of":   "scim-operator",
	}
}

// selector picks the app's pods. It is immutable in a StatefulSet, so it holds nothing that could ever change.
func selector(app *v1alpha1.ScimApp) map[string]string {
	return map[string]string{v1alpha1.LabelApp: app.Name}
}
