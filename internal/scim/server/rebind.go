package server

import (
	"maps"
	"slices"

	"github.com/scim-operator/scim-operator/internal/scim/resource"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/scimerr"
)

// formerExternalID is where the document of a user whose externalId was cleared keeps it. It is no attribute: nobody can
// write, read or filter it. Without it an account could be given to another person in two steps.
const formerExternalID = "formerExternalId"

// owner is the externalId of the person that an account belongs to, or did last.
func owner(doc map[string]any) string {
	if id, _ := doc["externalId"].(string); id != "" {
		return id
	}
	id, _ := doc[formerExternalID].(string)
	return id
}

// rebinds tells whether a write gives a user the externalId of another person (N-13): a recycled userName matched an old
// account.
func (t target) rebinds(before, after map[string]any) bool {
	now, _ := after["externalId"].(string)
	was := owner(before)
	return t.rt.Name == schema.User && now != "" && was != "" && now != was
}

// checkRebind refuses a rebinding, so that Entra shows it, unless it is allowed.
func (t target) checkRebind(before, after map[string]any) (rebound bool, err error) {
	if rebound = t.rebinds(before, after); rebound && t.c.settings.Rebind != RebindAllow {
		err = scimerr.Conflict("externalId: the account is another person's, and may not become this one's")
	}
	return rebound, err
}

// keepOwner writes down in the new document whose account it was, if that would be lost.
func keepOwner(before, after map[string]any) {
	delete(after, formerExternalID)
	if id, _ := after["externalId"].(string); id == "" && owner(before) != "" {
		after[formerExternalID] = owner(before)
	}
}

// withoutInherited is a document without what another person must not inherit; groups are left with the write itself.
func withoutInherited(doc map[string]any) map[string]any {
	kept := maps.Clone(doc)
	delete(kept, "roles")
	delete(kept, "entitlements")
	return kept
}

// changed are the names of the attributes that differ.
func changed(before, after map[string]any) []string {
	return slices.DeleteFunc(resource.Changed(before, after), func(name string) bool { return name == formerExternalID })
}
