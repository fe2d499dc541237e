package scimapp

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// TestNotOursYet: whose job may not be paused when the ScimApp is denied or deleted.
func TestNotOursYet(t *testing.T) {
	for name, test := range map[string]struct {
		policy v1alpha1.CreationPolicy
		change func(*scope)
		want   bool
	}{
		"an adopted application whose job was found": {v1alpha1.CreationAdoptOnly, func(s *scope) { s.app.Status.Job.ID = "job" }, true},
		"one with a job of another template, which is not taken up": {v1alpha1.CreationAdoptOnly, func(s *scope) {
			s.app.Status.Application.ServicePrincipalID = "sp"
		}, true},
		"one whose adoption is settled": {v1alpha1.CreationAdoptOnly, func(s *scope) {
			s.app.Status.Job.ID, s.app.Status.Application.AdoptedAt = "job", &metav1.Time{Time: someTime}
		}, false},
		"one of which nothing is known, so that its mark has to tell": {v1alpha1.CreationAdoptOnly, func(*scope) {}, false},
		"one that the operator made":                                  {v1alpha1.CreationCreate, func(s *scope) { s.app.Status.Job.ID = "job" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.prepareStatus()
			s.app.Spec.Application = &v1alpha1.ApplicationSpec{CreationPolicy: test.policy}
			test.change(s)
			if got := notOursYet(s.app); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
