package scimapp

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/mark"
	"github.com/scim-operator/scim-operator/internal/principals"
)

// scope is what one pass has read so far. Phases fill it for those that come after them.
type scope struct {
	app      *v1alpha1.ScimApp
	original *v1alpha1.ScimApp // as it was last saved

	tenant *v1alpha1.EntraTenant
	// granted is true when the tenant's grants cover all of the manifest that can be judged without asking Graph.
	granted   bool
	directory entra.Directory

	desired  mapping.Desired // what the mappings ask for
	mappings []declared      // where desired stems from
	// mappingsUnread is true when desired is not what the manifests say, because a mapping is missing or invalid.
	mappingsUnread bool
	endpointURL    string
	extensions     []desired.Extension // what the endpoint has to serve
	extensionsKept bool                // more than desired asks for is among them
	proven         bool                // Entra reaches the endpoint with the wanted address and token

	meanings   map[mapping.Object]string // what the mappings come to, as mapping.Meanings gives it
	held       []mapping.Object          // whose mappings wait for their waves
	left       []mapping.Object          // which stay in Entra as they are, whatever the manifest says
	unkept     []mapping.Object          // which Entra took and does not show
	drifted    []mapping.Change          // what would set back what somebody changed in Entra, and is not written
	newDefault []mapping.Change          // what a changed default would come to, and is not written

	token     string // the raw token; never leaves memory but to Graph
	tokenHash string

	application      entra.Application
	servicePrincipal entra.ServicePrincipal
	job              *entra.Job

	approval   *approval              // of the adoption, while it is not settled
	narrow     bool                   // everybody is in scope, and only the assigned are to be
	principals []principals.Principal // the assignments' subjects, resolved

	save   func(context.Context) error // what is intended, before it is done
	record func(context.Context) error // what was done, and must not be done again
}

func (s *scope) jobRef() entra.JobRef {
	return entra.JobRef{ServicePrincipalID: s.app.Status.Application.ServicePrincipalID, JobID: s.app.Status.Job.ID}
}

// marker is the tag that both halves of the application carry.
func (s *scope) marker() string {
	return mark.Of(s.tenant.Spec.Instance, s.app.Namespace, s.app.Name)
}

// saveStatus writes the status now, in the middle of a pass. It is for what must be known after a crash, such as the
// intent to create. It fails when the object has changed since it was read: then this pass may rest on a stale copy
// and must not go on.
func (r *Reconciler) saveStatus(ctx context.Context, s *scope) error {
	if equality.Semantic.DeepEqual(s.app.Status, s.original.Status) {
		return nil
	}
	patch := client.MergeFromWithOptions(s.original, client.MergeFromWithOptimisticLock{})
	saved := s.app.DeepCopy()
	if err := r.Client.Status().Patch(ctx, saved, patch, client.FieldOwner(v1alpha1.FieldManager)); err != nil {
		return fmt.Errorf("saving the status: %w", err)
	}
	s.app.ResourceVersion = saved.ResourceVersion
	s.original = s.app.DeepCopy()
	return nil
}

// recordStatus writes the status after something was done that must not be done again. Unlike saveStatus it does so
// even when the object has changed meanwhile: what happened, happened.
func (r *Reconciler) recordStatus(ctx context.Context, s *scope) error {
	saved := s.app.DeepCopy()
	if err := r.Client.Status().Patch(ctx, saved, client.MergeFrom(s.original), client.FieldOwner(v1alpha1.FieldManager)); err != nil {
		return fmt.Errorf("recording in the status: %w", err)
	}
	s.app.ResourceVersion = saved.ResourceVersion
	s.original = s.app.DeepCopy()
	return nil
}

// prepareStatus makes the sub-structures exist, so that phases can fill them.
func (s *scope) prepareStatus() {
	st := &s.app.Status
	if st.Application == nil {
		st.Application = &v1alpha1.ApplicationStatus{}
	}
	if st.Job == nil {
		st.Job = &v1alpha1.JobStatus{}
	}
	if st.Endpoint == nil {
		st.Endpoint = &v1alpha1.EndpointStatus{}
	}
	if st.Token == nil {
		st.Token = &v1alpha1.TokenStatus{}
	}
}
