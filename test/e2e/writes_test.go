//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// writes records what the operator changes, by its entries in managedFields. A cluster of somebody else's has no audit
// log for us; a write that changes nothing is not seen here, but the lab, which tells the same story, has one.
type writes struct {
	mu   sync.Mutex
	list []string
}

// watchWrites watches every kind that the operator may write.
func (c *cluster) watchWrites(ctx context.Context) *writes {
	c.t.Helper()
	w := &writes{}
	for resource, list := range map[string]client.ObjectList{
		"scimapps": &v1alpha1.ScimAppList{}, "attributemappings": &v1alpha1.AttributeMappingList{}, "entratenants": &v1alpha1.EntraTenantList{},
		"statefulsets": &appsv1.StatefulSetList{}, "services": &corev1.ServiceList{}, "configmaps": &corev1.ConfigMapList{},
		"persistentvolumeclaims": &corev1.PersistentVolumeClaimList{}, "networkpolicies": &networkingv1.NetworkPolicyList{}, "secrets": &corev1.SecretList{},
	} {
		stream, err := c.client.Watch(ctx, list)
		if err != nil {
			c.t.Fatalf("watching %s: %v", resource, err)
		}
		c.t.Cleanup(stream.Stop)
		go w.record(resource, stream.ResultChan())
	}
	return w
}

func (w *writes) record(resource string, events <-chan watch.Event) {
	known := map[string][]metav1.ManagedFieldsEntry{}
	for e := range events {
		obj, ok := e.Object.(metav1.Object)
		if !ok {
			continue
		}
		name := obj.GetNamespace() + "/" + obj.GetName()
		var ours []metav1.ManagedFieldsEntry
		for _, entry := range obj.GetManagedFields() {
			if strings.HasPrefix(entry.Manager, v1alpha1.FieldManager) {
				ours = append(ours, entry)
			}
		}
		if len(ours) > 0 && !reflect.DeepEqual(known[name], ours) {
			w.mu.Lock()
			w.list = append(w.list, fmt.Sprintf("write %s %s", resource, name))
			w.mu.Unlock()
		}
		known[name] = ours
	}
}

func (w *writes) all(context.Context) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.list...), nil
}
