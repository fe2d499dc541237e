package tenant

import (
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// keptLogs bounds the provisioning log; the oldest entries go first.
const keptLogs = 20000

// Decision is an entry of the provisioning log. It becomes a Graph object only when somebody reads it: in that form it takes
// several times the memory. It is never changed.
type Decision struct {
	ID, ChangeID, CycleID, JobID, Principal string

	Entry engine.Entry
}

// logTo returns where a run of a job writes its decisions.
func (t *Tenant) logTo(j *Job, cycle string) func(engine.Entry) {
	return func(e engine.Entry) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.writeLog(j, cycle, e)
	}
}

// writeLog appends a decision to the provisioning log. The lock is held by the caller.
func (t *Tenant) writeLog(j *Job, cycle string, e engine.Entry) *Decision {
	l := &Decision{ID: uuid.NewString(), ChangeID: uuid.NewString(), CycleID: cycle, JobID: j.id, Principal: j.principal, Entry: e}
	t.logs = append(t.logs, l)
	if len(t.logs) > keptLogs+keptLogs/8 {
		t.logs = append([]*Decision(nil), t.logs[len(t.logs)-keptLogs:]...)
	}
	return l
}

func (t *Tenant) renderLog(l *Decision) Object {
	e := &l.Entry
	name := ""
	if principal := t.principals.byID[l.Principal]; principal != nil {
		name, _ = principal.value["displayName"].(string)
	}
	sourceDetails := Object{"odatatype": e.SourceType}
	if e.UserPrincipalName != "" {
		sourceDetails["UserPrincipalName"] = e.UserPrincipalName
	}
	return Object{
		"id": l.ID, "activityDateTime": timestamp(e.At), "tenantId": t.id, "jobId": l.JobID, "cycleId": l.CycleID,
		"changeId": l.ChangeID, "provisioningAction": e.Action, "durationInMilliseconds": int(e.Took.Milliseconds()),
		"servicePrincipal": Object{"id": l.Principal, "displayName": name},
		"sourceSystem":     Object{"id": t.options.Schema.Source(), "displayName": engine.SourceName, "details": Object{}},
		"targetSystem": Object{"id": syncschema.TargetDirectory, "displayName": syncschema.TargetDirectory,
			"details": Object{"ServicePrincipalId": l.Principal, "ServicePrincipalDisplayName": name}},
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
	out := []Object{}
	for _, d := range t.decisions() {
		out = append(out, t.renderLog(d))
	}
	return out
}

// Decisions are the entries of Logs before they are Graph objects, of which RenderLog makes one. It is for those who show a
// few of many.
func (t *Tenant) Decisions() []*Decision {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.decisions()
}

// RenderLog shows a decision as Graph's provisioningObjectSummary.
func (t *Tenant) RenderLog(d *Decision) Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.renderLog(d)
}

func (t *Tenant) decisions() []*Decision {
	var out []*Decision
	for _, d := range t.logs {
		if t.legible(d.Entry.At) {
			out = append(out, d)
		}
	}
	return out
}

// legible says of a log entry's time that it is not too new to be shown and not too old to be kept.
func (t *Tenant) legible(at time.Time) bool {
	now := t.clock.Now()
	return !at.After(now.Add(-t.options.LogLag)) && now.Sub(at) <= logRetention
}

// visible are the audits that can be read now.
func (t *Tenant) visible(log []Object) []Object {
	out := []Object{}
	for _, entry := range log {
		text, _ := entry["activityDateTime"].(string)
		if at, err := time.Parse(time.RFC3339, text); err == nil && t.legible(at) {
			out = append(out, clone(entry))
		}
	}
	return out
}
