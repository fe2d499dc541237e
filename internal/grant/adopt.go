package grant

import (
	"slices"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// adoption allows an application to be taken up by the one ScimApp that a grant names for it.
func (c checker) adoption(servicePrincipalID, app string) []Denial {
	wanted := v1alpha1.AdoptGrant{ServicePrincipalID: v1alpha1.ObjectID(servicePrincipalID), App: app}
	if servicePrincipalID == "" || slices.ContainsFunc(c.grants, func(g v1alpha1.Grant) bool { return slices.Contains(g.Adopt, wanted) }) {
		return nil
	}
	return []Denial{c.denial("spec.application.servicePrincipalID", "application "+servicePrincipalID+" would be taken up by ScimApp "+app,
		"adopt", "does not name the two together", "let the operator make an application with creationPolicy: Create")}
}
