package cli

import (
	"fmt"
	"slices"

	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// sharedMapping is a mapping that several ScimApps of the cluster use.
type sharedMapping struct {
	mapping mapping.Mapping
	users   int32
}

// waves says of a mapping that changes and is shared that its turn may come later. A job that never ran waits for none.
func (r *planReport) waves(app plannedApp, found provisioned) {
	if found.job.KnowsNobody() {
		return
	}
	for _, s := range app.shared {
		if slices.ContainsFunc(r.Changes, func(c planChange) bool { return c.Object == string(s.mapping.Object) }) {
			r.note("%s is used by %d ScimApps: a change of it comes to them in waves of 1, 5, 25 and then 125, and stops where one gets worse", s.mapping, s.users)
		}
	}
}

// guardDeletions says where Entra would hold removals back.
func (r *planReport) guardDeletions(app plannedApp) {
	enabled, threshold := provisioning.DeletionThreshold(provisioning.Spec(&app.app))
	if r.People == nil || !enabled || r.People.Removed <= int(threshold) {
		return
	}
	r.Warnings = append(r.Warnings, fmt.Sprintf("%d people fall out of scope, more than spec.provisioning.accidentalDeletions.threshold (%d): Entra holds all removals back, and the ScimApp says DeletionsHeld until somebody decides",
		r.People.Removed, threshold))
}
