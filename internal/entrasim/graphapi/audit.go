package graphapi

import "github.com/scim-operator/scim-operator/internal/entrasim/tenant"

// audits are the changes of a provisioning configuration that the directory's audit log tells of. The activities of
// deletions and resets are not among the published ones: unconfirmed(audit-activities).
var audits = map[string]struct{ activity, kind string }{
	"createJob":    {"Add provisioning configuration", "Add"},
	"deleteJob":    {"Delete provisioning configuration", "Delete"},
	"putSecrets":   {"Update provisioning setting or credentials", "Update"},
	"startJob":     {"Enable/start provisioning configuration", "Update"},
	"pauseJob":     {"Disable/pause provisioning configuration", "Update"},
	"restartJob":   {"Enable/restart provisioning configuration", "Update"},
	"putSchema":    {"Update attribute mappings or scope", "Update"},
	"deleteSchema": {"Update attribute mappings or scope", "Update"},
}

// audit tells the audit log of a change that took effect.
func (c *call) audit() {
	if a, told := audits[c.operation]; told {
		c.api.tenant.Audit(tenant.Activity{Name: a.activity, Kind: a.kind, AppID: c.claims.AppID, Caller: c.claims.PrincipalID,
			Principal: c.param("id"), Job: c.param("job")})
	}
}
