package integration

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/test/kit"
)

func TestNothingIsWrittenWithoutAChange(t *testing.T) {
	t.Parallel()
	w, o := steady(t)
	o.Kill()
	before := w.Sim.JournalCounts(0).Last
	version := w.App(t).ResourceVersion

	restarted := &kit.Operator{}
	w.AwaitFullPass(t, func() { restarted = w.StartOperator(t, kit.Crash{}) })
	expectQuiet(t, "after a restart", w, restarted, before)
	if now := w.App(t).ResourceVersion; now != version {
		t.Errorf("the ScimApp went from version %s to %s", version, now)
	}

	w.Look(t)
	w.Look(t)
	expectQuiet(t, "in passes that an annotation asked for", w, restarted, before)
}

// expectQuiet looks whether the operator wrote anything, but for Events and its Lease.
func expectQuiet(t *testing.T, when string, w *kit.World, o *kit.Operator, before int) {
	t.Helper()
	if len(o.Calls()) == 0 {
		t.Fatalf("%s the operator made no call at all", when)
	}
	if diff := cmp.Diff([]kit.Call(nil), o.Writes()); diff != "" {
		t.Errorf("%s the operator wrote (-want +got):\n%s", when, diff)
	}
	if counts := w.Sim.JournalCounts(before); counts.Writes != 0 {
		t.Errorf("%s Entra was written to: %v", when, counts.ByOperation)
	}
}
