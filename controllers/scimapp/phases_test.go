package scimapp

import (
	"slices"
	"testing"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

func TestPhasesNeedOnlyWhatAnEarlierOneProves(t *testing.T) {
	proven := map[string]bool{}
	for _, p := range (&Reconciler{}).Phases() {
		for _, need := range p.Needs {
			if !proven[need] {
				t.Errorf("phase %s needs %s, which no phase before it proves", p.Name, need)
			}
		}
		proven[p.Condition] = true
	}
}

func TestEveryConditionIsProvedByAPhase(t *testing.T) {
	kinds := []string{
		v1alpha1.ConditionAllowed, v1alpha1.ConditionTokenReady, v1alpha1.ConditionEndpointReady, v1alpha1.ConditionApplicationReady,
		v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionMappingsApplied, v1alpha1.ConditionAssignmentsApplied, v1alpha1.ConditionInSync,
		v1alpha1.ConditionJobHealthy,
	}
	left := slices.Clone(kinds)
	for _, p := range (&Reconciler{}).Phases() {
		if p.Condition != "" && !slices.Contains(kinds, p.Condition) {
			t.Errorf("phase %s proves %s, which is no condition of a ScimApp that a phase may set", p.Name, p.Condition)
		}
		left = slices.DeleteFunc(left, func(kind string) bool { return kind == p.Condition })
	}
	if len(left) > 0 {
		t.Errorf("no phase proves %v", left)
	}
}

func TestPhasesAreInTheSafeOrder(t *testing.T) {
	at := map[string]int{}
	table := (&Reconciler{}).Phases()
	for i, p := range table {
		if _, twice := at[p.Name]; twice {
			t.Errorf("two phases are named %s, so logs and metrics cannot tell them apart", p.Name)
		}
		at[p.Name] = i
		if p.Run == nil {
			t.Errorf("phase %s does nothing", p.Name)
		}
	}
	orders := map[string][2]string{
		"nothing is asked of Graph before the grant is checked":        {"principals", "application"},
		"Entra gets no token before the endpoint accepts it":           {"endpoint", "credentials"},
		"the endpoint knows an attribute before the schema names it":   {"endpoint", "mappings"},
		"the job starts when people are assigned":                      {"assignments", "start"},
		"the job starts when the mappings are as declared":             {"mappings", "start"},
		"what the pass did is seen in what it says of the job at last": {"start", "observe"},
	}
	for why, order := range orders {
		if at[order[0]] >= at[order[1]] {
			t.Errorf("%s comes after %s, but %s", order[0], order[1], why)
		}
	}
	if last := table[len(table)-1]; last.Condition != v1alpha1.ConditionJobHealthy {
		t.Errorf("the last phase proves %s: Ready takes its words from the job's", last.Condition)
	}
	start := table[at["start"]]
	for _, kind := range []string{v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionMappingsApplied, v1alpha1.ConditionAssignmentsApplied} {
		if !slices.Contains(start.Needs, kind) {
			t.Errorf("the job may start without %s", kind)
		}
	}
}

// Every phase that touches Graph is held by the grant, directly or through what it needs.
func TestNoPhaseReachesGraphWithoutAGrant(t *testing.T) {
	guarded := map[string]bool{v1alpha1.ConditionAllowed: true}
	for _, p := range (&Reconciler{}).Phases() {
		held := slices.ContainsFunc(p.Needs, func(need string) bool { return guarded[need] })
		if held {
			guarded[p.Condition] = true
		}
		switch p.Name {
		case "mappings-read", "grant", "token", "endpoint": // read manifests, write to the app's namespace
		default:
			if !held {
				t.Errorf("phase %s runs without a grant", p.Name)
			}
		}
	}
}

// A job that a denial has paused must not be started again by the same pass.
func TestTheStartWaitsForEveryGrantCheck(t *testing.T) {
	for _, p := range (&Reconciler{}).Phases() {
		if p.Name == "start" && !slices.Contains(p.Needs, v1alpha1.ConditionAllowed) {
			t.Errorf("start needs %v, which lacks %s", p.Needs, v1alpha1.ConditionAllowed)
		}
	}
}
