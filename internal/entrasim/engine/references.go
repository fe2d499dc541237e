package engine

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// references writes managers, then members. A reference is written only when both ends are provisioned at this moment; one
// that comes into scope later is not looked at again until an initial cycle.
func (c *cycle) references(ctx context.Context, plan *planned) error {
	if c.users != nil && c.users.mapping.Enabled {
		if err := c.managers(ctx, plan); err != nil {
			return err
		}
	}
	if c.groups != nil && c.groups.mapping.Enabled {
		return c.memberships(ctx, plan)
	}
	return nil
}

func (c *cycle) managers(ctx context.Context, plan *planned) error {
	f := c.users.reference("manager")
	if f == nil || !c.users.mapping.Flows("Update") {
		return nil
	}
	for i := range plan.users {
		d := &plan.users[i]
		link := c.in.State.Links[d.id]
		if link == nil || d.user == nil || !plan.entitled[d.id] || c.outcome[d.id] == failed {
			continue
		}
		if err := c.manager(ctx, d, link, plan); err != nil {
			if fatal(ctx, err) {
				return err
			}
			c.escrow(d, err)
		}
	}
	return nil
}

func (c *cycle) manager(ctx context.Context, d *decision, link *Link, plan *planned) error {
	wanted := d.user.Manager
	if wanted == link.SeenManager && !c.initial {
		return nil
	}
	c.result.Counts.ImportedReferenceDeltas++
	boss := c.in.State.Links[wanted]
	// A manager who was removed is not cleared: no empty values flow.
	if wanted == "" || wanted == link.Manager || boss == nil || !plan.entitled[wanted] {
		link.SeenManager = wanted
		return nil
	}
	op := managerOperation(c.endpoint, c.users.reference("manager").mapping.TargetAttributeName, boss.TargetID)
	if err := c.patch(ctx, "Users", link.TargetID, op); err != nil {
		return err
	}
	link.SeenManager, link.Manager = wanted, wanted
	c.mark(d.id, updated)
	c.log(d, ActionUpdate, StatusSuccess, "", "", []Change{{Attribute: "manager", New: boss.TargetID}},
		Step{Name: "EntryExportUpdate", Kind: "referenceResolution", Status: StatusSuccess, Description: "The manager was written"})
	return nil
}

// managerOperation: the default dialect adds a list to the bare name; what the feature flag changes here is not published, the
// simulator then (unconfirmed(manager-dialect)) sends the plain identifier to the full path, a form that third parties report.
func managerOperation(e *endpoint, target, id string) map[string]any {
	if e.rfc {
		return map[string]any{"op": "add", "path": target, "value": id}
	}
	name := target[strings.LastIndexByte(target, ':')+1:]
	return map[string]any{"op": "Add", "path": name,
		"value": []any{map[string]any{"$ref": e.url("Users", id, ""), "value": id}}}
}

func (c *cycle) memberships(ctx context.Context, plan *planned) error {
	f := c.groups.reference("members")
	if f == nil || !c.groups.mapping.Flows("Update") {
		return nil
	}
	for i := range plan.groups {
		d := &plan.groups[i]
		link := c.in.State.Links[d.id]
		if link == nil || !d.standing.entitled() || c.outcome[d.id] == failed {
			continue
		}
		if err := c.membership(ctx, d, link, plan); err != nil {
			if fatal(ctx, err) {
				return err
			}
			c.escrow(d, err)
		}
	}
	return nil
}

// membership writes who joined and who left. Only users are members; members out of scope are passed over silently.
func (c *cycle) membership(ctx context.Context, d *decision, link *Link, plan *planned) error {
	var add, remove []string
	for _, m := range d.members {
		fresh := !slices.Contains(link.SeenMembers, m) || c.initial
		if target := c.in.State.Links[m]; fresh && !link.Told[m] && target != nil && plan.entitled[m] {
			add = append(add, m)
		}
	}
	for _, m := range sortedKeys(link.Told) {
		if slices.Contains(d.members, m) {
			continue
		}
		if c.in.State.Links[m] == nil {
			delete(link.Told, m) // deleted in the target, which took the membership with it
			continue
		}
		remove = append(remove, m)
	}
	c.result.Counts.ImportedReferenceDeltas += len(add) + len(remove)
	if err := c.sendMembers(ctx, link, add, false); err != nil {
		return err
	}
	if err := c.sendMembers(ctx, link, remove, true); err != nil {
		return err
	}
	link.SeenMembers = slices.Clone(d.members)
	if len(add)+len(remove) == 0 {
		return nil
	}
	c.mark(d.id, updated)
	c.log(d, ActionUpdate, StatusSuccess, "", "",
		[]Change{{Attribute: "members", Old: strings.Join(remove, ", "), New: strings.Join(add, ", ")}},
		Step{Name: "EntryExportUpdate", Kind: "referenceResolution", Status: StatusSuccess, Description: "The members were written"})
	return nil
}

func (c *cycle) sendMembers(ctx context.Context, link *Link, members []string, leave bool) error {
	size := c.in.Switches.MembersPerPatch
	if size <= 0 {
		size = max(len(members), 1)
	}
	for chunk := range slices.Chunk(members, size) {
		var targets []string
		for _, m := range chunk {
			targets = append(targets, c.in.State.Links[m].TargetID)
		}
		if err := c.patch(ctx, "Groups", link.TargetID, memberOperations(targets, leave, c.endpoint.rfc)...); err != nil {
			return err
		}
		for _, m := range chunk {
			if leave {
				delete(link.Told, m)
			} else {
				link.Told[m] = true
			}
		}
	}
	return nil
}

// memberOperations: additions name many members in one operation; removals do so in the default dialect, and name each by a
// filter with the feature flag.
func memberOperations(targets []string, leave, rfc bool) []map[string]any {
	if leave && rfc {
		var out []map[string]any
		for _, id := range targets {
			out = append(out, map[string]any{"op": "remove", "path": `members[value eq "` + id + `"]`})
		}
		return out
	}
	var values []any
	for _, id := range targets {
		values = append(values, map[string]any{"$ref": nil, "value": id})
	}
	name := "Add"
	if leave {
		name = "Remove"
	}
	if rfc {
		name = strings.ToLower(name)
	}
	return []map[string]any{{"op": name, "path": "members", "value": values}}
}

func (c *cycle) patch(ctx context.Context, resource, id string, operations ...map[string]any) error {
	list := make([]any, len(operations))
	for i, op := range operations {
		list[i] = op
	}
	_, err := c.endpoint.do(ctx, http.MethodPatch, c.endpoint.url(resource, id, ""), patchEnvelope(list))
	return err
}
