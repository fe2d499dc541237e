package story

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// applySamples is step 1.
func applySamples(ctx context.Context, t *teller) error {
	t.say("kubectl apply --server-side -k %s", samples)
	if _, err := t.Kubectl(ctx, "", "apply", "--server-side", "-k", samples); err != nil {
		return err
	}
	if err := t.await(ctx, "ScimApp docs/wiki is Ready", t.ready); err != nil {
		return err
	}
	state, err := t.simulator.state(ctx)
	if err != nil {
		return err
	}
	if err := madeOnce(state); err != nil {
		return err
	}
	t.jobID = state.Jobs[0].ID
	t.say("application %q (%s), its job, its secrets and its schema exist once", state.Applications[0].DisplayName, state.Applications[0].AppID)
	return nil
}

// madeOnce expects one of everything in the directory.
func madeOnce(state *entrasim.Overview) error {
	if len(state.Applications) != 1 || len(state.Principals) != 1 || len(state.Jobs) != 1 || state.DeletedItems != 0 {
		return expectation("one application, one service principal, one job and nothing deleted", "%d, %d, %d and %d deleted",
			len(state.Applications), len(state.Principals), len(state.Jobs), state.DeletedItems)
	}
	if name := state.Applications[0].DisplayName; name != "Wiki" {
		return expectation("an application called Wiki", "%q", name)
	}
	job := state.Jobs[0]
	if job.Schedule != "Active" || job.Starts != 1 {
		return expectation("a job that was started once", "schedule %s after %d starts", job.Schedule, job.Starts)
	}
	if !slices.Contains(job.SecretKeys, "BaseAddress") || !slices.Contains(job.SecretKeys, "SecretToken") {
		return expectation("secrets with BaseAddress and SecretToken", "%v", job.SecretKeys)
	}
	if job.SchemaWrites != 1 || len(job.LostSchemaMembers) > 0 {
		return expectation("a schema written once, with nothing lost", "%d writes, lost %v", job.SchemaWrites, job.LostSchemaMembers)
	}
	return nil
}

// peopleArrive is step 2.
func peopleArrive(ctx context.Context, t *teller) error {
	report, err := t.cycle(ctx)
	if err != nil {
		return err
	}
	if !report.Initial {
		return expectation("the first cycle to be a full one", "an incremental one")
	}
	w, err := t.look(ctx)
	if err != nil {
		return err
	}
	if len(w.entitled) == 0 || len(w.assigned) == 0 {
		return fmt.Errorf("the sample assigns %d people and %d groups: there is nothing to see", len(w.entitled), len(w.assigned))
	}
	if err := t.endpointHasExactly(ctx, w); err != nil {
		return err
	}
	t.say("%d people and %d groups arrived, with attributes, managers, memberships and roles; none of the other %d people did",
		len(w.entitled), len(w.assigned), len(w.users)-len(w.entitled))
	return t.counted(ctx, map[string]int{"User": len(w.entitled), "Group": len(w.assigned)})
}

// counted expects the app's status to count what was provisioned, after a pass.
func (t *teller) counted(ctx context.Context, want map[string]int) error {
	if err := t.askForPass(ctx); err != nil {
		return err
	}
	return t.await(ctx, fmt.Sprintf("status.job.entries of docs/wiki are %v", want), func(ctx context.Context) error {
		app, err := t.app(ctx)
		if err != nil {
			return err
		}
		if app.Status.Job == nil {
			return errors.New("no status.job")
		}
		got := map[string]int{}
		for _, entry := range app.Status.Job.Entries {
			got[entry.Type] = int(*entry.Count)
		}
		if !maps.Equal(got, want) {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
}
