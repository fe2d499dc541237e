package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// Subject is whom an on-demand run is about: a user, or a group with the members that are to be written with it.
type Subject struct {
	ID      string
	Group   bool
	Members []string
}

// OnDemand provisions one object at once, as provisionOnDemand does: the dialect without feature flags whatever the base
// address says, no roles, and nothing about somebody who is disabled in the directory. Of the job's state it changes the
// links only, so that the next cycle looks at the object as if this run had not been.
func OnDemand(ctx context.Context, in Input, subject Subject) *Result {
	if in.State.Links == nil {
		in.State.Links, in.State.Escrows, in.State.Digests = map[string]*Link{}, map[string]*Escrow{}, map[string]string{}
	}
	c := &cycle{in: in, initial: true, outcome: map[string]outcome{}}
	c.result = &Result{Began: in.Now(), TotalByType: map[string]int{}}
	if err := c.onDemand(ctx, subject); err != nil {
		c.result.Failure = c.failure(err)
	}
	c.result.Ended = in.Now()
	return c.result
}

func (c *cycle) onDemand(ctx context.Context, subject Subject) error {
	var err error
	if c.endpoint, err = newEndpoint(c.in.Settings, c.in.Client); err != nil {
		return err
	}
	c.endpoint.rfc = false
	if c.users, err = prepare(c.in.Schema, syncschema.UserSource, "Users"); err != nil {
		return err
	}
	if c.groups, err = prepare(c.in.Schema, syncschema.GroupSource, "Groups"); err != nil {
		return err
	}
	if c.users != nil {
		c.users.flows = slices.DeleteFunc(c.users.flows, func(f flow) bool { return f.node != nil && f.node.RoleFunction() != "" })
	}
	plan, err := c.plan()
	if err != nil {
		return err
	}
	decisions := plan.users
	if subject.Group {
		decisions = plan.groups
	}
	at := slices.IndexFunc(decisions, func(d decision) bool { return d.id == subject.ID })
	if at < 0 {
		return &Failure{Code: "EntryNotFound", Message: "The object mapping is disabled or has no such object."}
	}
	d := &decisions[at]
	linked := c.in.State.Links[d.id] != nil
	if err := c.carryOutOnDemand(ctx, d, subject, plan); err != nil {
		code, reason := "AttributeEvaluationFailed", err.Error()
		if refused, ok := errors.AsType[*scimError](err); ok {
			code, reason = refused.Code, refused.Message
		}
		c.log(d, failedAction(d.verb), StatusFailure, code, reason, nil)
	}
	for i := range c.result.Entries {
		c.result.Entries[i].Steps = stagesOf(c.result.Entries[i], linked)
	}
	return nil
}

func (c *cycle) carryOutOnDemand(ctx context.Context, d *decision, subject Subject, plan *planned) error {
	active := d.standing.enabled && !d.standing.deleted
	if d.verb == doNothing || d.verb == doRelease || d.verb == doForget || d.verb == doDisable && !active {
		reason := "The object is not assigned, or not active in the directory."
		c.log(d, ActionOther, StatusSkipped, "NotEffectivelyEntitled", reason, nil)
		return nil
	}
	if err := c.carryOut(ctx, d); err != nil {
		return err
	}
	link := c.in.State.Links[d.id]
	if link == nil || !d.standing.entitled() {
		return nil
	}
	if !subject.Group {
		if c.users.reference("manager") == nil {
			return nil
		}
		return c.manager(ctx, d, link, plan)
	}
	return c.chosenMembers(ctx, d, link, subject.Members, plan)
}

// chosenMembers writes the named members that belong to the group and are provisioned; others are passed over.
func (c *cycle) chosenMembers(ctx context.Context, d *decision, link *Link, chosen []string, plan *planned) error {
	var add, targets []string
	for _, m := range chosen {
		if target := c.in.State.Links[m]; slices.Contains(d.members, m) && target != nil && plan.entitled[m] {
			add, targets = append(add, m), append(targets, target.TargetID)
		}
	}
	if len(add) == 0 || c.groups.reference("members") == nil {
		return nil
	}
	if err := c.sendMembers(ctx, link, add, false); err != nil {
		return err
	}
	c.log(d, ActionUpdate, StatusSuccess, "", "", []Change{{Attribute: "members", New: strings.Join(targets, ", ")}},
		exportStep("EntryExportUpdate", d))
	return nil
}

// stagesOf puts the stages of matching and processing between scoping and export, in the order in which the service tells
// them.
func stagesOf(e Entry, linked bool) []Step {
	found := "The object was not found in the target"
	if linked || e.Action != ActionCreate {
		found = "The object was found in the target"
	}
	name, status := "EntrySynchronizationUpdate", e.Status
	switch {
	case e.Status == StatusSkipped:
		name = "EntrySynchronizationSkip"
	case e.Action == ActionCreate:
		name = "EntrySynchronizationAdd"
	}
	between := []Step{{Name: "EntryImport", Kind: "matching", Status: StatusSuccess, Description: found}}
	if e.Code == "NotEffectivelyEntitled" {
		between = nil // nobody looks for what is not to be there
	}
	between = append(between, Step{Name: name, Kind: "processing", Status: status, Description: "The values were compared with the target"})
	return slices.Concat(e.Steps[:2], between, e.Steps[2:])
}
