package tenant

import (
	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// keptLogs bounds the provisioning log; the oldest entries go first.
const keptLogs = 20000

// writeLog appends a cycle's decisions to the provisioning log. The lock is held by the caller.
func (t *Tenant) writeLog(j *Job, result *engine.Result) {
	for i := range result.Entries {
		t.logs = append(t.logs, t.logEntry(j, j.last.id, &result.Entries[i]))
	}
	if over := len(t.logs) - keptLogs; over > 0 {
		t.logs = t.logs[over:]
	}
}

// logEntry shows a decision as Graph's provisioningObjectSummary.
func (t *Tenant) logEntry(j *Job, cycle string, e *engine.Entry) Object {
	principal := t.principals.byID[j.principal]
	name := ""
	if principal != nil {
		name, _ = principal.value["displayName"].(string)
	}
	sourceDetails := Object{"odatatype": e.SourceType}
	if e.UserPrincipalName != "" {
		sourceDetails["UserPrincipalName"] = e.UserPrincipalName
	}
	return Object{
		"id": uuid.NewString(), "activityDateTime": timestamp(e.At), "tenantId": t.id, "jobId": j.id, "cycleId": cycle,
		"changeId": uuid.NewString(), "provisioningAction": e.Action, "durationInMilliseconds": int(e.Took.Milliseconds()),
		"servicePrincipal": Object{"id": j.principal, "displayName": name},
		"sourceSystem":     Object{"id": syncschema.SourceDirectory, "displayName": syncschema.SourceDirectory, "details": Object{}},
		"targetSystem": Object{"id": syncschema.TargetDirectory, "displayName": syncschema.TargetDirectory,
			"details": Object{"ServicePrincipalId": j.principal, "ServicePrincipalDisplayName": name}},
		"initiatedBy":            Object{"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
		"sourceIdentity":         Object{"id": e.SourceID, "displayName": e.SourceName, "identityType": e.SourceType, "details": sourceDetails},
		"targetIdentity":         Object{"id": e.TargetID, "displayName": "", "identityType": e.TargetType, "details": Object{}},
		"provisioningStatusInfo": Object{"status": e.Status, "errorInformation": errorInformation(e)},
		"provisioningSteps":      steps(e), "modifiedProperties": modified(e),
	}
}

func errorInformation(e *engine.Entry) any {
	if e.Code == "" {
		return nil
	}
	category := "success"
	if e.Status == engine.StatusFailure {
		category = "nonServiceFailure"
	}
	return Object{"errorCode": e.Code, "reason": e.Reason, "additionalDetails": nil, "errorCategory": category,
		"recommendedAction": nil}
}

func steps(e *engine.Entry) []any {
	out := []any{}
	for _, s := range e.Steps {
		details := s.Details
		if details == nil {
			details = Object{}
		}
		out = append(out, Object{"name": s.Name, "provisioningStepType": s.Kind, "status": s.Status,
			"description": s.Description, "details": details})
	}
	return out
}

func modified(e *engine.Entry) []any {
	out := []any{}
	for _, c := range e.Changes {
		out = append(out, Object{"displayName": c.Attribute, "oldValue": orNull(c.Old), "newValue": c.New})
	}
	return out
}

// Logs returns the provisioning log, oldest entry first.
func (t *Tenant) Logs() []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Object, len(t.logs))
	for i, entry := range t.logs {
		out[i] = clone(entry)
	}
	return out
}
