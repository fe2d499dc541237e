package story

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Env is the place where the story is told.
type Env struct {
	// Client is an administrator's, with the types of client-go and of api/v1alpha1 in its scheme.
	Client client.Client
	// Kubectl runs kubectl as an administrator in the root of the checkout and returns its standard output; its error holds what it said.
	Kubectl func(ctx context.Context, input string, arguments ...string) (string, error)
	// SimulatorURL is the root of the simulator's admin API.
	SimulatorURL string
	// Network reaches Services by the names that they have inside the cluster.
	Network *http.Client
	// OperatorNamespace is where the operator keeps its Secrets.
	OperatorNamespace string
	// KillEndpoint kills the endpoint's only pod or its process, without warning.
	KillEndpoint func(ctx context.Context) error
	// RestartOperator replaces the operator and returns when the new one is ready.
	RestartOperator func(ctx context.Context) error
	// ClusterWrites returns every request so far by which the operator changed, or tried to change, something in the cluster, in words. The first
	// word after the verb is the resource: "patch statefulsets docs/wiki-scim".
	ClusterWrites func(ctx context.Context) ([]string, error)
	// Out gets what the story tells.
	Out io.Writer
}

// A Step is one chapter.
type Step struct {
	Title string
	tell  func(context.Context, *teller) error
}

// Steps returns the chapters in their order; each builds on those before.
func Steps() []Step {
	return []Step{
		{"one manifest is applied, and the app becomes Ready", applySamples},
		{"a cycle runs, and exactly the assigned people and groups are in the endpoint", peopleArrive},
		{"people marry, leave, join and change roles", peopleChange},
		{"the endpoint's pod is killed", endpointDies},
		{"the mapping gets one more attribute", mappingGrows},
		{"the operator restarts, and has nothing to do", operatorRestarts},
		{"wrong manifests are refused with a remedy", wrongManifests},
		{"the app is deleted, taken up again, and deleted for good", appIsDeleted},
	}
}

// A Story is told once: it remembers what happened in the steps before.
type Story struct {
	teller teller
}

// New begins a story.
func New(env Env) *Story {
	return &Story{teller{
		Env:       env,
		simulator: simulator{root: env.SimulatorURL},
		known:     map[string]bool{},
	}}
}

// Run tells steps, the first of them being step number first of the whole story. It ends at the first that fails, with an error that says what was
// expected, what was seen, and what the app, its events and the simulator's journal look like.
func (s *Story) Run(ctx context.Context, first int, steps ...Step) error {
	t := &s.teller
	for i, step := range steps {
		began := time.Now()
		fmt.Fprintf(t.Out, "\n%d. %s\n", first+i, step.Title)
		if err := step.tell(ctx, t); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = fmt.Errorf("%w (%w)", err, cause)
			}
			if errors.Is(err, context.Canceled) {
				return err
			}
			return fmt.Errorf("step %d, %s: %w\n%s", first+i, step.Title, err, t.dump())
		}
		fmt.Fprintf(t.Out, "   done in %.1fs\n", time.Since(began).Seconds())
	}
	return nil
}

// Run tells the whole story.
func Run(ctx context.Context, env Env) error {
	return New(env).Run(ctx, 1, Steps()...)
}
