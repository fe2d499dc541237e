package provisioning

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
)

// Change is what the operator would do to the settings, the mappings and the job of an application.
type Change struct {
	// Settings are those that Entra shows and that differ.
	Settings []diff.Change
	// Token says that the token is replaced; nil where it stays, or where only Entra could tell.
	Token *diff.Change
	// Mappings are what the manifest changes in the schema, for the operator to say; empty where the caller shows that by itself.
	Mappings []diff.Change
	// Job is what becomes of a job that is not as the manifest wants it.
	Job []diff.Change
}

// Live is what Entra has, and what is known of the endpoint.
type Live struct {
	Secrets entra.Secrets
	Job     entra.Job
	// Address is what Entra would be given; empty leaves the address out of the comparison.
	Address string
	Now     time.Time
}

// Adopts is true for a ScimApp whose application somebody else made.
func Adopts(app *v1alpha1.ScimApp) bool {
	return app.Spec.Application != nil && app.Spec.Application.CreationPolicy == v1alpha1.CreationAdoptOnly
}

// AdoptionPending is true while it is not settled that the ScimApp may change what it takes up.
func AdoptionPending(app *v1alpha1.ScimApp) bool {
	return Adopts(app) && (app.Status.Application == nil || app.Status.Application.AdoptedAt == nil)
}

// Of decides the change.
func Of(app *v1alpha1.ScimApp, live Live) Change {
	want := Settings(app, live.Address, "")
	if live.Address == "" {
		want.BaseAddress = live.Secrets[entra.SecretBaseAddress]
	}
	c := Change{Settings: want.Changes(live.Secrets)}
	if AdoptionPending(app) {
		c.Token = tokenChange(app, len(c.Settings) > 0)
	}
	c.Job = jobChanges(app, live)
	return c
}

// tokenChange: Entra takes the whole set at once, so another setting brings the token along.
func tokenChange(app *v1alpha1.ScimApp, settings bool) *diff.Change {
	const masked = "the one that Entra has, which it shows masked"
	a := app.Spec.Authentication
	switch {
	case a == nil || a.ExistingSecretRef == nil:
		return &diff.Change{Setting: "token", Old: masked, New: "replaced by one that the operator mints"}
	case settings:
		return &diff.Change{Setting: "token", Old: masked, New: "replaced by that of Secret " + a.ExistingSecretRef.Name + ", which may be the same"}
	default:
		return nil
	}
}

func jobChanges(app *v1alpha1.ScimApp, live Live) []diff.Change {
	var out []diff.Change
	running := live.Job.Schedule == entra.ScheduleActive
	switch due := StartDue(app, live.Job, live.Now); {
	case due:
		out = append(out, diff.Change{Setting: "job", Old: string(live.Job.Schedule), New: "started"})
		running = true
	case running && Spec(app).State == v1alpha1.ProvisioningPaused:
		out = append(out, diff.Change{Setting: "job", Old: string(live.Job.Schedule), New: "paused"})
		running = false
	}
	if st := app.Status.Job; st != nil && st.Restart != nil && running && !live.Job.KnowsNobody() {
		out = append(out, diff.Change{Setting: "job", Old: "knows whose account is which", New: "restarted with scope Full, which matches everybody anew: the endpoint's database is another one"})
	}
	return out
}

// NeedsApproval is true where a job that serves people would be led elsewhere, started or paused. Another token for the
// same address needs none: it is written only after Entra has tried it.
func (c Change) NeedsApproval(job entra.Job) bool {
	untouched := job.KnowsNobody() && job.Schedule == entra.ScheduleDisabled
	return !untouched && len(c.Settings)+len(c.Mappings)+len(c.Job) > 0
}

// All are the changes in the order in which they are shown.
func (c Change) All() []diff.Change {
	all := append([]diff.Change{}, c.Settings...)
	if c.Token != nil {
		all = append(all, *c.Token)
	}
	return append(append(all, c.Mappings...), c.Job...)
}

// Digest names exactly these changes of that application, so that an approval covers no others.
func (c Change) Digest(servicePrincipalID string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%q", servicePrincipalID)
	for _, part := range c.All() {
		fmt.Fprintf(&text, "%q%q%q", part.Setting, part.Old, part.New)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])[:16]
}
