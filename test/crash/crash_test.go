package crash

import (
	"os"
	"slices"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/test/kit"
)

// all is the environment variable that asks for every call. Without it the operator is killed after every write, and
// after each fifth read: a read leaves nothing behind that the write before it has not left.
const all = "CRASH_ALL"

const readStep = 5

// variants are the ways in which an operator ends after a call.
var variants = map[string]struct {
	lostAnswer bool
	// lost is true when the cluster is lost as well, all but the manifests in Git.
	lost bool
}{
	"killed": {},
	"its answer lost, killed after the next write": {lostAnswer: true},
	"killed, and the cluster lost":                 {lost: true},
}

func TestTheOperatorMayBeKilledAfterAnyCall(t *testing.T) {
	calls := record(t)
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			for _, call := range calls {
				t.Run(call.Name, func(t *testing.T) {
					t.Parallel()
					w := cluster.NewWorld(t)
					w.Apply(t, w.Manifests(t))
					operator := w.StartOperator(t, kit.Crash{After: call.Name, LostAnswer: v.lostAnswer})
					w.ReadyOrKilled(t, operator)
					operator.Kill()
					if v.lost {
						w.LoseCluster(t)
						w.Apply(t, w.Manifests(t))
					}
					w.StartOperator(t, kit.Crash{})
					w.ExpectReady(t)
					expectOne(t, w)
				})
			}
		})
	}
}

// record runs the samples once without a crash, and gives the calls until Ready that are to be tried.
func record(t *testing.T) []kit.Call {
	w := cluster.NewWorld(t)
	w.Apply(t, w.Manifests(t))
	operator := w.StartOperator(t, kit.Crash{})
	w.ExpectReady(t)
	operator.Kill()
	expectOne(t, w)
	made := operator.Calls()
	reads, chosen := 0, []kit.Call{}
	for _, call := range made {
		if !call.Write {
			reads++
		}
		if call.Write || os.Getenv(all) != "" || reads%readStep == 0 {
			chosen = append(chosen, call)
		}
	}
	t.Logf("Ready after %d calls, %d of them reads; the operator is killed after %d of them, in %d ways", len(made), reads, len(chosen), len(variants))
	return chosen
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
	principals := []string{}
	for _, a := range state.Assignments {
		principals = append(principals, a.Principal)
	}
	slices.Sort(principals)
	if !slices.Equal(principals, []string{"Wiki Editors", "Wiki Readers"}) {
		t.Errorf("assigned are %v", principals)
	}
	if instantiated := count(w, "instantiate"); instantiated != 1 {
		t.Errorf("an application was asked for %d times", instantiated)
	}
}

func count(w *kit.World, operation string) int {
	return w.Sim.JournalCounts(0).ByOperation[operation]
}

var _ = entrasim.Options{}
