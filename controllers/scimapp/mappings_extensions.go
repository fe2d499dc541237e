package scimapp

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// extensionRecheck is how soon after the schema the endpoint's configuration follows.
const extensionRecheck = 5 * time.Second

// readExtensions sets which extension attributes the endpoint has to serve: what is declared, and what it serves already
// until Entra's schema does not map it any more. So it learns an attribute before Entra sends it, and forgets one after
// Entra has stopped to, whatever became of the mapping that once declared it.
func (r *Reconciler) readExtensions(ctx context.Context, s *scope) error {
	wanted := mapping.Extensions(s.desired)
	served, err := r.servedExtensions(ctx, s)
	if err != nil {
		return err
	}
	s.extensions = mapping.MergeExtensions(wanted, served)
	if equality.Semantic.DeepEqual(s.extensions, wanted) {
		return nil
	}
	if s.anyDeclaredAnew() {
		s.extensionsKept = true
		return nil
	}
	if s.directory == nil || s.app.Status.Job.ID == "" {
		return nil
	}
	// While Entra does not say what it maps nothing is forgotten; the phase of the mappings tells why.
	if live, err := s.directory.Schema(ctx, s.jobRef()); err == nil {
		s.extensions = mapping.MergeExtensions(wanted, mapping.ExtensionsInUse(live))
	}
	return nil
}

// servedExtensions are those of the endpoint's configuration as it is now.
func (r *Reconciler) servedExtensions(ctx context.Context, s *scope) ([]desired.Extension, error) {
	cm := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: s.app.Namespace, Name: desired.ConfigName(s.app.Name)}
	if err := r.Live.Get(ctx, key, cm); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil, nil
		}
		return nil, fmt.Errorf("reading the endpoint's configuration in ConfigMap %s: %w", key, err)
	}
	return desired.ParseExtensions(cm.Data[desired.ConfigKey])
}
