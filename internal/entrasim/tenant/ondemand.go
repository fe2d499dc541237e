package tenant

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// BeginOnDemand opens what an on-demand run of a rule works on. It may begin while the job is paused, but not
// while a cycle runs, which owns the state: unconfirmed(on-demand-during-cycle).
func (t *Tenant) BeginOnDemand(principal, id, rule string, subject engine.Subject) (engine.Input, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return engine.Input{}, err
	}
	typed, err := syncschema.Parse(j.schema)
	if err != nil {
		return engine.Input{}, err
	}
	if err := supportsOnDemand(j.schema, rule); err != nil {
		return engine.Input{}, err
	}
	if subject.Group && t.groups.live(subject.ID) == nil || !subject.Group && t.users.live(subject.ID) == nil {
		return engine.Input{}, NotFound(subject.ID)
	}
	if j.running {
		return engine.Input{}, &Error{http.StatusConflict, "Conflict", "A cycle of the job is running."}
	}
	j.running = true
	return t.input(j, typed), nil
}

// supportsOnDemand finds the rule of that id, with or without the suffix that some have, and reads its metadata.
func supportsOnDemand(schema Object, rule string) error {
	rules, _ := schema["synchronizationRules"].([]any)
	for _, r := range rules {
		o, _ := r.(map[string]any)
		id, _ := o["id"].(string)
		bare, _, _ := strings.Cut(rule, "#")
		if id == "" || rule != id && bare != id {
			continue
		}
		metadata, _ := o["metadata"].([]any)
		if slices.ContainsFunc(metadata, func(m any) bool {
			pair, _ := m.(map[string]any)
			return pair["key"] == "supportsProvisionOnDemand" && pair["value"] == "true"
		}) {
			return nil
		}
		return BadRequest("The rule '%s' does not support provisioning on demand.", rule)
	}
	return NotFound(rule)
}

// EndOnDemand books an on-demand run into the provisioning log and returns its entries.
func (t *Tenant) EndOnDemand(id string, result *engine.Result) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.views, id)
	j, err := t.findJob(id)
	if err != nil {
		return nil // the job was deleted while it ran
	}
	j.running = false
	cycle, out := uuid.NewString(), []Object{}
	for _, e := range result.Entries {
		out = append(out, t.renderLog(t.writeLog(j, cycle, e)))
	}
	return out
}

// Connection is a link between a source object and its target, which a client may look at and cut.
func (t *Tenant) Connection(principal, id, objectID string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return nil, err
	}
	link := j.state.Links[objectID]
	if j.running || link == nil {
		return nil, NotFound(objectID)
	}
	kind := syncschema.UserSource
	if link.Group {
		kind = syncschema.GroupSource
	}
	return Object{"objectId": objectID, "sourceAnchor": objectID, "targetAnchor": link.TargetID,
		"displayName": t.principalName(objectID), "objectTypeName": kind}, nil
}

// CutConnection forgets a link. What is not there is no error; a job that is not paused refuses it.
func (t *Tenant) CutConnection(principal, id, objectID string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	if j.schedule == "Active" || j.running {
		return &Error{http.StatusConflict, "Conflict", "The job is active: pause it first."}
	}
	j.state.Drop(objectID)
	return nil
}
