package scimapp

import (
	"context"
	"slices"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/test/gen"
)

// listing answers every list with these ScimApps: those that name the mapping.
type listing struct {
	client.Client
	apps []v1alpha1.ScimApp
}

func (l listing) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	list.(*v1alpha1.ScimAppList).Items = slices.Clone(l.apps)
	return nil
}

func TestHeldBack(t *testing.T) {
	rollout := func(change func(*v1alpha1.RolloutStatus)) *v1alpha1.RolloutStatus {
		r := &v1alpha1.RolloutStatus{Revision: "new", Wave: 1}
		change(r)
		return r
	}
	halt := func(r *v1alpha1.RolloutStatus) { r.Halt = &v1alpha1.RolloutHalt{App: "another", Cause: "it got worse"} }
	old := &v1alpha1.AppliedMapping{Revision: "old", AppliedAt: before(time.Hour)}
	for name, test := range map[string]struct {
		entry *v1alpha1.AppliedMapping
		// others are the further apps that name the mapping.
		others  []string
		rollout *v1alpha1.RolloutStatus
		fresh   bool
		want    bool
	}{
		"beside another app it waits for its wave":                      {entry: old, others: []string{"another"}, want: true},
		"so it does where the revision in force is not known":           {others: []string{"another"}, want: true},
		"so it does while another app is released":                      {entry: old, others: []string{"another"}, rollout: rollout(func(r *v1alpha1.RolloutStatus) { r.Released = []string{"another"} }), want: true},
		"so it does when it was released for another revision":          {entry: old, others: []string{"another"}, rollout: rollout(func(r *v1alpha1.RolloutStatus) { r.Revision, r.Released = "other", []string{"wiki"} }), want: true},
		"once it is released it goes on":                                {entry: old, others: []string{"another"}, rollout: rollout(func(r *v1alpha1.RolloutStatus) { r.Released = []string{"wiki"} })},
		"what it has already it keeps":                                  {entry: &v1alpha1.AppliedMapping{Revision: "new"}, others: []string{"another"}},
		"a job that never ran waits for nobody":                         {entry: old, others: []string{"another"}, fresh: true},
		"the only app of the mapping waits for nobody":                  {entry: old},
		"the last app of the mapping does not go by a halt":             {entry: old, rollout: rollout(halt), want: true},
		"nor where the revision in force is not known":                  {rollout: rollout(halt), want: true},
		"the last app goes by the halt of another revision":             {entry: old, rollout: rollout(func(r *v1alpha1.RolloutStatus) { halt(r); r.Revision = "other" })},
		"the last app may try again what was refused and so has halted": {entry: old, rollout: rollout(func(r *v1alpha1.RolloutStatus) { halt(r); r.Released = []string{"wiki"} })},
	} {
		t.Run(name, func(t *testing.T) {
			entry := test.entry
			if entry != nil {
				entry = entry.DeepCopy()
			}
			s := mapped(entry)
			s.mappings[0].MappingStatus().Rollout = test.rollout
			s.job = &entra.Job{LastExecution: &entra.Execution{}}
			if test.fresh {
				s.job = &entra.Job{}
			}
			l := listing{apps: []v1alpha1.ScimApp{*s.app}}
			for _, other := range test.others {
				l.apps = append(l.apps, *gen.ScimApp(other))
			}
			held, err := (&Reconciler{Client: l}).heldBack(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(held) == 1; got != test.want || len(held) > 1 {
				t.Errorf("held back are %v, want %t", held, test.want)
			}
			if test.want && s.app.Status.AppliedMapping(s.mappings[0]) == nil {
				t.Error("the waves do not know of the app: it has no entry of the mapping")
			}
		})
	}
}
