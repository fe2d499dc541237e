package tenant

import (
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// RenderGroup shows a group as Graph's resource group, with the properties that Graph shows when nothing is selected.
func RenderGroup(g *directory.Group, created time.Time) Object {
	return Object{
		"id": g.ID, "displayName": g.DisplayName, "description": orNull(g.Description), "mail": orNull(g.Mail),
		"mailNickname": orDefault(g.MailNickname, g.ID[:8]), "mailEnabled": g.MailEnabled, "securityEnabled": g.Security(),
		"groupTypes": list(g.GroupTypes), "proxyAddresses": []any{}, "createdDateTime": timestamp(created),
		"deletedDateTime": nil, "visibility": nil, "isAssignableToRole": nil, "classification": nil, "expirationDateTime": nil,
		"membershipRule": nil, "membershipRuleProcessingState": nil, "preferredDataLocation": nil, "preferredLanguage": nil,
		"renewedDateTime": timestamp(created), "resourceBehaviorOptions": []any{}, "resourceProvisioningOptions": []any{}, "theme": nil,
		"onPremisesDomainName": nil, "onPremisesLastSyncDateTime": nil, "onPremisesNetBiosName": nil, "onPremisesSamAccountName": nil,
		"onPremisesSecurityIdentifier": nil, "onPremisesSyncEnabled": nil, "onPremisesProvisioningErrors": []any{},
	}
}

// RenderGroups shows groups as Graph's resource group.
func (t *Tenant) RenderGroups(groups []*directory.Group) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Object, 0, len(groups))
	for _, g := range groups {
		var created time.Time
		if rec := t.groups.byID[g.ID]; rec != nil {
			created = rec.created
		}
		out = append(out, RenderGroup(g, created))
	}
	return out
}
