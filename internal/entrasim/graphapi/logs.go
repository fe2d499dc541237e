package graphapi

import (
	"net/http"
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// licensed refuses the logs of a tenant that has not paid for them.
func (c *call) licensed() error {
	if !c.api.options.FreeLicence {
		return nil
	}
	return &tenant.Error{Status: http.StatusForbidden, Code: "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
		Message: "Neither tenant is B2C or tenant doesn't have premium license"}
}

// listLogs answers newest first, as the service does.
func listLogs(c *call) error {
	if err := c.licensed(); err != nil {
		return err
	}
	logs := c.api.tenant.Logs()
	slices.Reverse(logs)
	return c.list(logEntries, "auditLogs/provisioning", logs)
}

func listAudits(c *call) error {
	if err := c.licensed(); err != nil {
		return err
	}
	audits := c.api.tenant.Audits()
	slices.Reverse(audits)
	return c.list(logEntries, "auditLogs/directoryAudits", audits)
}

func getAudit(c *call) error {
	if err := c.licensed(); err != nil {
		return err
	}
	for _, audit := range c.api.tenant.Audits() {
		if audit["id"] == c.param("audit") {
			return c.one(http.StatusOK, "auditLogs/directoryAudits/$entity", audit)
		}
	}
	return tenant.NotFound(c.param("audit"))
}
