package graphapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
	"github.com/scim-operator/scim-operator/internal/entrasim/throttle"
)

// cost is what a request counts for. The base costs are Microsoft's for the identity service: 1 for one object or a write,
// 2 for a list, 3 for members, 5 for those of nested groups; $select makes it cheaper, and so does a short page.
func (c *call) cost() throttle.Cost {
	switch {
	case c.operation == "provisionOnDemand":
		return throttle.Cost{Service: throttle.OnDemand}
	case strings.HasPrefix(c.path, "/auditLogs/"):
		return throttle.Cost{Service: throttle.Reports}
	case strings.Contains(c.path, "/synchronization/"):
		return throttle.Cost{Service: throttle.Synchronization}
	case c.operation == operationBatch:
		return throttle.Cost{} // its requests are throttled one by one
	case c.Method != http.MethodGet:
		return throttle.Cost{Service: throttle.Directory, Units: 1, Write: true}
	}
	units := 1
	switch {
	case strings.Contains(c.path, "/transitive"):
		units = 5
	case strings.HasSuffix(c.path, "/members"):
		units = 3
	case c.countable:
		units = 2
	}
	query := c.URL.Query()
	if query.Has("$select") {
		units--
	}
	if top, err := strconv.Atoi(query.Get("$top")); err == nil && top < 20 {
		units--
	}
	return throttle.Cost{Service: throttle.Directory, Units: max(units, 1)}
}

// admit counts a request against the published limits and refuses one that is beyond them.
func (a *API) admit(c *call) error {
	if a.options.Unthrottled {
		return nil
	}
	cost := c.cost()
	verdict := a.throttle.Admit(c.claims.AppID, a.tenant.Size(), cost)
	header := c.w.Header()
	if cost.Units > 0 {
		header.Set("x-ms-resource-unit", strconv.Itoa(cost.Units))
	}
	if verdict.Share >= 0.8 {
		header.Set("x-ms-throttle-limit-percentage", fmt.Sprintf("%.1f", math.Min(verdict.Share, 1.8)))
	}
	if !verdict.Refused() {
		return nil
	}
	header.Set("Retry-After", strconv.Itoa(int(math.Ceil(verdict.RetryAfter.Seconds()))))
	header.Set("x-ms-throttle-scope", "Tenant_Application/ReadWrite/"+c.claims.AppID+"/"+a.tenant.ID())
	header.Set("x-ms-throttle-information", verdict.Information)
	return &tenant.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "Too many requests."}
}
