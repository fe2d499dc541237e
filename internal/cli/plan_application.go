package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/entra/diff"
	"github.com/scim-operator/scim-operator/internal/provisioning"
)

// wantedApplication is the application as declared, without the mark: this says nothing to who reads a plan.
func wantedApplication(app *v1alpha1.ScimApp, found provisioned) diff.Application {
	return provisioning.Application(app, "", found.principal)
}

// compareApplication tells which properties of the application are not as declared.
func (r *planReport) compareApplication(want diff.Application, found provisioned) {
	registration, principal := found.registration, found.principal
	add := func(property, old, wanted string) {
		if old != wanted {
			c := diff.Change{Setting: property, Old: old, New: wanted}
			r.Properties = append(r.Properties, planSetting(c))
			r.Lines = append(r.Lines, "application "+c.String())
		}
	}
	// Both halves have the first two; Entra shows people the service principal's.
	declared := func(property, wanted string, halves ...string) {
		if wanted == "" { // the manifest has no opinion
			return
		}
		for _, half := range halves {
			if half != wanted {
				add(property, half, wanted)
				return
			}
		}
	}
	declared("displayName", want.DisplayName, principal.DisplayName, registration.DisplayName)
	declared("notes", want.Notes, principal.Notes, registration.Notes)
	declared("serviceManagementReference", want.ServiceManagementReference, registration.ServiceManagementReference)
	visibility := map[bool]v1alpha1.Visibility{true: v1alpha1.VisibilityHidden, false: v1alpha1.VisibilityVisible}
	old := visibility[diff.Hidden(principal)]
	if !found.isThere() {
		old = ""
	}
	add("visibility", string(old), string(visibility[want.Hidden]))
}

// compareOwners tells which declared owners one half of the application does not have.
func (r *planReport) compareOwners(ctx context.Context, d entra.Directory, app *v1alpha1.ScimApp, found provisioned) error {
	var want []string
	for _, id := range provisioning.ApplicationSpec(app).Owners {
		want = append(want, string(id))
	}
	if len(want) == 0 {
		return nil
	}
	missing := want
	if found.isThere() {
		have, err := d.ServicePrincipalOwners(ctx, found.principal.ID)
		if err != nil {
			return err
		}
		missing = diff.Missing(have, want)
		if have, err = d.ApplicationOwners(ctx, found.registration.ID); err != nil {
			return err
		}
		missing = append(missing, diff.Missing(have, want)...)
	}
	slices.Sort(missing)
	if missing = slices.Compact(missing); len(missing) > 0 {
		added := strings.Join(missing, ", ") + " added" // beside those that it has
		r.Properties = append(r.Properties, planSetting{Setting: "owners", New: added})
		r.Lines = append(r.Lines, "application owners: "+added)
	}
	return nil
}
