package cli

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/cli/manifest"
)

// objects are manifests by kind, namespace and name: those of the files, else those of the cluster.
type objects struct {
	*plugin
	files []manifest.Object
	// clusterOnly says that there are no files.
	clusterOnly bool
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
