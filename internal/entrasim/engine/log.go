package engine

import (
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// SourceName is what the log calls the directory.
const SourceName = "Azure Active Directory"

// log writes a decision with its stages. Which stages there are, their names and their order is published; their sentences are
// put together from captures: unconfirmed(log-wording).
func (c *cycle) log(d *decision, action, status, code, reason string, changes []Change, further ...Step) {
	kind, target := syncschema.UserSource, syncschema.UserTarget
	if d.group {
		kind, target = syncschema.GroupSource, syncschema.GroupTarget
	}
	e := Entry{
		SourceID: d.id, SourceName: d.name, SourceType: kind, UserPrincipalName: d.upn, TargetType: target,
		Action: action, Status: status, Code: code, Reason: reason, At: c.in.Now(), Changes: changes,
	}
	e.Took = max(e.At.Sub(d.began), time.Millisecond)
	if link := c.link(d.id); link != nil {
		e.TargetID = link.TargetID
	}
	e.Steps = append(c.steps(d, &e), further...)
	if c.onDemand {
		c.result.Entries = append(c.result.Entries, e)
		return
	}
	c.in.Log(e)
	if status == StatusFailure {
		e.Steps = nil
		c.mu.Lock()
		defer c.mu.Unlock()
		c.result.Failures = append(c.result.Failures, e)
	}
}

// subject is how the log's sentences name an object.
func subject(d *decision) string {
	name := d.upn
	if name == "" {
		name = d.name
	}
	if d.group {
		return syncschema.GroupSource + " '" + name + "'"
	}
	return syncschema.UserSource + " '" + name + "'"
}

// steps are the stages that a decision went through: import, scoping, matching, processing, export.
func (c *cycle) steps(d *decision, e *Entry) []Step {
	steps := []Step{c.importStep(d), c.scopingStep(d)}
	if e.Code == "NotEffectivelyEntitled" || e.Action == ActionStagedDelete {
		if e.Action != ActionStagedDelete {
			steps = append(steps, Step{Name: "EntrySynchronizationSkip", Kind: "processing", Status: StatusSkipped,
				Description: subject(d) + " will be skipped: " + e.Reason, Details: map[string]any{"SkipReason": e.Code}})
		}
		return steps // nobody looks for what is not to be there
	}
	found := d.linked || e.Action != ActionCreate
	steps = append(steps, matchingStep(d, found), processingStep(d, e))
	if e.Status != StatusSkipped {
		steps = append(steps, exportStep(d, e))
	}
	return steps
}

func (c *cycle) importStep(d *decision) Step {
	kind := "Update"
	switch {
	case !d.standing.exists || d.standing.deleted:
		kind = "Delete"
	case !d.linked:
		kind = "Add"
	}
	s := Step{Name: "EntryImport" + kind, Kind: "import", Status: StatusSuccess,
		Description: "Received " + subject(d) + " change of type (" + kind + ") from " + SourceName}
	if c.onDemand {
		s.Name, s.Description = "EntryImport", "Retrieved "+subject(d)+" from "+SourceName
	}
	return s
}

func (c *cycle) scopingStep(d *decision) Step {
	kind := syncschema.UserSource
	if d.group {
		kind = syncschema.GroupSource
	}
	return Step{Name: "EntrySynchronizationScoping", Kind: "scoping", Status: StatusSuccess,
		Description: "Determine if " + kind + " is in scope by evaluating against each scoping filter",
		Details: map[string]any{
			"IsActive": text(d.standing.enabled && !d.standing.deleted), "Assigned": text(d.standing.assigned),
			"IsEffectivelyEntitledForProvisioning": text(d.standing.entitled()),
			"IsInProvisioningScopeDisplayName":     text(d.standing.scoped), "ScopeEvaluationResult": c.scopeResult(d),
		}}
}

func matchingStep(d *decision, found bool) Step {
	s := Step{Name: "EntryImport", Kind: "matching", Status: StatusSuccess,
		Description: "Retrieved " + subject(d) + " from " + syncschema.TargetDirectory}
	if !found {
		s.Description = subject(d) + " was not found in " + syncschema.TargetDirectory
	}
	return s
}

// ways are the words for an action: the suffix of its steps, what will be, what was, and the verb of a failure.
var ways = map[string][4]string{
	ActionCreate:  {"Add", "created", "created", "create"},
	ActionUpdate:  {"Update", "updated", "updated", "update"},
	ActionDisable: {"Update", "disabled", "disabled", "disable"},
	ActionDelete:  {"Delete", "deleted", "deleted", "delete"},
}

func processingStep(d *decision, e *Entry) Step {
	way, known := ways[e.Action]
	if e.Status == StatusSkipped || !known {
		return Step{Name: "EntrySynchronizationSkip", Kind: "processing", Status: StatusSkipped, Description: subject(d) +
			" will be skipped: " + e.Reason, Details: map[string]any{"SkipReason": e.Code}}
	}
	why := "active and assigned in " + SourceName
	switch {
	case e.Action == ActionCreate:
		why += ", but no matching object was found in " + syncschema.TargetDirectory
	case !d.standing.entitled():
		why = "no longer active, assigned and in scope in " + SourceName
	default:
		why += ", and a matching object was found in " + syncschema.TargetDirectory
	}
	return Step{Name: "EntrySynchronization" + way[0], Kind: "processing", Status: StatusSuccess,
		Description: subject(d) + " will be " + way[1] + " in " + syncschema.TargetDirectory + " (it is " + why + ")"}
}

func exportStep(d *decision, e *Entry) Step {
	way := ways[e.Action]
	s := Step{Name: "EntryExport" + way[0], Kind: "export", Status: e.Status,
		Description: subject(d) + " was " + way[2] + " in " + syncschema.TargetDirectory}
	if e.Status == StatusFailure {
		s.Description = "Failed to " + way[3] + " " + subject(d) + " in " + syncschema.TargetDirectory
		s.Details = map[string]any{"ErrorCode": e.Code}
	}
	return s
}

// referenceStep tells of references that were written, or passed over.
func referenceStep(status, sentence string) Step {
	return Step{Name: "EntryExportUpdate", Kind: "referenceResolution", Status: status, Description: sentence}
}
