package tenant

import (
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// keptLogs bounds the provisioning log; the oldest entries go first.
const keptLogs = 20000

// writeLog appends the decisions of a run to the provisioning log and returns them as they stand there. The lock is held by
// the caller.
func (t *Tenant) writeLog(j *Job, cycle string, entries []engine.Entry) []Object {
	out := make([]Object, len(entries))
	for i := range entries {
		out[i] = t.logEntry(j, cycle, &entries[i])
	}
	t.logs = append(t.logs, out...)
	if over := len(t.logs) - keptLogs; over > 0 {
		t.logs = t.logs[over:]
	}
	return out
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
		"sourceSystem":     Object{"id": t.options.Schema.Source(), "displayName": t.options.Schema.Source(), "details": Object{}},
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

// logRetention is how long logs are kept for a tenant with a licence.
const logRetention = 30 * 24 * time.Hour

// Logs returns the provisioning log as it can be read now, oldest entry first.
func (t *Tenant) Logs() []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visible(t.logs)
}

// visible are the entries of a log that are not too new to show and not too old to be kept.
func (t *Tenant) visible(log []Object) []Object {
	now, out := t.clock.Now(), []Object{}
	for _, entry := range log {
		text, _ := entry["activityDateTime"].(string)
		at, err := time.Parse(time.RFC3339, text)
		if err == nil && !at.After(now.Add(-t.options.LogLag)) && now.Sub(at) <= logRetention {
			out = append(out, clone(entry))
		}
	}
	return out
}
