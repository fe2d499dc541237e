package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/test/kit"
)

// TestAnApplicationThatSomebodyPutInOurWayIsNotTakenUp has a person who may register applications make one under the name
// or with the mark that the operator looks for, and keep it.
func TestAnApplicationThatSomebodyPutInOurWayIsNotTakenUp(t *testing.T) {
	for name, marked := range map[string]bool{"by the creation name": false, "by the mark": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := cluster.NewWorld(t)
			mark := "scim-operator/platform-eu/" + w.Namespace + "/" + kit.AppName
			sum := sha256.Sum256([]byte(mark + "#0"))
			directory := w.Sim.Tenant()
			squatter := directory.Users()[0].ID
			application, _, err := directory.Instantiate(tenant.TemplatePublic, kit.AppName+" ["+hex.EncodeToString(sum[:])[:16]+"]", "", squatter)
			if err != nil {
				t.Fatal(err)
			}
			id := application["id"].(string)
			if marked {
				if err := directory.PatchObject(tenant.Application, id, tenant.Object{"tags": []any{mark}, "displayName": "Wiki"}); err != nil {
					t.Fatal(err)
				}
			}
			before := w.Sim.State().Applications

			w.Apply(t, w.Manifests(t))
			w.StartOperator(t, kit.Crash{})
			message := w.ExpectStalled(t, v1alpha1.ReasonApplicationClaimed)
			if !strings.Contains(message, squatter) || !strings.Contains(message, "spec.application.owners") {
				t.Errorf("the message names neither the owner nor the remedy: %s", message)
			}
			w.Look(t)
			if d := cmp.Diff(before, w.Sim.State().Applications); d != "" {
				t.Errorf("the operator touched what is not its own (-before +after):\n%s", d)
			}

			if err := directory.DeleteObject(tenant.Application, id); err != nil {
				t.Fatal(err)
			}
			w.Look(t)
			w.ExpectReady(t)
			if state := w.Sim.State(); len(state.Applications) != 1 || state.Applications[0].ID == id {
				t.Errorf("Entra has %+v, want one application of the operator's own", state.Applications)
			}
		})
	}
}
