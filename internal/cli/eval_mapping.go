package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
	mappingmanifest "github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

const (
	noteDefaults = "the job in Entra was not asked: what the manifests leave to its default mapping is taken from Microsoft's documents, and the job's own may differ"
	noteAssigned = "whether the person is assigned to the app is not known; it is taken for assigned"
)

// evaluated is the mapping that a person is evaluated under.
type evaluated struct {
	prepared *evaluate.ObjectMapping
	// origin says in words where it comes from, notes what a reader has to know besides.
	origin string
	notes  []string
	// app is the application in Entra; nil without one.
	app *liveApp
}

// liveApp is an application in Entra, and the way to ask about it.
type liveApp struct {
	provisioned
	directory entra.Directory
}

// mapping finds the mapping that the person is evaluated under.
func (o *evalOptions) mapping(ctx context.Context, name string) (evaluated, error) {
	d, app, err := o.declared()
	if err != nil {
		return evaluated{}, err
	}
	object, err := o.chosenObject(d.Mappings)
	if err != nil {
		return evaluated{}, err
	}
	if name == "" {
		return o.offline(d, app, object)
	}
	return o.online(ctx, name, d, app, object)
}

// offline starts from the documented default mapping.
func (o *evalOptions) offline(d mapping.Desired, app *v1alpha1.ScimApp, object mapping.Object) (evaluated, error) {
	out := evaluated{notes: []string{noteDefaults, noteAssigned}}
	d.Operators = mapping.DocumentedOperators()
	base := provisioned{live: defaults.Schema(), template: defaults.Schema()}
	return out, out.lay(d, app, base, object)
}

// online starts from what the app's job has in Entra.
func (o *evalOptions) online(ctx context.Context, name string, d mapping.Desired, app *v1alpha1.ScimApp, object mapping.Object) (evaluated, error) {
	out := evaluated{origin: "the job of ScimApp " + name + " as it is in Entra"}
	resource, found, err := o.live(ctx, name)
	if err != nil {
		return out, err
	}
	if app == nil {
		app = resource
	}
	if d.NeedsOperators() {
		if d.Operators, err = operators(ctx, found.directory, found.provisioned); err != nil {
			return out, err
		}
	}
	out.app = found
	return out, out.lay(d, app, found.provisioned, object)
}

// lay puts the declared mappings, if there are any, over what is there.
func (e *evaluated) lay(d mapping.Desired, app *v1alpha1.ScimApp, base provisioned, object mapping.Object) error {
	schema := base.live
	if len(d.Mappings) > 0 {
		if app != nil {
			declared := mappingmanifest.Desired(app, d.Mappings)
			declared.Operators = d.Operators
			d = declared
		}
		plan, err := mapping.NewPlan(base.live, base.template, d)
		if err != nil {
			return fmt.Errorf("the mappings cannot be applied: %w", err)
		}
		if plan.Schema != nil {
			schema = plan.Schema
		}
		e.origin = origin(d)
	}
	var err error
	e.prepared, err = evaluate.FromSchema(schema, object)
	return err
}

// origin names the manifests.
func origin(d mapping.Desired) string {
	var names []string
	for _, m := range d.Mappings {
		names = append(names, m.Ref.String())
	}
	if d.Roles != "" && d.Roles != mapping.RolesNone {
		names = append(names, fmt.Sprintf("roles: %s of the ScimApp", d.Roles))
	}
	return strings.Join(names, ", ")
}

// declared are the mappings of the files, and the ScimApp that is among them or nil.
func (o *evalOptions) declared() (mapping.Desired, *v1alpha1.ScimApp, error) {
	var d mapping.Desired
	if len(o.files) == 0 {
		return d, nil, nil
	}
	files, problems, err := manifest.Read(o.In, o.files, o.recursive)
	if err != nil {
		return d, nil, err
	}
	if len(problems) > 0 {
		p := problems[0]
		return d, nil, fmt.Errorf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	}
	var app *v1alpha1.ScimApp
	for _, object := range files {
		switch kind := object.GetKind(); kind {
		case string(v1alpha1.KindAttributeMapping), string(v1alpha1.KindClusterAttributeMapping):
			var m v1alpha1.AttributeMapping // the other kind has the same form
			if err := decode(object, &m); err != nil {
				return d, nil, err
			}
			d.Mappings = append(d.Mappings, mappingmanifest.Mapping(v1alpha1.MappingKind(kind), m.Name, m.Spec))
		case "ScimApp":
			if app != nil {
				return d, nil, fmt.Errorf("the files have the ScimApps %s and %s; name those of one app with -f", app.Name, object.GetName())
			}
			app = &v1alpha1.ScimApp{}
			if err := decode(object, app); err != nil {
				return d, nil, err
			}
		}
	}
	if len(d.Mappings) == 0 {
		return d, nil, errors.New("the files have no AttributeMapping; name others with -f")
	}
	if app != nil && len(app.Spec.AttributeMappings) > 0 {
		if d.Mappings = namedBy(app, d.Mappings); len(d.Mappings) == 0 {
			return d, nil, fmt.Errorf("spec.attributeMappings of ScimApp %s names no mapping of the files; correct the list, or name the file of the mapping without the ScimApp's with -f", app.Name)
		}
	}
	return d, app, nil
}

// namedBy are the mappings that the ScimApp names: a folder may hold those of others.
func namedBy(app *v1alpha1.ScimApp, all []mapping.Mapping) []mapping.Mapping {
	return slices.DeleteFunc(all, func(m mapping.Mapping) bool {
		return !slices.ContainsFunc(app.Spec.AttributeMappings, func(ref v1alpha1.AttributeMappingReference) bool {
			return m.Cluster && ref.ClusterName == m.Name || !m.Cluster && ref.Name == m.Name
		})
	})
}

// live reads a ScimApp of the cluster, and what its job has in Entra, as the caller.
func (o *evalOptions) live(ctx context.Context, name string) (*v1alpha1.ScimApp, *liveApp, error) {
	namespace, err := o.namespace()
	if err != nil {
		return nil, nil, err
	}
	read := objects{plugin: o.plugin, clusterOnly: true}
	app := &v1alpha1.ScimApp{}
	if err := read.get(ctx, "ScimApp", namespace, name, app); err != nil {
		return nil, nil, err
	}
	if app.Status.Application == nil || app.Status.Application.ServicePrincipalID == "" {
		return nil, nil, fmt.Errorf("ScimApp %s has no application in Entra yet; leave its name out to evaluate the manifests alone", name)
	}
	where := o.directoryFlags // they overrule the app's own
	if where.tenantID == "" && where.tenantName == "" {
		where.tenantName = app.Spec.TenantRef.Name
	}
	d, err := o.directory(ctx, &where)
	if err != nil {
		return nil, nil, err
	}
	found, err := readProvisioned(ctx, d, app.Status.Application.ServicePrincipalID)
	return app, &liveApp{found, d}, err
}
