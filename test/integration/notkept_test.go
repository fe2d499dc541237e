package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim"
)

// TestWhatEntraDoesNotKeepIsNotWrittenOverAndOver: each write starts a full cycle, so that a write at each look would be a
// job that never gets anywhere.
func TestWhatEntraDoesNotKeepIsNotWrittenOverAndOver(t *testing.T) {
	t.Parallel()
	w, _ := steady(t)
	if _, err := w.Sim.AddFault(entrasim.Fault{Operation: "putSchema", Status: 204, Count: -1}); err != nil {
		t.Fatal(err)
	}
	before := w.Sim.JournalCounts(0).Last
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) { attribute(s, "name.formatted").Expression = "[displayName]" })
	message := w.ExpectStalled(t, v1alpha1.ReasonMappingsNotKept)
	for _, part := range []string{"name.formatted", "[displayName]"} {
		if !strings.Contains(message, part) {
			t.Errorf("the message does not name %s: %s", part, message)
		}
	}
	w.Pass(t, 30*time.Minute)
	w.Look(t)
	if n := w.Sim.JournalCounts(before).ByOperation["putSchema"]; n != 1 {
		t.Fatalf("the schema was written %d times", n)
	}
	w.Sim.ClearFaults()
	w.ChangeUsers(t, func(s *v1alpha1.AttributeMappingSpec) {
		attribute(s, "name.formatted").Expression = "[surname]"
	})
	w.ExpectReady(t)
	if n := w.Sim.JournalCounts(before).ByOperation["putSchema"]; n != 2 {
		t.Errorf("the schema was written %d times in all", n)
	}
}
