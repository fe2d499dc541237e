package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mapping/defaults"
	"github.com/scim-operator/scim-operator/internal/mapping/evaluate"
	mappingmanifest "github.com/scim-operator/scim-operator/internal/mapping/manifest"
	"github.com/scim-operator/scim-operator/internal/tenant"
)

const (
	noteDefaults = "Entra was not asked: what the manifests leave to its default mapping is taken from Microsoft's documents, and the job's own may differ"
	noteAssigned = "whether the person is assigned to the app is not known; it is taken for assigned"
)

// liveApp is an application in Entra.
type liveApp struct {
	directory        entra.Directory
	servicePrincipal string
	live, template   json.RawMessage
}

// mapping finds the mapping that the person is evaluated under.
func (o *evalOptions) mapping(ctx context.Context, name string) (evaluated, error) {
	var out evaluated
	d, app, err := o.declared()
	if err != nil {
		return out, err
	}
	live, template := json.RawMessage(defaults.Schema()), json.RawMessage(defaults.Schema())
	out.notes = []string{noteDefaults, noteAssigned}
	if name != "" {
		resource, err := o.app(ctx, name)
		if err != nil {
			return out, err
		}
		if app == nil {
			app = resource
		}
		if out.app, err = o.live(ctx, resource); err != nil {
			return out, err
		}
		live, template, out.notes = out.app.live, out.app.template, nil
		out.origin = "the job of ScimApp " + name + " as it is in Entra"
	}
	schema := live
	if len(d.Mappings) > 0 {
		if app != nil {
			d = mappingmanifest.Desired(app, d.Mappings)
		}
		plan, err := mapping.NewPlan(live, template, d)
		if err != nil {
			return out, fmt.Errorf("the mappings cannot be applied: %w", err)
		}
		if plan.Schema != nil {
			schema = plan.Schema
		}
		out.origin = origin(d)
	}
	object, err := o.chosenObject(d.Mappings)
	if err != nil {
		return out, err
	}
	out.prepared, err = evaluate.FromSchema(schema, object)
	return out, err
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
	objects, problems, err := manifest.Read(o.In, o.files, o.recursive)
	if err != nil {
		return d, nil, err
	}
	if len(problems) > 0 {
		return d, nil, fmt.Errorf("%s:%d: %s", problems[0].File, problems[0].Line, problems[0].Message)
	}
	var app *v1alpha1.ScimApp
	for _, object := range objects {
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
		return d, nil, fmt.Errorf("the files have no AttributeMapping; name others with -f")
	}
	return d, app, nil
}

func decode(object manifest.Object, into any) error {
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, into); err != nil {
		return fmt.Errorf("%s %s: %w; check it with kubectl scim lint", object.GetKind(), object.GetName(), err)
	}
	return nil
}

// app reads a ScimApp of the cluster.
func (o *evalOptions) app(ctx context.Context, name string) (*v1alpha1.ScimApp, error) {
	namespace, err := o.namespace()
	if err != nil {
		return nil, err
	}
	c, err := o.cluster()
	if err != nil {
		return nil, err
	}
	app := &v1alpha1.ScimApp{}
	err = c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, app)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("namespace %s has no ScimApp %q; correct the name, or the namespace with -n", namespace, name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading ScimApp %s: %w", name, err)
	}
	return app, nil
}

// live reads what the app's job has in Entra, as the caller.
func (o *evalOptions) live(ctx context.Context, app *v1alpha1.ScimApp) (*liveApp, error) {
	if app.Status.Application == nil || app.Status.Application.ServicePrincipalID == "" || app.Status.Job == nil || app.Status.Job.ID == "" {
		return nil, fmt.Errorf("ScimApp %s has no provisioning job in Entra yet; leave its name out to evaluate the manifests alone", app.Name)
	}
	t, err := o.tenant(ctx, app.Spec.TenantRef.Name)
	if err != nil {
		return nil, err
	}
	d, err := o.connect(ctx, tenant.Directory(t.Spec))
	if err != nil {
		return nil, err
	}
	out := &liveApp{directory: d, servicePrincipal: app.Status.Application.ServicePrincipalID}
	ref := entra.JobRef{ServicePrincipalID: out.servicePrincipal, JobID: app.Status.Job.ID}
	job, err := d.Job(ctx, ref)
	if err != nil {
		return nil, err
	}
	if out.live, err = d.Schema(ctx, ref); err != nil {
		return nil, err
	}
	out.template, err = d.TemplateSchema(ctx, out.servicePrincipal, job.TemplateID)
	return out, err
}
