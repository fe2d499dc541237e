package export

import (
	"encoding/json"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// Source is what Entra has, and how the manifests are to be named.
type Source struct {
	Name, Namespace, Tenant string
	ServicePrincipal        entra.ServicePrincipal
	Application             entra.Application
	Job                     entra.Job
	Secrets                 entra.Secrets
	Assignments             []entra.Assignment
	// Live is the job's schema, Template the default one of its template.
	Live, Template json.RawMessage
}

// Manifests are the objects, in the order in which they are to be written.
type Manifests struct {
	Mappings []v1alpha1.AttributeMapping
	App      v1alpha1.ScimApp
	Notes    []Note
}

// Note is something that a reader has to know.
type Note struct {
	// Object is the name of the object that it is about.
	Object string
	// Path is the field that it stands at; empty at the top of the object.
	Path    string
	Message string
	// Differs says that applying the manifests changes something in Entra because of it.
	Differs bool
}

// New makes the manifests.
func New(in Source) (Manifests, error) {
	b := builder{in: in}
	desired, findings, err := mapping.Import(in.Live, in.Template)
	if err != nil {
		return Manifests{}, fmt.Errorf("reading the mappings: %w", err)
	}
	b.mappings(desired)
	b.findings(findings)
	if err := b.app(desired); err != nil {
		return Manifests{}, err
	}
	b.preconditions()
	return b.out, nil
}

type builder struct {
	in  Source
	out Manifests
}

// note adds a note about the ScimApp.
func (b *builder) note(differs bool, path, format string, args ...any) {
	b.out.Notes = append(b.out.Notes, Note{Object: b.in.Name, Path: path, Message: fmt.Sprintf(format, args...), Differs: differs})
}

var suffixes = map[mapping.Object]string{mapping.User: "-users", mapping.Group: "-groups"}

func (b *builder) mappings(desired mapping.Desired) {
	for _, m := range desired.Mappings {
		object := v1alpha1.AttributeMapping{
			TypeMeta:   typeMeta("AttributeMapping"),
			ObjectMeta: metav1.ObjectMeta{Namespace: b.in.Namespace, Name: b.in.Name + suffixes[m.Object]},
			Spec:       manifest.Spec(m),
		}
		b.out.Mappings = append(b.out.Mappings, object)
		b.out.App.Spec.AttributeMappings = append(b.out.App.Spec.AttributeMappings, v1alpha1.AttributeMappingReference{Name: object.Name})
	}
}

// findings are what the mappings of the portal have and ours cannot say.
func (b *builder) findings(found mapping.Findings) {
	for _, f := range found {
		text := f.Message
		if f.Target != "" {
			text = "target " + f.Target + ": " + text
		}
		if f.Remedy != "" {
			text += "; " + f.Remedy
		}
		b.note(f.Severity == mapping.SeverityError, "", "%s", text)
	}
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: kind}
}

func (b *builder) app(desired mapping.Desired) error {
	app := &b.out.App
	app.TypeMeta = typeMeta("ScimApp")
	app.ObjectMeta = metav1.ObjectMeta{Namespace: b.in.Namespace, Name: b.in.Name}
	app.Spec.TenantRef.Name = b.in.Tenant
	app.Spec.Application = b.application()
	if err := b.settings(); err != nil {
		return err
	}
	b.roles(desired.Roles)
	b.assignments()
	return nil
}

// roles are written down where the operator would choose others.
func (b *builder) roles(live mapping.Roles) {
	app := &b.out.App
	if live == "" {
		live = mapping.RolesNone
	}
	if manifest.Roles(app) == live {
		return
	}
	app.Spec.Roles = v1alpha1.RoleMapping(live)
	if live != mapping.RolesNone && app.Spec.Provisioning.Scope == v1alpha1.ScopeAll {
		b.note(true, "spec.roles", "Entra maps app roles while everybody is provisioned, which works for nobody, and the API server refuses it: set scope: Assigned, or roles: None")
	}
}

func (b *builder) application() *v1alpha1.ApplicationSpec {
	sp := b.in.ServicePrincipal
	spec := &v1alpha1.ApplicationSpec{
		CreationPolicy: v1alpha1.CreationAdoptOnly, ServicePrincipalID: v1alpha1.ObjectID(sp.ID), DisplayName: b.in.Application.DisplayName,
		Notes: b.in.Application.Notes, ServiceManagementReference: b.in.Application.ServiceManagementReference,
	}
	if sp.DisplayName != b.in.Application.DisplayName {
		spec.DisplayName = ""
		b.note(false, "spec.application", "the enterprise application is named %q and its registration %q; without displayName both stay as they are", sp.DisplayName, b.in.Application.DisplayName)
	}
	for _, role := range b.in.Application.AppRoles {
		if !expressible(role) {
			continue
		}
		out := v1alpha1.AppRole{Value: role.Value, DisplayName: role.DisplayName}
		if role.Description != role.DisplayName {
			out.Description = role.Description
		}
		spec.AppRoles = append(spec.AppRoles, out)
	}
	return spec
}

// expressible says whether a role can be declared. The template's own have no value; they stay as they are.
func expressible(role entra.AppRole) bool {
	return role.Value != "" && role.IsEnabled && slices.Contains(role.AllowedMemberTypes, "User")
}
