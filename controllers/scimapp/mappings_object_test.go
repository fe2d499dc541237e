package scimapp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestDiffering(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ago := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: now.Add(-d)} }
	type status = v1alpha1.MappedObjectStatus
	for name, tc := range map[string]struct {
		status *status
		held   bool
		want   difference
	}{
		"nothing was ever applied":                         {nil, false, declaredAnew},
		"the manifest changed":                             {&status{Revision: "old", Roles: "Single", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, false, declaredAnew},
		"other roles are declared":                         {&status{Revision: "new", Roles: "None", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, false, declaredAnew},
		"it comes to something else than what was written": {&status{Revision: "new", Roles: "Single", Meaning: "other", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, false, defaultChanged},
		"it comes to the same, and somebody changed it":    {&status{Revision: "new", Roles: "Single", Meaning: "meaning", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, false, drifted},
		"it was there without a write":                     {&status{Revision: "new", Roles: "Single", InForceSince: ago(time.Hour)}, false, drifted},
		"it was written a moment ago":                      {&status{Revision: "new", Roles: "Single", AppliedAt: ago(time.Minute)}, false, notShownYet},
		"it was written and seen a moment ago":             {&status{Revision: "new", Roles: "Single", AppliedAt: ago(time.Minute), InForceSince: ago(time.Minute)}, false, notShownYet},
		"it was written, seen, and changed since":          {&status{Revision: "new", Roles: "Single", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, false, drifted},
		"it was written and never seen":                    {&status{Revision: "new", Roles: "Single", AppliedAt: ago(23 * time.Hour)}, false, notKept},
		"it was written a day ago and never seen since":    {&status{Revision: "new", Roles: "Single", AppliedAt: ago(24 * time.Hour)}, false, neverKept},
		"the mappings wait, and somebody changed the roles": {
			&status{Revision: "old", Roles: "Single", Meaning: "other", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, true, drifted,
		},
		"the mappings wait, and other roles are declared": {&status{Revision: "old", Roles: "None", AppliedAt: ago(time.Hour), InForceSince: ago(time.Hour)}, true, declaredAnew},
	} {
		t.Run(name, func(t *testing.T) {
			want := objectMappings{held: tc.held, revision: "new", roles: "Single", meaning: "meaning"}
			if got := want.differing(tc.status, now); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

// both is a scope whose app has mappings of users and of groups in force since an hour, each as it is declared, and a plan
// that differs in both.
func both() (*scope, mapping.Plan) {
	groups := gen.AttributeMapping("groups")
	groups.Spec.Object = v1alpha1.ObjectGroup
	s := mapped(nil)
	s.mappings = append(s.mappings, declared{groups, "new"})
	s.desired.Mappings = append(s.desired.Mappings, mapping.Mapping{Object: mapping.Group})
	s.meanings = map[mapping.Object]string{mapping.User: "u", mapping.Group: "g"}
	s.recordMappings(someTime)
	for i := range s.app.Status.Mappings.Objects {
		st := &s.app.Status.Mappings.Objects[i]
		st.AppliedAt, st.InForceSince = before(time.Hour), before(time.Hour)
	}
	return s, mapping.Plan{Changes: []mapping.Change{{Object: mapping.User, Target: "title"}, {Object: mapping.Group, Target: "displayName"}}}
}

func TestJudge(t *testing.T) {
	user, group := []mapping.Object{mapping.User}, []mapping.Object{mapping.Group}
	everything := []mapping.Object{mapping.User, mapping.Group}
	report := func(s *scope) { s.app.Spec.DriftPolicy = v1alpha1.DriftReport }
	for name, tc := range map[string]struct {
		changes []func(*scope)
		want    verdict
	}{
		"drift is set back": {nil, verdict{write: everything, corrects: true}},
		"drift is reported": {[]func(*scope){report}, verdict{drifted: everything, corrects: true}},
		"a new default waits": {[]func(*scope){func(s *scope) { s.meanings[mapping.User] = "another" }},
			verdict{write: group, newDefault: user, corrects: true}},
		"an edit of the mapping of groups writes no new default of users": {
			[]func(*scope){func(s *scope) { s.meanings[mapping.User] = "another"; s.mappings[1].revision = "newer" }},
			verdict{write: group, newDefault: user},
		},
		"an edit of the mapping of groups writes no drift of users that is reported": {
			[]func(*scope){report, func(s *scope) { s.mappings[1].revision = "newer" }}, verdict{write: group, drifted: user},
		},
		"an edit of the mapping of groups that waits for its waves writes nothing": {
			[]func(*scope){report, func(s *scope) { s.mappings[1].revision = "newer"; s.holdBack(s.mappings[1:]) }},
			verdict{drifted: everything, corrects: true},
		},
		"an edit that is taken back writes nothing that waits": {
			[]func(*scope){report, func(s *scope) {
				s.mappings[0].revision = "newer"
				s.holdBack(s.mappings[:1])
				s.recordMappings(someTime)
				s.mappings[0].revision, s.held = "new", nil
			}},
			verdict{drifted: everything, corrects: true},
		},
		"another scope writes nothing that waits": {
			[]func(*scope){report, func(s *scope) { s.app.Spec.Provisioning = &v1alpha1.ProvisioningSpec{Scope: v1alpha1.ScopeAll} }},
			verdict{drifted: everything, corrects: true},
		},
		"other roles are an edit of users": {
			[]func(*scope){report, func(s *scope) { s.app.Spec.Roles = v1alpha1.RolesSingle }}, verdict{write: user, drifted: group},
		},
		"what was just written goes along with what is written": {
			[]func(*scope){func(s *scope) { s.objectStatus(mapping.User).AppliedAt = before(time.Minute) }},
			verdict{write: group, pending: user, corrects: true},
		},
		"what Entra does not keep is not written again": {
			[]func(*scope){func(s *scope) { s.objectStatus(mapping.User).InForceSince = nil }}, verdict{write: group, unkept: user, corrects: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, plan := both()
			for _, change := range tc.changes {
				change(s)
			}
			if d := cmp.Diff(tc.want, s.judge(plan, someTime), cmp.AllowUnexported(verdict{}), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("the verdict (-want +got):\n%s", d)
			}
		})
	}
}

func TestWhatIsLeftKeepsItsRecord(t *testing.T) {
	s, plan := both()
	s.mappings[0].revision, s.mappings[1].revision = "newer", "newer"
	s.app.Spec.Roles = v1alpha1.RolesSingle
	kept := *s.objectStatus(mapping.User)
	s.leave([]mapping.Object{mapping.User})
	s.recordMappings(someTime)
	s.writtenAt(mapping.Plan{Changes: plan.ChangesOf([]mapping.Object{mapping.Group})}, someTime)
	if d := cmp.Diff(kept, *s.objectStatus(mapping.User)); d != "" {
		t.Errorf("the record of users (-before +after):\n%s", d)
	}
	st := *s.objectStatus(mapping.Group)
	if want := s.declaredFor(mapping.Group).revision; st.Revision != want || !st.AppliedAt.Time.Equal(someTime) || st.InForceSince != nil {
		t.Errorf("the record of groups is %+v, want revision %s written at %s and not seen yet", st, want, someTime)
	}
	s.seenInForce(someTime)
	if s.objectStatus(mapping.Group).InForceSince == nil || !s.objectStatus(mapping.User).InForceSince.Equal(kept.InForceSince) {
		t.Error("what was seen is not recorded for groups alone")
	}
}
