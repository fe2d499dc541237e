package tenant

import (
	"strings"

	"github.com/google/uuid"
)

// keptAudits bounds the audit log; the oldest entries go first.
const keptAudits = 20000

// Activity is a change of a provisioning configuration, for the directory's audit log.
type Activity struct {
	Name, Kind      string // activityDisplayName and operationType
	AppID, Caller   string // who did it; both empty: the service itself
	Principal, Job  string // what it was done to
	Reason, Outcome string // resultReason; Outcome is success when empty
}

// Audit writes an activity down.
func (t *Tenant) Audit(a Activity) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.audit(a)
}

func (t *Tenant) audit(a Activity) {
	app := Object{"appId": orNull(a.AppID), "displayName": "Azure AD Provisioning Service", "servicePrincipalId": orNull(a.Caller),
		"servicePrincipalName": nil}
	if a.Caller != "" {
		app["displayName"] = t.principalName(a.Caller)
	}
	target, name := a.Principal, ""
	if sp := t.find(ServicePrincipal, a.Principal); sp != nil {
		target, name = sp.id, t.principalName(sp.id)
	}
	details := []any{Object{"key": "tenantId", "value": t.id}}
	if a.Job != "" {
		details = append(details, Object{"key": "jobId", "value": a.Job})
	}
	t.audits = append(t.audits, Object{
		"id": "Sync_" + strings.ToUpper(uuid.NewString()[:8]) + "_" + uuid.NewString(), "category": "ProvisioningManagement",
		"correlationId": uuid.NewString(), "result": orDefault(a.Outcome, "success"), "resultReason": a.Reason,
		"activityDisplayName": a.Name, "activityDateTime": timestamp(t.clock.Now()), "loggedByService": "Account Provisioning",
		"operationType": a.Kind, "initiatedBy": Object{"user": nil, "app": app},
		"targetResources": []any{Object{"id": target, "displayName": name, "type": "ServicePrincipal", "userPrincipalName": nil,
			"groupType": nil, "modifiedProperties": []any{}}},
		"additionalDetails": details,
	})
	if over := len(t.audits) - keptAudits; over > 0 {
		t.audits = t.audits[over:]
	}
}

// Audits returns the audit log as it can be read now, oldest entry first.
func (t *Tenant) Audits() []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visible(t.audits)
}
