package diff

import (
	"slices"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/mark"
)

// tagHidden is the service principal tag that takes the tile out of My Apps.
const tagHidden = "HideApp"

// Application is how an enterprise application should be.
type Application struct {
	DisplayName                string
	Notes                      string // empty leaves the notes alone
	ServiceManagementReference string // empty leaves it alone
	Marker                     string // our tag
	Hidden                     bool
	Roles                      []Role
}

// OfApplication gives what has to be written to the app registration. inUse tells whether a role is assigned to
// anybody. The second result is false when nothing has to be written.
func (want Application) OfApplication(have entra.Application, inUse func(roleID string) bool) (entra.ApplicationPatch, bool) {
	patch := entra.ApplicationPatch{
		DisplayName:                changed(have.DisplayName, want.DisplayName),
		Notes:                      changed(have.Notes, want.Notes),
		ServiceManagementReference: changed(have.ServiceManagementReference, want.ServiceManagementReference),
	}
	if tags := want.marked(have.Tags); !slices.Equal(tags, have.Tags) {
		patch.Tags = tags
	}
	if roles, differ := mergeRoles(have, want.Roles, inUse); differ {
		patch.AppRoles = roles
	}
	return patch, patch.DisplayName != nil || patch.Notes != nil || patch.ServiceManagementReference != nil ||
		patch.Tags != nil || patch.AppRoles != nil
}

// OfServicePrincipal gives what has to be written to the service principal. The second result is false when nothing
// has to be written.
func (want Application) OfServicePrincipal(have entra.ServicePrincipal) (entra.ServicePrincipalPatch, bool) {
	patch := entra.ServicePrincipalPatch{
		DisplayName: changed(have.DisplayName, want.DisplayName),
		Notes:       changed(have.Notes, want.Notes),
	}
	tags := want.marked(have.Tags)
	switch hidden := Hidden(have); {
	case want.Hidden && !hidden:
		tags = append(tags, tagHidden)
	case !want.Hidden && hidden:
		tags = slices.DeleteFunc(tags, func(tag string) bool { return tag == tagHidden })
	}
	if !slices.Equal(tags, have.Tags) {
		patch.Tags = tags
	}
	return patch, patch.DisplayName != nil || patch.Notes != nil || patch.Tags != nil
}

// marked gives the tags with our mark, and without what a deleted ScimApp left.
func (want Application) marked(have []string) []string {
	tags := slices.DeleteFunc(slices.Clone(have), mark.IsKept)
	if !slices.Contains(tags, want.Marker) {
		tags = append(tags, want.Marker)
	}
	return tags
}

// Hidden says whether the application has no tile in My Apps.
func Hidden(have entra.ServicePrincipal) bool { return slices.Contains(have.Tags, tagHidden) }

// Missing gives those of want that have lacks, in order.
func Missing(have, want []string) []string {
	return slices.DeleteFunc(slices.Clone(want), func(id string) bool { return slices.Contains(have, id) })
}

// changed gives the wanted value where it differs. Empty means that the manifest has no opinion.
func changed(have, want string) *string {
	if want == "" || want == have {
		return nil
	}
	return &want
}
