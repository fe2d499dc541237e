package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// perform carries out one decision. What goes wrong with one object is logged and put into escrow; only an error that ends
// the cycle is returned.
func (c *cycle) perform(ctx context.Context, d *decision) error {
	c.done++
	if c.in.Progress != nil {
		c.in.Progress(c.done, c.total)
	}
	err := c.carryOut(ctx, d)
	if err != nil {
		if fatal(ctx, err) {
			return err
		}
		c.escrow(d, err)
		return nil
	}
	delete(c.in.State.Escrows, d.id)
	if d.digest == "" {
		delete(c.in.State.Digests, d.id)
	} else {
		c.in.State.Digests[d.id] = d.digest
	}
	return nil
}

func (c *cycle) carryOut(ctx context.Context, d *decision) error {
	link := c.in.State.Links[d.id]
	switch d.verb {
	case doNothing:
		return nil
	case doSkip:
		c.mark(d.id, skipped)
		c.log(d, ActionOther, StatusSkipped, "NotEffectivelyEntitled", d.reason, nil)
		return nil
	case doForget:
		delete(c.in.State.Links, d.id)
		return nil
	case doRelease:
		link.Managed = false
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

func (c *cycle) planOf(d *decision) *typePlan {
	if d.group {
		return c.groups
	}
	return c.users
}

// provision looks the object up in the target by its matching attributes, lowest precedence first and only until the first
// hit; what is found is linked and updated, what is not found is created.
func (c *cycle) provision(ctx context.Context, d *decision) error {
	p := c.planOf(d)
	asked := false
	for _, m := range matchingMappings(p.mapping) {
		key, err := c.matchingValue(p, m.TargetAttributeName, d)
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
			link := &Link{Group: d.group, TargetID: identifier(found[0]), Managed: true, Told: map[string]bool{}}
			c.in.State.Links[d.id] = link
			return c.update(ctx, d, link, found[0])
		}
	}
	if !asked {
		return &scimError{Code: "MissingValues", Message: "The object has no value for any matching attribute."}
	}
	return c.create(ctx, d)
}

func (c *cycle) matchingValue(p *typePlan, target string, d *decision) (string, error) {
	for i := range p.flows {
		if f := &p.flows[i]; f.mapping.TargetAttributeName == target {
			v, err := f.evaluate(d.source, d.roles, false)
			if err != nil || v == nil || len(v.texts) == 0 {
				return "", err
			}
			return v.texts[0], nil
		}
	}
	return "", nil
}

func (c *cycle) create(ctx context.Context, d *decision) error {
	p := c.planOf(d)
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
	c.in.State.Links[d.id] = &Link{Group: d.group, TargetID: id, Managed: true, Told: map[string]bool{}}
	c.mark(d.id, createdNow)
	c.log(d, ActionCreate, StatusSuccess, "", "", created(values), Step{Name: "EntryExportAdd", Kind: "export",
		Status: StatusSuccess, Description: "'" + d.name + "' was created in the target"})
	return nil
}

// update compares with the target and writes only what differs. resource is nil when it has to be read first.
func (c *cycle) update(ctx context.Context, d *decision, link *Link, resource map[string]any) error {
	values, err := c.planOf(d).evaluate(d.source, d.roles, false)
	if err != nil {
		return err
	}
	operations, err := c.write(ctx, d, link, resource, values)
	if err != nil {
		return err
	}
	link.Managed, link.Disabled = true, !d.standing.entitled()
	if len(operations) == 0 {
		c.mark(d.id, skipped)
		c.log(d, ActionOther, StatusSkipped, "RedundantExport", "The target already has all values.", nil)
		return nil
	}
	c.mark(d.id, updated)
	c.log(d, ActionUpdate, StatusSuccess, "", "", changed(operations), exportStep("EntryExportUpdate", d))
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
	link.Disabled = true
	link.Managed = !d.standing.outOfScope()
	if len(operations) == 0 {
		c.mark(d.id, skipped)
		c.log(d, ActionDisable, StatusSkipped, "RedundantExport", "The account is disabled already.", nil)
		return nil
	}
	c.mark(d.id, disabled)
	c.log(d, ActionDisable, StatusSuccess, "", d.reason, changed(operations), exportStep("EntryExportUpdate", d))
	return nil
}

// write reads the resource unless it is at hand, and sends one PATCH with what differs.
func (c *cycle) write(ctx context.Context, d *decision, link *Link, resource map[string]any, values []value) ([]operation, error) {
	p := c.planOf(d)
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
	_, err := c.endpoint.do(ctx, http.MethodDelete, c.endpoint.url(c.planOf(d).resource, link.TargetID, ""), nil)
	var refused *scimError
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		err = nil
	}
	if err != nil {
		return err
	}
	c.mark(d.id, deleted)
	c.log(d, ActionDelete, StatusSuccess, "", d.reason, nil, exportStep("EntryExportDelete", d))
	delete(c.in.State.Links, d.id)
	return nil
}

func exportStep(name string, d *decision) Step {
	return Step{Name: name, Kind: "export", Status: StatusSuccess, Description: "'" + d.name + "' was written to the target"}
}

// escrow keeps a failed object for later cycles, at growing distance.
func (c *cycle) escrow(d *decision, err error) {
	e := c.in.State.Escrows[d.id]
	if e == nil {
		e = &Escrow{}
		c.in.State.Escrows[d.id] = e
	}
	e.Failures++
	e.RetryAt = c.in.State.Cycles + 1<<min(e.Failures-1, 5)
	c.in.State.Digests[d.id] = d.digest
	code, reason := "AttributeEvaluationFailed", err.Error()
	if refused, ok := errors.AsType[*scimError](err); ok {
		code, reason = refused.Code, refused.Message
	}
	c.mark(d.id, failed)
	c.log(d, failedAction(d.verb), StatusFailure, strings.TrimSpace(code), reason, nil)
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
