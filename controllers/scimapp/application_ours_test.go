package scimapp

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/phase"
)

// registry is a directory that knows who made what under which name, and notes what is deleted.
type registry struct {
	entra.Directory
	named           map[string][]entra.Application
	owners          map[string][]string // by the object ID of the application
	principalOwners []string
	reading         error // what reading owners gives
	deleted         []string
}

const us = "operator"

func (r *registry) Identity(context.Context) (entra.Identity, error) {
	return entra.Identity{ObjectID: us}, nil
}

func (r *registry) ApplicationsByTag(context.Context, string) ([]entra.Application, error) {
	return nil, nil
}

func (r *registry) ApplicationsByDisplayName(_ context.Context, name string) ([]entra.Application, error) {
	return slices.DeleteFunc(slices.Clone(r.named[name]), func(a entra.Application) bool { return slices.Contains(r.deleted, a.ID) }), nil
}

func (r *registry) ServicePrincipalByAppID(context.Context, string) (entra.ServicePrincipal, error) {
	return entra.ServicePrincipal{ID: "sp"}, nil
}

func (r *registry) ApplicationOwners(_ context.Context, id string) ([]string, error) {
	return r.owners[id], r.reading
}

func (r *registry) ServicePrincipalOwners(context.Context, string) ([]string, error) {
	return r.principalOwners, r.reading
}

func (r *registry) DeleteApplication(_ context.Context, id string) error {
	r.deleted = append(r.deleted, id)
	return nil
}

func TestClaimant(t *testing.T) {
	const ours, other = "scim-operator/test/docs/wiki", "scim-operator/test/docs/wiki2"
	if got := tenantScope(nil, nil).marker(); got != ours {
		t.Fatalf("our mark is %q, want %q", got, ours)
	}
	tests := map[string]struct {
		tags, spTags []string
		want         string
	}{
		"a fresh application":                               {nil, nil, ""},
		"tags of the template":                              {[]string{"WindowsAzureActiveDirectoryIntegratedApp"}, []string{"HideApp"}, ""},
		"our own mark":                                      {[]string{ours}, []string{ours, "HideApp"}, ""},
		"another's mark on the application":                 {[]string{other}, nil, other},
		"another's mark on the service principal":           {[]string{ours}, []string{ours, other}, other},
		"the same names under another instance":             {[]string{"scim-operator/prod/docs/wiki"}, nil, "scim-operator/prod/docs/wiki"},
		"a tag that only looks like ours":                   {[]string{"scim-operators/x"}, nil, ""},
		"a ScimApp whose name begins as ours does is other": {[]string{ours + "-2"}, nil, ours + "-2"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := claimant(ours, entra.Application{Tags: tc.tags}, entra.ServicePrincipal{Tags: tc.spTags}); got != tc.want {
				t.Errorf("claimant = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWhatIsFoundIsTakenUpOnlyWhereItIsOurs(t *testing.T) {
	const jane = "jane"
	ours := entra.Application{ID: "app", AppID: "client", TemplateID: "template", CreatedAt: someTime}
	change := func(f func(*entra.Application)) entra.Application {
		a := ours
		f(&a)
		return a
	}
	tests := map[string]struct {
		found     entra.Application
		directory registry
		declared  []v1alpha1.ObjectID
		requested *metav1.Time
		state     phase.State
		says      []string
	}{
		"nobody owns it, as Entra leaves what an application instantiates": {found: ours, state: phase.Done},
		"we own it":                  {found: ours, directory: registry{owners: map[string][]string{"app": {us}}, principalOwners: []string{us}}, state: phase.Done},
		"a declared owner owns it":   {found: ours, directory: registry{owners: map[string][]string{"app": {us, jane}}, principalOwners: []string{jane}}, declared: []v1alpha1.ObjectID{jane}, state: phase.Done},
		"somebody owns it beside us": {found: ours, directory: registry{owners: map[string][]string{"app": {us, jane}}}, state: phase.Failed, says: []string{"is owned by jane", "spec.application.owners"}},
		"somebody owns its service principal": {
			found: ours, directory: registry{principalOwners: []string{jane}}, state: phase.Failed, says: []string{"is owned by jane"},
		},
		"somebody owns both and is named once": {
			found: ours, directory: registry{owners: map[string][]string{"app": {jane}}, principalOwners: []string{jane}}, state: phase.Failed, says: []string{"is owned by jane, who"},
		},
		"its owners do not show yet": {found: ours, directory: registry{reading: errGone}, state: phase.Pending, says: []string{"do not show yet"}},
		"its owners cannot be read":  {found: ours, directory: registry{reading: errServer}, state: phase.Failed},
		"it bears another's mark":    {found: change(func(a *entra.Application) { a.Tags = []string{"scim-operator/test/docs/other"} }), state: phase.Failed, says: []string{"another ScimApp"}},
		"it was not made from a template": {
			found: change(func(a *entra.Application) { a.TemplateID = "" }), state: phase.Failed, says: []string{"not made from an application template"},
		},
		"it was made after it was asked for":                    {found: ours, requested: &metav1.Time{Time: someTime.Add(-time.Minute)}, state: phase.Done},
		"Entra's clock is a little behind":                      {found: ours, requested: &metav1.Time{Time: someTime.Add(clockSkew)}, state: phase.Done},
		"it was made before it was asked for":                   {found: ours, requested: &metav1.Time{Time: someTime.Add(clockSkew + time.Second)}, state: phase.Failed, says: []string{"was made before that", "rename or delete it in Entra"}},
		"when it was made is not said, and the owners tell all": {found: change(func(a *entra.Application) { a.CreatedAt = time.Time{} }), requested: &metav1.Time{Time: someTime.Add(time.Hour)}, state: phase.Done},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := tenantScope(nil, nil)
			s.app.Spec.Application = &v1alpha1.ApplicationSpec{DisplayName: "Wiki", Owners: tc.declared}
			s.prepareStatus()
			s.app.Status.Application.RequestedAt = tc.requested
			tc.directory.named = map[string][]entra.Application{creationName("wiki", s.marker(), 0): {tc.found}}
			s.directory, s.save = &tc.directory, func(context.Context) error { return nil }
			out := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).findOrCreate(t.Context(), s)
			if out.State != tc.state {
				t.Fatalf("outcome = %+v", out)
			}
			if taken := s.app.Status.Application.ApplicationID != ""; taken != (tc.state == phase.Done) {
				t.Errorf("the ID is recorded: %t", taken)
			}
			if len(tc.says) > 0 && tc.state == phase.Failed && (out.Reason != v1alpha1.ReasonApplicationClaimed || fault.ClassOf(out.Err) != fault.Terminal) {
				t.Errorf("the reason is %s of class %s", out.Reason, fault.ClassOf(out.Err))
			}
			for _, part := range tc.says {
				if !strings.Contains(out.Message, part) {
					t.Errorf("the message %q does not say %q", out.Message, part)
				}
			}
		})
	}
}

func TestLateDuplicatesAreDeletedWhateverTheAppIsCalledMeanwhile(t *testing.T) {
	s := tenantScope(nil, nil)
	s.prepareStatus()
	s.app.Status.Application.CreationAttempt = 2
	first, second := creationName("wiki", s.marker(), 0), creationName("wiki", s.marker(), 1)
	directory := &registry{
		named: map[string][]entra.Application{
			first:  {{ID: "late"}, {ID: "jane's"}, {ID: "later"}},
			second: {{ID: "app"}, {ID: "other's", Tags: []string{"scim-operator/test/docs/other"}}},
		},
		owners: map[string][]string{"jane's": {"jane"}, "later": {us}},
	}
	s.directory = directory
	s.app.Spec.Application = &v1alpha1.ApplicationSpec{DisplayName: "Knowledge"}
	if err := (&Reconciler{}).deleteLateDuplicates(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"late", "later"}, directory.deleted); d != "" {
		t.Errorf("deleted (-want +got):\n%s", d)
	}
}

func TestADeletionLeavesAloneWhatItDidNotAskFor(t *testing.T) {
	s := tenantScope(nil, nil)
	s.prepareStatus()
	st := s.app.Status.Application
	st.Creating, st.RequestedAt = "wiki [0]", &metav1.Time{Time: someTime}
	directory := &registry{
		named: map[string][]entra.Application{"wiki [0]": {
			{ID: "older", CreatedAt: someTime.Add(-time.Hour)}, {ID: "jane's", CreatedAt: someTime}, {ID: "ours", CreatedAt: someTime},
		}},
		owners: map[string][]string{"jane's": {"jane"}},
	}
	s.directory = directory
	if err := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).deleteApplication(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"ours"}, directory.deleted); d != "" {
		t.Errorf("deleted (-want +got):\n%s", d)
	}
}
