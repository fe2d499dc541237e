package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// AnnotationApplied holds a digest of what was last applied. Comparing field by field finds what somebody changed;
// only the digest finds what we ourselves no longer want.
const AnnotationApplied = "scim-operator.io/applied"

// reasonForeignObject is for an object that stands where ours should.
const reasonForeignObject = "ObjectNotOurs"

// reasonRefused is for an object that the API server does not accept.
const reasonRefused = "ObjectRefused"

// Applier applies objects.
type Applier struct {
	// Client reads from the cache, which holds only objects with our label, and writes.
	Client client.Client
	// Live reads past the cache, so that an object without our label is seen before it is overwritten.
	Live client.Reader
}

// Apply makes the cluster's object equal to the desired one, which must have its GVK set, and tells whether it wrote.
// An object of that name that does not carry the desired owner label is left alone: the error is terminal.
func (a Applier) Apply(ctx context.Context, desired client.Object) (bool, error) {
	want, err := toApply(desired)
	if err != nil {
		return false, fmt.Errorf("preparing %s: %w", describe(desired), err)
	}
	have, err := a.current(ctx, want)
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", describe(desired), err)
	}
	if have != nil {
		if !sameApp(have, want) {
			return false, fault.NewTerminal(reasonForeignObject, fmt.Errorf(
				"%s exists and was not made by the operator for this ScimApp; rename or delete it, or rename the ScimApp", describe(desired)))
		}
		keepGrown(want, have)
		if equal(want, have) {
			return false, nil
		}
	}
	err = a.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(want), client.FieldOwner(v1alpha1.FieldManager), client.ForceOwnership)
	if err != nil {
		return false, classify(fmt.Errorf("%s: %w", describe(desired), err))
	}
	return true, nil
}

// Delete removes the object of that kind and name, if it is there and was made for the same ScimApp. It looks in the
// cache alone: what lacks our label is not ours to delete.
func (a Applier) Delete(ctx context.Context, obsolete client.Object) error {
	have, err := newLike(a.Client.Scheme(), obsolete)
	if err != nil {
		return fmt.Errorf("preparing %s: %w", describe(obsolete), err)
	}
	err = a.Client.Get(ctx, client.ObjectKeyFromObject(obsolete), have)
	if apierrors.IsNotFound(err) || err == nil && !sameApp(have, obsolete) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", describe(obsolete), err)
	}
	uid := have.GetUID()
	err = a.Client.Delete(ctx, have, client.Preconditions{UID: &uid}, client.PropagationPolicy(metav1.DeletePropagationBackground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting %s: %w", describe(obsolete), err)
	}
	return nil
}

// classify calls a person where the API server will refuse the same object again: what it holds cannot be, or the
// namespace does not allow it, such as by a quota.
func classify(err error) error {
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) {
		return fault.NewTerminal(reasonRefused, fmt.Errorf("the API server refuses %w; correct the field of spec.endpoint.managed that it stems from, or what the namespace allows", err))
	}
	return fmt.Errorf("applying %w", err)
}

// current gives the object as it is, or nil. What the cache does not have is looked up live: it may lack our label.
func (a Applier) current(ctx context.Context, want *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	typed, err := newLike(a.Client.Scheme(), want)
	if err != nil {
		return nil, err
	}
	key := client.ObjectKeyFromObject(want)
	err = a.Client.Get(ctx, key, typed)
	if apierrors.IsNotFound(err) {
		err = a.Live.Get(ctx, key, typed)
	}
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // absence is an answer here, not a fault
	}
	if err != nil {
		return nil, err
	}
	// A live read leaves the kind out, a cached one does not.
	typed.GetObjectKind().SetGroupVersionKind(want.GroupVersionKind())
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return nil, fmt.Errorf("converting: %w", err)
	}
	return &unstructured.Unstructured{Object: content}, nil
}

func newLike(scheme *runtime.Scheme, want client.Object) (client.Object, error) {
	obj, err := scheme.New(want.GetObjectKind().GroupVersionKind())
	if err != nil {
		return nil, fmt.Errorf("looking up the type: %w", err)
	}
	typed, ok := obj.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no object", want.GetObjectKind().GroupVersionKind())
	}
	return typed, nil
}

// toApply drops what an apply must not claim and adds the digest.
func toApply(desired client.Object) (*unstructured.Unstructured, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(desired)
	if err != nil {
		return nil, fmt.Errorf("converting: %w", err)
	}
	delete(content, "status")
	unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(content, "spec", "template", "metadata", "creationTimestamp")
	body, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	sum := sha256.Sum256(body)
	out := &unstructured.Unstructured{Object: content}
	annotations := out.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[AnnotationApplied] = hex.EncodeToString(sum[:])[:16]
	out.SetAnnotations(annotations)
	return out, nil
}

func sameApp(have, want client.Object) bool {
	return have.GetLabels()[v1alpha1.LabelApp] == want.GetLabels()[v1alpha1.LabelApp]
}

func describe(obj client.Object) string {
	return fmt.Sprintf("%s %s/%s", obj.GetObjectKind().GroupVersionKind().Kind, obj.GetNamespace(), obj.GetName())
}

// OwnedBy sets the controller reference, so that the garbage collector removes obj with its owner.
func OwnedBy(obj client.Object, owner *v1alpha1.ScimApp) {
	obj.SetOwnerReferences([]metav1.OwnerReference{*metav1.NewControllerRef(owner, v1alpha1.GroupVersion.WithKind("ScimApp"))})
}
