package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/grant"
	"github.com/scim-operator/scim-operator/internal/mapping"
	mappingmanifest "github.com/scim-operator/scim-operator/internal/mapping/manifest"
	"github.com/scim-operator/scim-operator/internal/mark"
	"github.com/scim-operator/scim-operator/internal/provisioning"
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

// objects are manifests by kind, namespace and name: those of the files, else those of the cluster.
type objects struct {
	*plugin
	files []manifest.Object
	// clusterOnly says that there are no files.
	clusterOnly bool
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

// labelsOf are the labels that a namespace has once the files are applied. The error says that the cluster's are not known:
// others set labels there too.
func (o *planOptions) labelsOf(ctx context.Context, read objects, name string) (map[string]string, error) {
	var ns, ofFiles corev1.Namespace
	cluster := objects{plugin: o.plugin, clusterOnly: true}
	unknown := cluster.get(ctx, "Namespace", "", name, &ns)
	labels := map[string]string{corev1.LabelMetadataName: name}
	maps.Copy(labels, ns.Labels)
	if object, ok := read.inFiles("Namespace", "", name); ok {
		if err := decode(object, &ofFiles); err != nil {
			return labels, err
		}
		maps.Copy(labels, ofFiles.Labels)
		if _, absent := errors.AsType[notInCluster](unknown); absent {
			unknown = nil // applying the files makes it
		}
	}
	return labels, unknown
}

// cloud is that of the EntraTenant, for which the operator decides; flags may lead to a directory of another one.
func (a plannedApp) cloud() entra.Cloud {
	if a.tenant == nil {
		return a.connection.Cloud
	}
	return entra.Cloud(a.tenant.Spec.Cloud)
}

// usersOf is how many ScimApps of the cluster use a mapping; 0 where that is not known.
func (o *planOptions) usersOf(ctx context.Context, kind v1alpha1.MappingKind, namespace, name string) int32 {
	var m v1alpha1.MappingObject = &v1alpha1.AttributeMapping{}
	if kind == v1alpha1.KindClusterAttributeMapping {
		m = &v1alpha1.ClusterAttributeMapping{}
	}
	cluster := objects{plugin: o.plugin, clusterOnly: true}
	if err := cluster.get(ctx, string(kind), namespace, name, m); err != nil || m.MappingStatus().UsedBy == nil {
		return 0
	}
	return m.MappingStatus().UsedBy.Count
}

func (o objects) mapping(ctx context.Context, kind v1alpha1.MappingKind, namespace, name string) (v1alpha1.AttributeMappingSpec, error) {
	if kind == v1alpha1.KindClusterAttributeMapping {
		m := v1alpha1.ClusterAttributeMapping{}
		err := o.get(ctx, string(kind), namespace, name, &m)
		return m.Spec, err
	}
	m := v1alpha1.AttributeMapping{}
	err := o.get(ctx, string(kind), namespace, name, &m)
	return m.Spec, err
}

// inFiles finds an object in the files.
func (o objects) inFiles(kind, namespace, name string) (manifest.Object, bool) {
	for _, object := range o.files {
		if object.GetKind() == kind && object.GetName() == name && (object.GetNamespace() == namespace || object.GetNamespace() == "") {
			return object, true
		}
	}
	return manifest.Object{}, false
}

// get finds an object in the files, else in the cluster.
func (o objects) get(ctx context.Context, kind, namespace, name string, into client.Object) error {
	if object, ok := o.inFiles(kind, namespace, name); ok {
		return decode(object, into)
	}
	what := kind + " " + name
	if namespace != "" {
		what += " in namespace " + namespace
	}
	c, err := o.cluster()
	if err != nil {
		if o.clusterOnly {
			return fmt.Errorf("the cluster cannot be asked for %s: %w", what, err)
		}
		return fmt.Errorf("the files have no %s, and the cluster cannot be asked: %w", what, err)
	}
	err = c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, into)
	switch {
	case apierrors.IsNotFound(err) && o.clusterOnly:
		return notInCluster{what}
	case apierrors.IsNotFound(err):
		return fmt.Errorf("neither the files nor the cluster have %s; add its file with -f, or correct the name", what)
	case err != nil:
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}

// notInCluster is for an object that the cluster says it does not have.
type notInCluster struct{ what string }

// Error implements error.
func (e notInCluster) Error() string {
	return "the cluster has no " + e.what + "; correct the name or the namespace"
}

func decode(object manifest.Object, into client.Object) error {
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, into); err != nil {
		at := object.At("")
		return fmt.Errorf("%s:%d: %s %s does not fit its type (%w); kubectl scim lint shows where", at.File, at.Line, object.GetKind(), object.GetName(), err)
	}
	return nil
}

// find gives the object ID of a ScimApp's enterprise application; empty where the operator has not made one yet.
func (o *planOptions) find(ctx context.Context, d entra.Directory, app plannedApp) (string, error) {
	if o.servicePrincipal != "" {
		return o.servicePrincipal, nil
	}
	if spec := app.app.Spec.Application; spec != nil && spec.ServicePrincipalID != "" {
		return string(spec.ServicePrincipalID), nil
	}
	if st := app.app.Status.Application; st != nil && st.ServicePrincipalID != "" {
		return st.ServicePrincipalID, nil
	}
	if provisioning.Adopts(&app.app) {
		return "", fmt.Errorf("ScimApp %s: spec.application.servicePrincipalID is required with creationPolicy AdoptOnly", app.name())
	}
	if app.tenant == nil {
		return "", fmt.Errorf("ScimApp %s does not say which application is its own, and no EntraTenant was read that would tell its mark; name it with --service-principal", app.name())
	}
	tag := mark.Of(app.tenant.Spec.Instance, app.app.Namespace, app.app.Name)
	marked, err := d.ApplicationsByTag(ctx, tag)
	if err == nil && len(marked) == 0 { // a deleted ScimApp of this name may have left one
		marked, err = d.ApplicationsByTag(ctx, mark.Kept(app.tenant.Spec.Instance, app.app.Namespace, app.app.Name))
	}
	if err != nil {
		return "", err
	}
	switch len(marked) {
	case 0:
		return "", nil
	case 1:
	default:
		return "", fmt.Errorf("%d applications of the directory carry the mark %q of ScimApp %s; name the right one with --service-principal", len(marked), tag, app.name())
	}
	principal, err := d.ServicePrincipalByAppID(ctx, marked[0].AppID)
	return principal.ID, err
}
