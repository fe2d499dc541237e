package scimapp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/mapping"
)

// extensionRecheck is how soon after the schema the endpoint's configuration follows.
const extensionRecheck = 5 * time.Second

// readExtensions sets which extension attributes the endpoint has to serve: what is declared, and, until Entra's schema
// was written as it is declared, what it serves already. So it learns an attribute before Entra sends it, and forgets one
// after Entra has stopped to.
func (r *Reconciler) readExtensions(ctx context.Context, s *scope) error {
	s.extensions = mapping.Extensions(s.desired)
	revision, err := revisionOf(s.desired)
	if err != nil {
		return err
	}
	if st := s.app.Status.Mappings; st != nil && st.Revision == revision {
		return nil
	}
	cm := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: s.app.Namespace, Name: desired.ConfigName(s.app.Name)}
	if err := r.Live.Get(ctx, key, cm); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil
		}
		return fmt.Errorf("reading the endpoint's configuration in ConfigMap %s: %w", key, err)
	}
	served, err := desired.ParseExtensions(cm.Data[desired.ConfigKey])
	if err != nil {
		return err
	}
	s.extensions, s.extensionsKept = addServed(s.extensions, served)
	return nil
}

// addServed adds those extension attributes that are served and not wanted, and says whether there are any.
func addServed(wanted, served []desired.Extension) (all []desired.Extension, kept bool) {
	all = slices.Clone(wanted)
	for _, extension := range served {
		i := slices.IndexFunc(all, func(e desired.Extension) bool { return e.ID == extension.ID })
		if i < 0 {
			all, kept = append(all, extension), true
			continue
		}
		attributes := slices.Clone(all[i].Attributes)
		for _, a := range extension.Attributes {
			if !slices.ContainsFunc(attributes, func(w mapping.ExtensionAttribute) bool { return w.Name == a.Name }) {
				attributes, kept = append(attributes, a), true
			}
		}
		slices.SortFunc(attributes, func(a, b mapping.ExtensionAttribute) int { return cmp.Compare(a.Name, b.Name) })
		all[i].Attributes = attributes
	}
	slices.SortFunc(all, func(a, b desired.Extension) int { return cmp.Compare(a.ID, b.ID) })
	return all, kept
}
