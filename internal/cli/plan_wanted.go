package cli

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/mapping"
	mappingmanifest "github.com/scim-operator/scim-operator/internal/mapping/manifest"
)

// plannedApp is a ScimApp with all that its plan needs.
type plannedApp struct {
	app     v1alpha1.ScimApp
	desired mapping.Desired
	// connection leads to its directory, that of the EntraTenant; this is nil where none was read.
	connection entra.Connection
	tenant     *v1alpha1.EntraTenant
	// namespace is what the tenant's grants look at; namespaceUnknown says why its labels were not read, nil where they were
	// or no grant asks for labels.
	namespace        grant.Namespace
	namespaceUnknown error
	// shared are the mappings that other ScimApps use too.
	shared []sharedMapping
	// statusUnknown says why the cluster's status of the app was not read; nil where it was.
	statusUnknown error
}

func (a plannedApp) name() string { return a.app.Namespace + "/" + a.app.Name }

// cloud is that of the EntraTenant, for which the operator decides; flags may lead to a directory of another one.
func (a plannedApp) cloud() entra.Cloud {
	if a.tenant == nil {
		return a.connection.Cloud
	}
	return entra.Cloud(a.tenant.Spec.Cloud)
}

// wanted are the ScimApps to plan: the one that is named, or all of the files.
func (o *planOptions) wanted(ctx context.Context, args []string) ([]plannedApp, error) {
	read := objects{plugin: o.plugin, clusterOnly: len(args) == 1}
	namespace, err := o.namespace()
	if err != nil {
		return nil, err
	}
	if read.clusterOnly {
		app := v1alpha1.ScimApp{}
		if err := read.get(ctx, "ScimApp", namespace, args[0], &app); err != nil {
			return nil, err
		}
		planned, err := o.resolve(ctx, read, app)
		return []plannedApp{planned}, err
	}
	files, problems, err := manifest.Read(o.In, o.files, o.recursive)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		p := problems[0]
		return nil, fmt.Errorf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	}
	read.files = files
	var all []plannedApp
	for _, object := range files {
		if object.GetKind() != "ScimApp" {
			continue
		}
		app := v1alpha1.ScimApp{}
		if err := decode(object, &app); err != nil {
			return nil, err
		}
		if app.Namespace == "" {
			app.Namespace = namespace
		}
		unknown := o.recall(ctx, &app)
		planned, err := o.resolve(ctx, read, app)
		if err != nil {
			return nil, err
		}
		planned.statusUnknown = unknown
		all = append(all, planned)
	}
	if len(all) == 0 {
		return nil, errors.New("the files have no ScimApp, and a mapping alone changes nothing; add the file of the ScimApp with -f, or name one of the cluster")
	}
	return all, nil
}

// recall gives a ScimApp of the files the status that the cluster has of it, since the files do not know what the operator
// did, and the generation that it has when they are applied.
func (o *planOptions) recall(ctx context.Context, app *v1alpha1.ScimApp) error {
	known := v1alpha1.ScimApp{}
	cluster := objects{plugin: o.plugin, clusterOnly: true}
	if err := cluster.get(ctx, "ScimApp", app.Namespace, app.Name, &known); err != nil {
		return err
	}
	app.Status, app.Generation = known.Status, known.Generation
	if !equality.Semantic.DeepEqual(app.Spec, known.Spec) {
		app.Generation++
	}
	return nil
}

// resolve reads what the ScimApp names.
func (o *planOptions) resolve(ctx context.Context, read objects, app v1alpha1.ScimApp) (plannedApp, error) {
	planned := plannedApp{app: app}
	var mappings []mapping.Mapping
	var err error
	for _, ref := range app.Spec.AttributeMappings {
		kind, namespace, name := v1alpha1.KindAttributeMapping, app.Namespace, ref.Name
		if ref.ClusterName != "" {
			kind, namespace, name = v1alpha1.KindClusterAttributeMapping, "", ref.ClusterName
		}
		spec, err := read.mapping(ctx, kind, namespace, name)
		if err != nil {
			return planned, err
		}
		m := mappingmanifest.Mapping(kind, name, spec)
		mappings = append(mappings, m)
		if users := o.usersOf(ctx, kind, namespace, name); users > 1 {
			planned.shared = append(planned.shared, sharedMapping{m, users})
		}
	}
	planned.desired = mappingmanifest.Desired(&app, mappings)
	name := app.Spec.TenantRef.Name
	if o.tenantName != "" {
		name = o.tenantName
	}
	if planned.connection, planned.tenant, err = o.home(ctx, read, name); err != nil {
		return planned, err
	}
	planned.namespace = grant.Namespace{Name: app.Namespace}
	if planned.tenant != nil && grant.Selects(planned.tenant) {
		planned.namespace.Labels, planned.namespaceUnknown = o.labelsOf(ctx, read, app.Namespace)
	}
	return planned, nil
}
