package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
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
	c := &cycle{in: in, initial: true, onDemand: true, outcome: map[string]outcome{}}
	c.result = &Result{Began: in.Now(), TotalByType: map[string]int{}}
	if err := c.runOnDemand(ctx, subject); err != nil {
		c.result.Failure = c.failure(err)
	}
	c.result.Ended = in.Now()
	return c.result
}

func (c *cycle) runOnDemand(ctx context.Context, subject Subject) error {
	if err := c.prepare(); err != nil {
		return err
	}
	c.endpoint.rfc = false
	if c.users != nil {
		c.users.flows = slices.DeleteFunc(c.users.flows, func(f flow) bool { return f.node != nil && f.node.RoleFunction() != "" })
	}
	if p := c.planFor(subject.Group); p == nil || !p.mapping.Enabled {
		return &Failure{Code: "EntryNotFound", Message: "The object mapping is disabled or has no such object."}
	}
	d, err := c.decide(item{id: subject.ID, group: subject.Group})
	if err != nil {
		return err
	}
	if err := c.carryOutOnDemand(ctx, &d, subject); err != nil {
		code, reason := inWords(err)
		c.log(&d, failedAction(d.verb), StatusFailure, code, reason, nil)
	}
	return nil
}

// inWords are the code and the reason that the log gives for a failure.
func inWords(err error) (code, reason string) {
	if refused, ok := errors.AsType[*scimError](err); ok {
		return strings.TrimSpace(refused.Code), refused.Message
	}
	return "AttributeEvaluationFailed", err.Error()
}

func (c *cycle) carryOutOnDemand(ctx context.Context, d *decision, subject Subject) error {
	active := d.standing.enabled && !d.standing.deleted
	if d.verb == doNothing || d.verb == doRelease || d.verb == doForget || d.verb == doDisable && !active {
		c.log(d, ActionOther, StatusSkipped, "NotEffectivelyEntitled", "the object is not assigned, or not active in the directory", nil)
		return nil
	}
	if err := c.carryOut(ctx, d); err != nil {
		return err
	}
	link := c.link(d.id)
	if link == nil || !d.standing.entitled() {
		return nil
	}
	if !subject.Group {
		if c.users.reference("manager") == nil {
			return nil
		}
		return c.manager(ctx, d, link)
	}
	return c.chosenMembers(ctx, d, link, subject.Members)
}

// chosenMembers writes the named members that belong to the group and are provisioned; others are passed over.
func (c *cycle) chosenMembers(ctx context.Context, d *decision, link *Link, chosen []string) error {
	var add, targets []string
	for _, m := range chosen {
		if target := c.link(m); slices.Contains(d.members, m) && target != nil && c.entitled(m) {
			add, targets = append(add, m), append(targets, target.TargetID)
		}
	}
	if len(add) == 0 || c.groups.reference("members") == nil {
		return nil
	}
	link.Unsettled = true
	if err := c.sendMembers(ctx, link, add, false); err != nil {
		return err
	}
	c.log(d, ActionUpdate, StatusSuccess, "", "", []Change{{Attribute: "members", New: strings.Join(targets, ", ")}})
	return nil
}
