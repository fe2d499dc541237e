package scimapp

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
	"github.com/scim-operator/scim-operator/internal/mapping"
	"github.com/scim-operator/scim-operator/internal/phase"
	"github.com/scim-operator/scim-operator/test/gen"
)

func before(d time.Duration) *metav1.Time { return &metav1.Time{Time: someTime.Add(-d)} }

// mapped is a scope whose app names a mapping of users, of the revision new.
func mapped(entry *v1alpha1.AppliedMapping) *scope {
	s := &scope{app: gen.ScimApp("wiki"), mappings: []declared{{gen.AttributeMapping("users"), "new"}}}
	s.desired.Mappings = []mapping.Mapping{users()}
	if entry != nil {
		entry.Kind, entry.Name = v1alpha1.KindAttributeMapping, "users"
		s.app.Status.Mappings = &v1alpha1.MappingsStatus{Applied: []v1alpha1.AppliedMapping{*entry}}
	}
	s.prepareStatus()
	return s
}

func TestRecordMappings(t *testing.T) {
	applied := &metav1.Time{Time: someTime.Add(time.Second)}
	earlier := before(time.Hour)
	previous := &v1alpha1.CycleFigures{Failed: 1}
	for name, test := range map[string]struct {
		entry *v1alpha1.AppliedMapping
		want  v1alpha1.AppliedMapping
	}{
		"the first revision comes in no wave": {
			nil, v1alpha1.AppliedMapping{Revision: "new", AppliedAt: applied},
		},
		"a revision that was claimed keeps its wave and the cycle before": {
			&v1alpha1.AppliedMapping{Revision: "new", Wave: 2, Before: previous},
			v1alpha1.AppliedMapping{Revision: "new", Wave: 2, Before: previous, AppliedAt: applied},
		},
		"one that is in force already keeps its time": {
			&v1alpha1.AppliedMapping{Revision: "new", Wave: 2, AppliedAt: earlier, RefusedRevision: "new", Refusal: "x"},
			v1alpha1.AppliedMapping{Revision: "new", Wave: 2, AppliedAt: earlier},
		},
		"one that nobody claimed forgets the wave of the one before": {
			&v1alpha1.AppliedMapping{Revision: "old", Wave: 2, AppliedAt: earlier, Before: previous, After: previous},
			v1alpha1.AppliedMapping{Revision: "new", AppliedAt: applied},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := mapped(test.entry)
			s.meanings = map[mapping.Object]string{mapping.User: "meaning"}
			s.recordMappings(someTime)
			test.want.Kind, test.want.Name, test.want.Object, test.want.Attributes = v1alpha1.KindAttributeMapping, "users", v1alpha1.ObjectUser, 2
			object := v1alpha1.MappedObjectStatus{Object: v1alpha1.ObjectUser, Revision: s.declaredFor(mapping.User).revision, Roles: v1alpha1.RolesNone, Meaning: "meaning"}
			want := &v1alpha1.MappingsStatus{Applied: []v1alpha1.AppliedMapping{test.want}, Objects: []v1alpha1.MappedObjectStatus{object}}
			if d := cmp.Diff(want, s.app.Status.Mappings); d != "" {
				t.Errorf("status.mappings (-want +got):\n%s", d)
			}
		})
	}
}

func TestAMappingThatWaitsKeepsItsEntry(t *testing.T) {
	s := mapped(&v1alpha1.AppliedMapping{Revision: "old", Wave: 3, AppliedAt: before(time.Hour)})
	entry := *s.app.Status.AppliedMapping(s.mappings[0])
	s.holdBack(s.mappings)
	s.recordMappings(someTime)
	if d := cmp.Diff(entry, *s.app.Status.AppliedMapping(s.mappings[0])); d != "" {
		t.Errorf("the entry (-before +after):\n%s", d)
	}
}

func TestRecordRefusal(t *testing.T) {
	refused := phase.Stall(v1alpha1.ReasonMappingInvalid, "Entra cannot parse it")
	for name, test := range map[string]struct {
		entry *v1alpha1.AppliedMapping
		out   phase.Outcome
		want  string
	}{
		"a refusal of a revision that is not in force is remembered": {&v1alpha1.AppliedMapping{Revision: "old", AppliedAt: before(time.Hour)}, refused, "new"},
		"so is one of a revision that was claimed":                   {&v1alpha1.AppliedMapping{Revision: "new"}, refused, "new"},
		"a revision in force is not at fault":                        {&v1alpha1.AppliedMapping{Revision: "new", AppliedAt: before(time.Hour)}, refused, ""},
		"a grant refuses the app, not the revision":                  {&v1alpha1.AppliedMapping{Revision: "old"}, phase.Stall(v1alpha1.ReasonDenied, "no"), ""},
		"a way to Graph that is down refuses nothing":                {&v1alpha1.AppliedMapping{Revision: "old"}, phase.Fail("x", errors.New("down")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := mapped(test.entry)
			s.recordRefusal(test.out)
			if got := s.app.Status.Mappings.Applied[0].RefusedRevision; got != test.want {
				t.Errorf("refused is %q, want %q", got, test.want)
			}
		})
	}
}

// logged is a directory whose provisioning log says so much.
type logged struct {
	entra.Directory
	written entra.Written
	// earlier are the disables of the hours before the cycle.
	earlier int64
	err     error
}

func (l logged) Written(_ context.Context, _ entra.JobRef, from, _ time.Time) (entra.Written, error) {
	if from.Before(someTime.Add(-time.Hour)) {
		l.written.Disabled += l.earlier
	}
	return l.written, l.err
}

func TestRecordCycle(t *testing.T) {
	denied := fault.NewTerminal(entra.ReasonPermissionMissing, errors.New("denied"))
	down := fault.NewRetryable(entra.ReasonGraphUnreachable, errors.New("down"))
	minutes := func(n int) time.Time { return someTime.Add(time.Duration(n) * time.Minute) }
	for name, test := range map[string]struct {
		entry v1alpha1.AppliedMapping
		cycle entra.Execution
		log   logged
		want  *v1alpha1.CycleFigures
		again bool
	}{
		"a whole cycle that began later counts": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1), Escrowed: 2, Exported: 5}, logged{written: entra.Written{Entries: 5, Disabled: 3}},
			&v1alpha1.CycleFigures{Failed: 2, Disabled: new(int64(3)), EndedAt: before(time.Minute)}, false,
		},
		"one that began before the write does not": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(10 * time.Minute), AppliedAt: before(10 * time.Minute)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1)}, logged{}, nil, false,
		},
		"what an earlier one disabled since the claim counts too": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(2 * time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1), Exported: 5}, logged{written: entra.Written{Entries: 5}, earlier: 7},
			&v1alpha1.CycleFigures{Disabled: new(int64(7)), EndedAt: before(time.Minute)}, false,
		},
		"one that failed and disabled more people than before does": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour), Before: &v1alpha1.CycleFigures{Disabled: new(int64(2))}},
			entra.Execution{State: "Failed", Began: minutes(-30), Ended: minutes(-1)}, logged{written: entra.Written{Disabled: 3}},
			&v1alpha1.CycleFigures{Disabled: new(int64(3)), EndedAt: before(time.Minute)}, false,
		},
		"one that failed as a whole does not": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Failed", Began: minutes(-30), Ended: minutes(-1)}, logged{}, nil, false,
		},
		"a revision that came in no wave needs none": {
			v1alpha1.AppliedMapping{AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1)}, logged{}, nil, false,
		},
		"the first cycle counts, not a later one": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour), After: &v1alpha1.CycleFigures{Failed: 9}},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1)}, logged{}, &v1alpha1.CycleFigures{Failed: 9}, false,
		},
		"a log that lags behind is waited for": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1), Exported: 5}, logged{written: entra.Written{Entries: 4}}, nil, true,
		},
		"but not for ever": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-20), Exported: 5}, logged{written: entra.Written{Entries: 4}},
			&v1alpha1.CycleFigures{Disabled: new(int64(0)), EndedAt: before(20 * time.Minute)}, false,
		},
		"without the right to read the log disables are not known": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1), Escrowed: 1}, logged{err: denied},
			&v1alpha1.CycleFigures{Failed: 1, EndedAt: before(time.Minute)}, false,
		},
		"a way to Graph that is down is tried again": {
			v1alpha1.AppliedMapping{Wave: 1, ClaimedAt: before(time.Hour), AppliedAt: before(time.Hour)},
			entra.Execution{State: "Succeeded", Began: minutes(-30), Ended: minutes(-1)}, logged{err: down}, nil, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := mapped(&test.entry)
			s.job, s.directory = &entra.Job{LastExecution: &test.cycle}, test.log
			again := (&Reconciler{Clock: clocktesting.NewFakePassiveClock(someTime)}).recordCycle(t.Context(), s)
			if (again > 0) != test.again {
				t.Errorf("another look is due after %s", again)
			}
			if d := cmp.Diff(test.want, s.app.Status.Mappings.Applied[0].After); d != "" {
				t.Errorf("the cycle after (-want +got):\n%s", d)
			}
		})
	}
}

func TestReportDrift(t *testing.T) {
	s := mapped(nil)
	for range 25 {
		s.drifted = append(s.drifted, mapping.Change{Object: mapping.User, Aspect: mapping.AspectAttribute, Target: "title" + strings.Repeat("x", len(s.drifted)), Old: "[city]", New: "[jobTitle]"})
	}
	s.reportDrift(s.drifted, someTime)
	first := s.app.Status.Drift[0]
	if d := cmp.Diff(v1alpha1.Drift{Path: "mappings.User.title", Want: "[jobTitle]", Have: "[city]", Since: &metav1.Time{Time: someTime}}, first); d != "" {
		t.Errorf("the first entry (-want +got):\n%s", d)
	}
	s.reportDrift(s.drifted, someTime.Add(time.Hour))
	if got := s.app.Status.Drift[0].Since.Time; !got.Equal(someTime) {
		t.Errorf("the drift is since %s after another look, want the first one", got)
	}
	out := (&Reconciler{}).judgeSync(t.Context(), s)
	if len(s.app.Status.Drift) != maxDrift || out.Reason != v1alpha1.ReasonDrifted || !strings.Contains(out.Message, "and 5 more") {
		t.Errorf("%d entries and the outcome %+v; want %d, noted, and 5 more", len(s.app.Status.Drift), out, maxDrift)
	}
	s.newDefault = []mapping.Change{{Object: mapping.Group, Target: "displayName", Old: "[displayName]", New: "[mail]"}}
	if out := (&Reconciler{}).judgeSync(t.Context(), s); out.Reason != v1alpha1.ReasonDefaultChanged || !strings.Contains(out.Message, "mappings.User.title,") {
		t.Errorf("with a new default of groups besides, the outcome is %+v; want both told", out)
	}
	s.drifted, s.newDefault = nil, nil
	if out := (&Reconciler{}).judgeSync(t.Context(), s); out.State != phase.Done || s.app.Status.Drift != nil {
		t.Errorf("without drift the outcome is %+v with %v in status", out, s.app.Status.Drift)
	}
}

func TestTheDigestOfANewDefaultIsOfWhatItChanges(t *testing.T) {
	change := mapping.Change{Object: mapping.User, Target: "title", Old: "[jobTitle]", New: "[city]"}
	edited := change
	edited.Old = "[country]"
	if defaultDigest([]mapping.Change{change}) == defaultDigest([]mapping.Change{edited}) {
		t.Error("what somebody changed in the portal after it was shown would be overwritten unseen")
	}
}
