package crash

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// all is the environment variable that asks for every call, in every way and every mood. Without it the operator is
// killed after each write and, plainly, each fifth read in the usual mood, and after each fourth write in the others: a
// read leaves nothing behind that the write before it has not left. With -short it is one write of five in the usual
// mood alone.
const all = "CRASH_ALL"

// repeats is how many of the same call are tried. What is asked again and again while Entra replicates is the same each time.
const repeats = 3

// moods are how Entra can be.
var moods = map[string]struct {
	usual bool
	lag   time.Duration // what is found by a filter lags twice as long
	// instantiate is what the first creation of an application is answered with, although it happens. Zero is the truth.
	instantiate int
}{
	"Entra as it mostly is":                          {usual: true},
	"Entra that replicates slowly":                   {lag: 2 * time.Minute},
	"Entra that answers 404 to a creation, and lags": {lag: 2 * time.Minute, instantiate: http.StatusNotFound},
	"Entra that answers 504 to a creation":           {instantiate: http.StatusGatewayTimeout},
}

const plainly = "killed"

// variants are the ways in which an operator ends after a call.
var variants = map[string]struct {
	lostAnswer bool
	// lost is true when the cluster is lost as well, all but the manifests in Git.
	lost bool
}{
	plainly: {},
	"its answer lost, killed after the next write": {lostAnswer: true},
	"killed, and the cluster lost":                 {lost: true},
}

func TestTheOperatorMayBeKilledAfterAnyCall(t *testing.T) {
	for name, mood := range moods {
		world := func(t *testing.T) *kit.World {
			t.Helper()
			w := cluster.NewWorld(t, func(o *entrasim.Options) { o.Tenant.ReplicationLag = mood.lag })
			if mood.instantiate != 0 {
				addFault(t, w, entrasim.Fault{Operation: "instantiate", AfterEffect: true, Status: mood.instantiate, Body: graphError(mood.instantiate)})
			}
			w.Apply(t, w.Manifests(t))
			return w
		}
		t.Run(name, func(t *testing.T) {
			if testing.Short() && !mood.usual {
				t.Skip("-short is about Entra as it mostly is")
			}
			for _, call := range choose(record(t, world(t)), mood.usual) {
				for name, v := range variants {
					if !call.Write && name != plainly && os.Getenv(all) == "" {
						continue
					}
					// A slash would make go test's -run take the name apart.
					t.Run(strings.ReplaceAll(call.Name, "/", " ")+", "+name, func(t *testing.T) {
						t.Parallel()
						w := world(t)
						operator := w.StartOperator(t, kit.Crash{After: call.Name, LostAnswer: v.lostAnswer})
						operator.OrKilled(t, "the ScimApp is Ready", func() error { return w.Ready(t) })
						expectCome(t, operator, call)
						operator.Kill()
						if v.lost {
							w.LoseCluster(t)
							w.Pass(t, 2*mood.lag) // no cluster is rebuilt while Entra still replicates
							w.Apply(t, w.Manifests(t))
						}
						w.AwaitPass(t, 1, func() { w.StartOperator(t, kit.Crash{}) })
						w.ExpectReady(t)
						expectOne(t, w)
					})
				}
			}
		})
	}
}

func addFault(t *testing.T, w *kit.World, fault entrasim.Fault) {
	t.Helper()
	if _, err := w.Sim.AddFault(fault); err != nil {
		t.Fatal(err)
	}
}

func graphError(status int) string {
	return fmt.Sprintf(`{"error":{"code":"Request_%d","message":%q}}`, status, http.StatusText(status))
}

// record runs the samples without a crash, and gives the calls until Ready.
func record(t *testing.T, w *kit.World) []kit.Call {
	t.Helper()
	operator := w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	operator.Kill()
	expectOne(t, w)
	return operator.Calls()
}

// choose gives the calls after which the operator is to be killed.
func choose(made []kit.Call, usual bool) []kit.Call {
	made = slices.DeleteFunc(made, func(c kit.Call) bool { return c.Nth > repeats })
	writes := slices.DeleteFunc(slices.Clone(made), func(c kit.Call) bool { return !c.Write })
	reads := slices.DeleteFunc(slices.Clone(made), func(c kit.Call) bool { return c.Write })
	switch {
	case os.Getenv(all) != "":
		return made
	case testing.Short():
		return each(5, writes)
	case usual:
		return append(writes, each(5, reads)...)
	default:
		return each(4, writes)
	}
}

// each gives every nth element.
func each[T any](n int, all []T) []T {
	var out []T
	for i := n - 1; i < len(all); i += n {
		out = append(out, all[i])
	}
	return out
}

// expectCome waits for the call after which the operator is killed, when that has not happened and the ScimApp is Ready.
// A call that repeats another may stay away: how often Entra is asked again while it replicates is a matter of chance.
// The operator is then killed as it is Ready, and what comes after it has to hold all the same.
func expectCome(t *testing.T, operator *kit.Operator, call kit.Call) {
	t.Helper()
	if call.Nth > 1 && operator.Reached() != nil {
		t.Logf("the call %s did not come: the ScimApp is Ready without it", call.Name)
		return
	}
	kit.Eventually(t, "the operator makes the call "+call.Name, operator.Reached)
}

// expectOne looks whether Entra has everything once, and nothing was made and thrown away on the way.
func expectOne(t *testing.T, w *kit.World) {
	t.Helper()
	state := w.Sim.State()
	if len(state.Applications) != 1 || len(state.Principals) != 1 || len(state.Jobs) != 1 || state.DeletedItems != 0 {
		t.Fatalf("Entra has %d applications, %d service principals, %d jobs and %d deleted objects; want one of each, and none deleted",
			len(state.Applications), len(state.Principals), len(state.Jobs), state.DeletedItems)
	}
	job := state.Jobs[0]
	if job.Schedule != "Active" || job.Starts != 1 || job.Restarts != 0 || job.SchemaWrites != 1 {
		t.Errorf("the job is %s after %d starts, %d restarts and %d schema writes; want Active after one start, no restart and one write",
			job.Schedule, job.Starts, job.Restarts, job.SchemaWrites)
	}
	if len(job.LostSchemaMembers) > 0 {
		t.Errorf("the schema lost %v", job.LostSchemaMembers)
	}
	app := state.Applications[0]
	tags, _ := app.Tags.([]any)
	if app.DisplayName != "Wiki" || !slices.Contains(tags, any("scim-operator/platform-eu/"+w.Namespace+"/wiki")) {
		t.Errorf("the application is called %q with tags %v", app.DisplayName, app.Tags)
	}
	var principals []string
	for _, a := range state.Assignments {
		principals = append(principals, a.Principal)
	}
	slices.Sort(principals)
	if !slices.Equal(principals, []string{"Wiki Editors", "Wiki Readers"}) {
		t.Errorf("assigned are %v", principals)
	}
}
