package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// perform carries out the decision about one object. What goes wrong with it is logged and put into escrow; only an error that
// ends the cycle is returned.
func (c *cycle) perform(ctx context.Context, it item) error {
	d, err := c.decide(it)
	if err != nil {
		return err
	}
	c.progress()
	if err := c.carryOut(ctx, &d); err != nil {
		if fatal(ctx, err) {
			return err
		}
		c.escrow(&d, err, false)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.in.State.Escrows, d.id)
	delete(c.in.State.Staged, d.id)
	if link := c.in.State.Links[d.id]; link != nil && d.user != nil && d.standing.entitled() && (c.initial || link.SeenManager != d.user.Manager) {
		c.referring = append(c.referring, it)
	}
	return nil
}

func (c *cycle) progress() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if c.in.Progress != nil {
		c.in.Progress(c.done, c.total)
	}
}

func (c *cycle) carryOut(ctx context.Context, d *decision) error {
	link := c.link(d.id)
	c.dress(d)
	switch d.verb {
	case doNothing:
		return nil
	case doSkip:
		c.mark(d.id, skipped)
		c.log(d, ActionOther, StatusSkipped, "NotEffectivelyEntitled", d.reason, nil)
		return nil
	case doForget:
		c.drop(d.id)
		return nil
	case doRelease:
		c.manage(link, false)
		return nil
	case doProvision:
		return c.provision(ctx, d)
	case doUpdate:
		return c.update(ctx, d, link, nil)
	case doDisable:
		return c.disable(ctx, d, link)
	case doDelete:
		return c.remove(ctx, d, link)
	default:
		return fmt.Errorf("unknown verb %d", d.verb)
	}
}

// provision looks the object up in the target by its matching attributes, lowest precedence first and only until the first
// hit; what is found is linked and updated, what is not found is created.
func (c *cycle) provision(ctx context.Context, d *decision) error {
	p := c.planFor(d.group)
	asked := false
	for _, m := range matchingMappings(p.mapping) {
		key, err := p.matchingValue(m.TargetAttributeName, d)
		if err != nil {
			return err
		}
		if key == "" {
			continue
		}
		asked = true
		found, err := c.endpoint.search(ctx, p.resource, m.TargetAttributeName, key)
		if err != nil {
			return err
		}
		if len(found) > 1 {
			return &scimError{Status: http.StatusOK, Code: codePrefix + "DuplicateTargetEntries",
				Message: fmt.Sprintf("%d resources match %s %q.", len(found), m.TargetAttributeName, key)}
		}
		if len(found) == 1 {
			link, undo, err := c.claim(d, identifier(found[0]))
			if err != nil {
				return err
			}
			d.linked = true
			if err = c.update(ctx, d, link, found[0]); err != nil {
				undo()
			}
			return err
		}
	}
	if !asked {
		return &scimError{Code: "MissingValues", Message: "The object has no value for any matching attribute."}
	}
	return c.create(ctx, d)
}

func (c *cycle) create(ctx context.Context, d *decision) error {
	p := c.planFor(d.group)
	values, err := p.evaluate(d.source, d.roles, true)
	if err != nil {
		return err
	}
	made, err := c.endpoint.do(ctx, http.MethodPost, c.endpoint.url(p.resource, "", ""), newResource(p.resource, values))
	if err != nil {
		return err
	}
	id := identifier(made)
	if id == "" {
		return &scimError{Status: http.StatusCreated, Code: codePrefix + "ServiceIncompatible",
			Message: "The answer to POST /" + p.resource + " has no id."}
	}
	c.tie(d, id).Sent = digest(values)
	c.mark(d.id, createdNow)
	c.log(d, ActionCreate, StatusSuccess, "", "", created(values))
	return nil
}

// update compares with the target and writes only what differs. resource is nil when it has to be read first.
func (c *cycle) update(ctx context.Context, d *decision, link *Link, resource map[string]any) error {
	values, err := c.planFor(d.group).evaluate(d.source, d.roles, false)
	if err != nil {
		return err
	}
	sent := digest(values)
	// Before it is sent: what is sent may take effect though no answer comes, and then somebody has to be disabled again.
	c.manage(link, true)
	link.Disabled = link.Disabled && !d.standing.entitled()
	var operations []operation
	if !c.in.Switches.RememberExports || sent != link.Sent {
		if operations, err = c.write(ctx, d, link, resource, values); err != nil {
			return err
		}
	}
	link.Disabled, link.Sent = !d.standing.entitled(), sent
	if len(operations) == 0 {
		c.mark(d.id, skipped)
		c.log(d, ActionOther, StatusSkipped, "RedundantExport", "source and target already have the same values", nil)
		return nil
	}
	c.mark(d.id, updated)
	c.log(d, ActionUpdate, StatusSuccess, "", "", changed(operations))
	return nil
}

// disable tells the target that the account is no longer active. Who is no longer assigned, in scope or in the directory
// gets nothing else; a disabled account that stays assigned gets its other changes too.
func (c *cycle) disable(ctx context.Context, d *decision, link *Link) error {
	values, err := c.users.evaluate(d.source, d.roles, false)
	if err != nil {
		return err
	}
	if d.standing.outOfScope() || d.standing.deleted {
		kept := values[:0]
		for _, v := range values {
			if v.flow.usesSoftDelete() {
				kept = append(kept, v)
			}
		}
		values = kept
	}
	operations, err := c.write(ctx, d, link, nil, values)
	if err != nil {
		return err
	}
	link.Disabled, link.Sent = true, 0
	c.manage(link, !d.standing.outOfScope())
	if len(operations) == 0 {
		c.mark(d.id, skipped)
		c.log(d, ActionDisable, StatusSkipped, "RedundantExport", "the account is disabled already", nil)
		return nil
	}
	c.mark(d.id, disabled)
	c.log(d, ActionDisable, StatusSuccess, "", d.reason, changed(operations))
	return nil
}

// write reads the resource unless it is at hand, and sends one PATCH with what differs.
func (c *cycle) write(ctx context.Context, d *decision, link *Link, resource map[string]any, values []value) ([]operation, error) {
	p := c.planFor(d.group)
	if resource == nil {
		query := ""
		if d.group {
			query = "excludedAttributes=members"
		}
		var err error
		if resource, err = c.endpoint.do(ctx, http.MethodGet, c.endpoint.url(p.resource, link.TargetID, query), nil); err != nil {
			return nil, err
		}
	}
	operations := differences(values, resource, c.endpoint.rfc)
	if len(operations) == 0 {
		return nil, nil
	}
	_, err := c.endpoint.do(ctx, http.MethodPatch, c.endpoint.url(p.resource, link.TargetID, ""),
		patchBody(operations, c.endpoint.rfc))
	return operations, err
}

func (c *cycle) remove(ctx context.Context, d *decision, link *Link) error {
	_, err := c.endpoint.do(ctx, http.MethodDelete, c.endpoint.url(c.planFor(d.group).resource, link.TargetID, ""), nil)
	var refused *scimError
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		err = nil
	}
	if err != nil {
		return err
	}
	c.mark(d.id, deleted)
	c.log(d, ActionDelete, StatusSuccess, "", d.reason, nil)
	c.drop(d.id)
	return nil
}

// escrow keeps a failed object for later cycles.
func (c *cycle) escrow(d *decision, err error, reference bool) {
	code, reason := inWords(err)
	c.mark(d.id, failed)
	c.log(d, failedAction(d.verb), StatusFailure, code, reason, nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.State.failed(d.id, reference)
}

func failedAction(v verb) string {
	switch v {
	case doProvision:
		return ActionCreate
	case doDisable:
		return ActionDisable
	case doDelete:
		return ActionDelete
	default:
		return ActionUpdate
	}
}
