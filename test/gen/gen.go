package gen

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// What the objects have in common.
const (
	// Namespace of the ScimApps and AttributeMappings.
	Namespace = "docs"
	// Tenant is the EntraTenant that ScimApps name.
	Tenant = "contoso"
	// TenantID and ClientID of EntraTenants.
	TenantID v1alpha1.ObjectID = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
	ClientID v1alpha1.ObjectID = "3c1f8a52-9a6b-4d0e-8f0a-5b1d2c3e4f50"
	// SecretName and SecretKey of the client secret.
	SecretName = "contoso-credentials"
	SecretKey  = "clientSecret"
)

// ScimApp is the smallest valid ScimApp, changed by the given functions in turn.
func ScimApp(name string, changes ...func(*v1alpha1.ScimApp)) *v1alpha1.ScimApp {
	app := &v1alpha1.ScimApp{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "ScimApp"},
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name},
		Spec:       v1alpha1.ScimAppSpec{TenantRef: v1alpha1.TenantReference{Name: Tenant}},
	}
	for _, change := range changes {
		change(app)
	}
	return app
}

// WithTenant makes the ScimApp name another EntraTenant.
func WithTenant(name string) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { app.Spec.TenantRef.Name = name }
}

// WithMappings makes the ScimApp name these AttributeMappings.
func WithMappings(names ...string) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) {
		app.Spec.AttributeMappings = nil
		for _, name := range names {
			app.Spec.AttributeMappings = append(app.Spec.AttributeMappings, v1alpha1.AttributeMappingReference{Name: name})
		}
	}
}

// WithEndpoint sets the ScimApp's endpoint.
func WithEndpoint(endpoint v1alpha1.EndpointSpec) func(*v1alpha1.ScimApp) {
	return func(app *v1alpha1.ScimApp) { app.Spec.Endpoint = &endpoint }
}

// EntraTenant is the smallest valid EntraTenant, with a client secret, changed by the given functions in turn.
func EntraTenant(name string, changes ...func(*v1alpha1.EntraTenant)) *v1alpha1.EntraTenant {
	tenant := &v1alpha1.EntraTenant{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "EntraTenant"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.EntraTenantSpec{
			TenantID: TenantID,
			Instance: "test",
			Credentials: v1alpha1.Credentials{ClientSecret: &v1alpha1.ClientSecret{
				ClientID:  ClientID,
				SecretRef: v1alpha1.LocalSecretKeyReference{Name: SecretName, Key: SecretKey},
			}},
		},
	}
	for _, change := range changes {
		change(tenant)
	}
	return tenant
}

// WithGrant adds a grant for Namespace, changed by the given functions in turn.
func WithGrant(name string, changes ...func(*v1alpha1.Grant)) func(*v1alpha1.EntraTenant) {
	grant := v1alpha1.Grant{Name: name, Namespaces: v1alpha1.NamespaceSelection{Names: []string{Namespace}}}
	for _, change := range changes {
		change(&grant)
	}
	return func(tenant *v1alpha1.EntraTenant) { tenant.Spec.Grants = append(tenant.Spec.Grants, grant) }
}

// WithCustomCloud makes the EntraTenant one of another server than Microsoft's, with both roots at the URL.
func WithCustomCloud(url, caBundle string) func(*v1alpha1.EntraTenant) {
	return func(tenant *v1alpha1.EntraTenant) {
		tenant.Spec.Cloud = v1alpha1.CloudCustom
		tenant.Spec.Custom = &v1alpha1.CustomCloud{GraphURL: url, AuthorityURL: url, CABundle: caBundle}
	}
}

// AttributeMapping is a small valid AttributeMapping of users, changed by the given functions in turn.
func AttributeMapping(name string, changes ...func(*v1alpha1.AttributeMapping)) *v1alpha1.AttributeMapping {
	first := int32(1)
	mapping := &v1alpha1.AttributeMapping{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "AttributeMapping"},
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name},
		Spec: v1alpha1.AttributeMappingSpec{
			Object: v1alpha1.ObjectUser,
			Attributes: []v1alpha1.MappedAttribute{
				{Target: "userName", Source: "userPrincipalName", MatchPrecedence: &first},
				{Target: "externalId", Source: "objectId"},
			},
		},
	}
	for _, change := range changes {
		change(mapping)
	}
	return mapping
}

// WithAttribute adds an attribute to the AttributeMapping.
func WithAttribute(attribute v1alpha1.MappedAttribute) func(*v1alpha1.AttributeMapping) {
	return func(mapping *v1alpha1.AttributeMapping) {
		mapping.Spec.Attributes = append(mapping.Spec.Attributes, attribute)
	}
}
