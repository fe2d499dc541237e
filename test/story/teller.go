package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// The sample's names.
const (
	samples   = "config/samples"
	namespace = "docs"
	appName   = "wiki"
)

// Nothing in the story takes that long; who waits longer has found a defect.
const patience = 90 * time.Second

// A teller tells the steps and remembers what they need of each other.
type teller struct {
	Env
	simulator simulator

	jobID string
	// known are the object IDs of all people who were ever provisioned: who leaves stays as an inactive account.
	known map[string]bool
	// passes counts those that were asked for.
	passes int
	// cast is who played which part in step 3.
	cast *cast
}

// say tells what is being done, or what was found.
func (t *teller) say(format string, arguments ...any) {
	fmt.Fprintf(t.Out, "   %s\n", fmt.Sprintf(format, arguments...))
}

// await polls until check finds nothing wrong; its last finding is what was seen.
func (t *teller) await(ctx context.Context, expected string, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var last error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		// When time is up, the request that it cut off says nothing.
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return expectation(expected, "%w", last)
		case <-ticker.C:
		}
	}
}

// expectation is the form of every failure.
func expectation(expected, seen string, arguments ...any) error {
	return fmt.Errorf("\n  expected: %s\n  seen:     %w", expected, fmt.Errorf(seen, arguments...))
}

func (t *teller) app(ctx context.Context) (*v1alpha1.ScimApp, error) {
	app := &v1alpha1.ScimApp{}
	return app, t.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: appName}, app)
}

// ready says why the app is not Ready for its current generation, nil if it is.
func (t *teller) ready(ctx context.Context) error {
	app, err := t.app(ctx)
	if err != nil {
		return err
	}
	return readiness(app)
}

func readiness(app *v1alpha1.ScimApp) error {
	condition := meta.FindStatusCondition(app.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case condition == nil:
		return errors.New("no Ready condition")
	case app.Status.ObservedGeneration != app.Generation:
		return fmt.Errorf("status is about generation %d, the manifest is at %d", app.Status.ObservedGeneration, app.Generation)
	case condition.Status != metav1.ConditionTrue:
		return fmt.Errorf("condition Ready is %s, %s: %s", condition.Status, condition.Reason, condition.Message)
	}
	return nil
}

// askForPass asks the operator for a pass over the app, as a user would.
func (t *teller) askForPass(ctx context.Context) error {
	t.passes++
	_, err := t.Kubectl(ctx, "", "annotate", "scimapp", appName, "--namespace", namespace, "--overwrite",
		fmt.Sprintf("scim-operator.io/reconcile=%d", t.passes))
	return err
}

// pass asks for a pass, and returns when it is over.
func (t *teller) pass(ctx context.Context) error {
	counts, err := t.simulator.counts(ctx, 0)
	if err != nil {
		return err
	}
	if err := t.askForPass(ctx); err != nil {
		return err
	}
	_, err = t.quiet(ctx, counts.Last)
	return err
}

// cycle runs one provisioning cycle and expects every object in it to succeed.
func (t *teller) cycle(ctx context.Context) (*entrasim.CycleReport, error) {
	report, err := t.simulator.cycle(ctx, t.jobID)
	if err != nil {
		return nil, err
	}
	if report.Error != nil || report.Failed > 0 {
		return nil, expectation("a cycle without failures", "%+v, error %+v", *report, report.Error)
	}
	kind := "incremental"
	if report.Initial {
		kind = "full"
	}
	t.say("%s cycle: %d created, %d updated, %d disabled, %d deleted", kind, report.Created, report.Updated, report.Disabled, report.Deleted)
	return report, nil
}

// RunCycles runs a cycle of every job that is not paused, and returns their reports, whatever they say.
func (s *Story) RunCycles(ctx context.Context) ([]*entrasim.CycleReport, error) {
	state, err := s.teller.simulator.state(ctx)
	if err != nil {
		return nil, err
	}
	var reports []*entrasim.CycleReport
	for _, job := range state.Jobs {
		if job.Schedule != "Active" {
			continue
		}
		report, err := s.teller.simulator.cycle(ctx, job.ID)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// job returns the one job as the simulator has it.
func (t *teller) job(ctx context.Context) (*entrasim.Overview, int, error) {
	state, err := t.simulator.state(ctx)
	if err != nil {
		return nil, 0, err
	}
	for i, job := range state.Jobs {
		if job.ID == t.jobID {
			return state, i, nil
		}
	}
	return nil, 0, fmt.Errorf("the simulator has no job %s", t.jobID)
}

// dump shows what somebody who looks into a failure would look at first.
func (t *teller) dump() string {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var out strings.Builder
	for _, arguments := range [][]string{
		{"describe", "scimapps", "--all-namespaces"},
		{"get", "attributemappings,statefulsets,pods,persistentvolumeclaims", "--namespace", namespace, "--output", "wide"},
		{"get", "events", "--namespace", namespace, "--sort-by", ".lastTimestamp"},
	} {
		output, err := t.Kubectl(ctx, "", arguments...)
		fmt.Fprintf(&out, "\n--- kubectl %s\n%s", strings.Join(arguments, " "), output)
		if err != nil {
			fmt.Fprintln(&out, err)
		}
	}
	entries, err := t.simulator.journal(ctx)
	fmt.Fprintf(&out, "\n--- the simulator's journal, its last %d requests\n", journalTail)
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	for _, entry := range entries[max(0, len(entries)-journalTail):] {
		fmt.Fprintf(&out, "%5d %s %d %s %s\n", entry.Sequence, entry.Time.Format(time.TimeOnly), entry.Status, entry.Method, entry.Path)
	}
	return out.String()
}

const journalTail = 25
