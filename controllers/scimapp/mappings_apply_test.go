package scimapp

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/test/gen"
)

// schemas is a directory whose answers to reads of the schema are given, as no directory on demand gives them.
type schemas struct {
	entra.Directory
	reads []json.RawMessage // the last one stays
	puts  []json.RawMessage
	down  bool // nothing can be written
}

func (d *schemas) Schema(context.Context, entra.JobRef) (json.RawMessage, error) {
	out := d.reads[0]
	if len(d.reads) > 1 {
		d.reads = d.reads[1:]
	}
	return out, nil
}

func (d *schemas) PutSchema(_ context.Context, _ entra.JobRef, schema json.RawMessage) error {
	if d.down {
		return fault.NewRetryable(entra.ReasonGraphUnreachable, errors.New("down"))
	}
	d.puts = append(d.puts, schema)
	return nil
}

func usersFrom(source string) mapping.Mapping {
	return mapping.Mapping{Ref: mapping.Ref{Name: "users"}, Object: mapping.User, Attributes: []mapping.Attribute{{Target: "title", Source: source}}}
}

func groupsOnCreate(onCreate bool) mapping.Mapping {
	return mapping.Mapping{Ref: mapping.Ref{Name: "groups"}, Object: mapping.Group, Attributes: []mapping.Attribute{{Target: "externalId", Source: "objectId", OnCreate: onCreate}}}
}

// inEntra is the template's schema with these mappings in force.
func inEntra(t *testing.T, template json.RawMessage, mappings ...mapping.Mapping) json.RawMessage {
	t.Helper()
	plan, err := mapping.NewPlan(template, template, mapping.Desired{Mappings: mappings})
	if err != nil {
		t.Fatal(err)
	}
	return plan.Schema
}

// applied is an app whose users come from city and whose groups' externalId is written on creation, in force for an hour.
type applied struct {
	*Reconciler
	*scope
	directory *schemas
	template  json.RawMessage
	schema    json.RawMessage // that Entra has
}

func newApplied(t *testing.T) *applied {
	t.Helper()
	template, err := os.ReadFile("../../internal/mapping/testdata/synthetic-default-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := both()
	s.job, s.tenant = &entra.Job{SteadySince: &someTime}, gen.EntraTenant("contoso")
	s.save = func(context.Context) error { return nil }
	s.record = s.save
	a := &applied{scope: s, template: template, schema: inEntra(t, template, usersFrom("city"), groupsOnCreate(true))}
	a.Reconciler = &Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime), Events: events.NewFakeRecorder(100)}
	a.directory = &schemas{reads: []json.RawMessage{a.schema}}
	s.directory = a.directory
	a.pass(t, usersFrom("city"), groupsOnCreate(true))
	for i := range s.app.Status.Mappings.Objects {
		st := &s.app.Status.Mappings.Objects[i]
		st.AppliedAt, st.InForceSince = before(time.Hour), before(time.Hour)
	}
	return a
}

// pass is what one pass does with these mappings declared.
func (a *applied) pass(t *testing.T, users, groups mapping.Mapping) phase.Outcome {
	t.Helper()
	a.left, a.held, a.unkept, a.drifted, a.newDefault = nil, nil, nil, nil, nil
	a.desired = mapping.Desired{Mappings: []mapping.Mapping{users, groups}, Roles: mapping.Roles(a.declaredFor(mapping.User).roles)}
	acceptDefault.forget(a.app)
	plan, out := a.planMappings(t.Context(), a.scope, a.template)
	if out.State != phase.Done {
		t.Fatal(out.Message)
	}
	if plan.Empty() {
		return a.inForce(a.scope, out)
	}
	return a.apply(t.Context(), a.scope, a.template, plan)
}

func (a *applied) puts() int { return len(a.directory.puts) }

// TestAnAcceptedDefaultThatCouldNotBeWrittenIsTriedAgain: an annotation is obeyed once, and not when Graph was down.
func TestAnAcceptedDefaultThatCouldNotBeWrittenIsTriedAgain(t *testing.T) {
	a := newApplied(t)
	a.template = []byte(strings.ReplaceAll(string(a.template), "preferredLanguage", "usageLocation"))
	a.pass(t, usersFrom("city"), groupsOnCreate(true))
	if len(a.newDefault) == 0 || a.puts() != 0 {
		t.Fatalf("a new default changes %v and made %d writes", a.newDefault, a.puts())
	}
	a.app.Annotations = map[string]string{v1alpha1.AnnotationAcceptDefault: defaultDigest(a.newDefault)}
	a.directory.down = true
	a.pass(t, usersFrom("city"), groupsOnCreate(true))
	a.directory.down = false
	a.pass(t, usersFrom("city"), groupsOnCreate(true))
	if a.puts() != 1 {
		t.Errorf("the accepted default was written %d times", a.puts())
	}
}

// TestWhatIsWrittenIsWhatWasJudged: the schema is read once more before it is written.
func TestWhatIsWrittenIsWhatWasJudged(t *testing.T) {
	for name, test := range map[string]struct {
		second func(t *testing.T, a *applied) json.RawMessage
	}{
		"the first read was older, and the second has all": {func(t *testing.T, a *applied) json.RawMessage {
			t.Helper()
			return inEntra(t, a.template, usersFrom("city"), groupsOnCreate(false))
		}},
		"somebody changes the mapping of users meanwhile": {func(t *testing.T, a *applied) json.RawMessage {
			t.Helper()
			return inEntra(t, a.template, usersFrom("country"), groupsOnCreate(true))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApplied(t)
			a.app.Spec.DriftPolicy, a.mappings[1].revision = v1alpha1.DriftReport, "newer"
			a.directory.reads = []json.RawMessage{a.schema, test.second(t, a)}
			if out := a.pass(t, usersFrom("city"), groupsOnCreate(false)); out.State != phase.Pending || a.puts() != 0 {
				t.Errorf("%d writes, and the outcome %+v", a.puts(), out)
			}
		})
	}
}

// TestAWriteKeepsAwayFromWhatWasJustWritten: Entra takes the whole schema, so that an older read of the other object would
// take back what was written of it.
func TestAWriteKeepsAwayFromWhatWasJustWritten(t *testing.T) {
	for name, test := range map[string]struct {
		change func(a *applied)
		wrote  int
	}{
		"the other object is as declared": {func(*applied) {}, 1},
		"its mapping waits for its waves": {func(a *applied) { a.held = []mapping.Object{mapping.User} }, 0},
		"a new default of it waits":       {func(a *applied) { a.left = []mapping.Object{mapping.User} }, 0},
		"it is not declared any more":     {func(a *applied) { a.mappings = a.mappings[1:] }, 0},
		"it waits, and was written long ago": {func(a *applied) {
			a.held = []mapping.Object{mapping.User}
			a.objectStatus(mapping.User).AppliedAt = before(rewriteAfter)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApplied(t)
			a.objectStatus(mapping.User).AppliedAt = &metav1.Time{Time: someTime.Add(-time.Minute)}
			a.mappings[1].revision = "newer"
			test.change(a)
			a.desired.Mappings = []mapping.Mapping{groupsOnCreate(false)}
			plan, out := a.planMappings(t.Context(), a.scope, a.template)
			if out.State != phase.Done {
				t.Fatal(out.Message)
			}
			if out = a.apply(t.Context(), a.scope, a.template, plan); a.puts() != test.wrote {
				t.Errorf("%d writes, want %d; the outcome is %+v", a.puts(), test.wrote, out)
			}
		})
	}
}

// TestWhatWasWrittenIsSeenWhileTheOtherObjectWaits: else a later change in the portal would count as never kept.
func TestWhatWasWrittenIsSeenWhileTheOtherObjectWaits(t *testing.T) {
	a := newApplied(t)
	a.app.Spec.DriftPolicy = v1alpha1.DriftReport
	a.directory.reads = []json.RawMessage{inEntra(t, a.template, usersFrom("country"), groupsOnCreate(true))}
	a.objectStatus(mapping.Group).InForceSince = nil
	a.pass(t, usersFrom("city"), groupsOnCreate(true))
	if len(a.drifted) == 0 || a.objectStatus(mapping.Group).InForceSince == nil {
		t.Errorf("drift %v, and the mapping of groups is in force since %v", a.drifted, a.objectStatus(mapping.Group).InForceSince)
	}
}

// TestADeclaredRoleWritesNothingElse that waits in the mapping of users.
func TestADeclaredRoleWritesNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		change func(s *scope)
		want   bool
	}{
		"nothing is declared anew":        {func(*scope) {}, false},
		"a role is declared":              {func(s *scope) { s.app.Spec.Roles = v1alpha1.RolesSingle }, true},
		"so is a mapping":                 {func(s *scope) { s.app.Spec.Roles = v1alpha1.RolesSingle; s.mappings[0].revision = "newer" }, false},
		"the mapping waits for its waves": {func(s *scope) { s.app.Spec.Roles = v1alpha1.RolesSingle; s.holdBack(s.mappings[:1]) }, false},
		"the mapping was written a moment ago": {func(s *scope) {
			s.app.Spec.Roles = v1alpha1.RolesSingle
			s.objectStatus(mapping.User).AppliedAt = before(time.Minute)
		}, false},
		"roles are to be sent no more": {func(s *scope) { s.objectStatus(mapping.User).Roles = v1alpha1.RolesSingle }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := both()
			test.change(s)
			if got := s.rolesAlone(someTime); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
	s, _ := both()
	s.app.Spec.Roles, s.meanings[mapping.User] = v1alpha1.RolesSingle, "another"
	kept := s.objectStatus(mapping.User).Meaning
	s.holdBackObject(mapping.User)
	s.recordMappings(someTime)
	if st := s.objectStatus(mapping.User); st.Meaning != kept || st.Roles != v1alpha1.RolesSingle {
		t.Errorf("after the roles alone were written the record is %+v; a new default would count as written", st)
	}
}

// TestAnotherJobHasNothingOfOurs: what was written to the old one is no reason to trust the new one's schema.
func TestAnotherJobHasNothingOfOurs(t *testing.T) {
	s, _ := both()
	s.app.Status.Job.ID = "old"
	s.directory, s.servicePrincipal.ID = otherJobs{}, "sp"
	if out := (&Reconciler{}).ensureJob(t.Context(), s); out.State != phase.Done || s.app.Status.Mappings != nil {
		t.Errorf("the outcome is %+v, and status.mappings still %+v", out, s.app.Status.Mappings)
	}
}

// otherJobs is a directory with a job that was not there before.
type otherJobs struct{ entra.Directory }

func (otherJobs) Jobs(context.Context, string) ([]entra.Job, error) {
	return []entra.Job{{ID: "new", TemplateID: templateSCIM}}, nil
}
