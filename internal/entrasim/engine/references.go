package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// references writes managers, then members. A reference is written only when both ends are provisioned at this moment; one
// that comes into scope later is not looked at again until an initial cycle.
func (c *cycle) references(ctx context.Context, plan *planned) error {
	if err := c.renew(); err != nil {
		return err
	}
	if p := c.users; p != nil && p.mapping.Enabled && p.mapping.Flows("Update") && p.reference("manager") != nil {
		if err := c.each(ctx, c.referring, c.refer(c.manager)); err != nil {
			return err
		}
	}
	if p := c.groups; p != nil && p.mapping.Enabled && p.mapping.Flows("Update") && p.reference("members") != nil {
		return c.each(ctx, slices.Concat(plan.groups.updates, plan.groups.arrivals), c.refer(c.membership))
	}
	return nil
}

// refer writes the references of an object that is provisioned.
func (c *cycle) refer(write func(context.Context, *decision, *Link) error) func(context.Context, item) error {
	return func(ctx context.Context, it item) error {
		d, err := c.decide(it)
		if err != nil {
			return err
		}
		link := c.link(it.id)
		if link == nil || !d.standing.entitled() || c.hasFailed(it.id) {
			return nil
		}
		if err := write(ctx, &d, link); err != nil {
			if fatal(ctx, err) {
				return err
			}
			c.escrow(&d, err, true)
		}
		return nil
	}
}

func (c *cycle) manager(ctx context.Context, d *decision, link *Link) error {
	wanted := d.user.Manager
	if wanted == link.SeenManager && !c.initial {
		return nil
	}
	c.mu.Lock()
	c.result.Counts.ImportedReferenceDeltas++
	c.mu.Unlock()
	boss := c.link(wanted)
	// A manager who was removed is not cleared: no empty values flow.
	if wanted == "" || wanted == link.Manager || boss == nil || !c.entitled(wanted) {
		link.SeenManager = wanted
		return nil
	}
	op := c.managerOperation(c.users.reference("manager").mapping.TargetAttributeName, boss.TargetID)
	if err := c.patch(ctx, "Users", link.TargetID, op); err != nil {
		return err
	}
	link.SeenManager, link.Manager = wanted, wanted
	c.mark(d.id, updated)
	c.log(d, ActionUpdate, StatusSuccess, "", "", []Change{{Attribute: "manager", New: boss.TargetID}},
		referenceStep(StatusSuccess, "The manager was written"))
	return nil
}

// managerOperation: the default dialect adds a list to the bare name.
func (c *cycle) managerOperation(target, id string) map[string]any {
	if c.endpoint.rfc && !c.in.Switches.ManagerList {
		return map[string]any{"op": "add", "path": target, "value": id}
	}
	name, kind := target[strings.LastIndexByte(target, ':')+1:], "Add"
	if c.endpoint.rfc {
		kind = "add"
	}
	return map[string]any{"op": kind, "path": name,
		"value": []any{map[string]any{"$ref": c.endpoint.url("Users", id, ""), "value": id}}}
}

// membership writes who joined and who left. Only users are members; members out of scope are passed over silently.
func (c *cycle) membership(ctx context.Context, d *decision, link *Link) error {
	joined, left := c.joinedAndLeft(d, link)
	var add []string
	for _, m := range joined {
		if !link.Told[m] && c.link(m) != nil && c.entitled(m) {
			add = append(add, m)
		}
	}
	c.mu.Lock()
	c.result.Counts.ImportedReferenceDeltas += len(joined) + len(left)
	c.mu.Unlock()
	link.Unsettled = true
	if err := c.sendMembers(ctx, link, add, false); err != nil {
		return err
	}
	remove := slices.DeleteFunc(left, func(m string) bool {
		if c.link(m) == nil {
			delete(link.Told, m) // deleted in the target, which took the membership with it
			return true
		}
		return false
	})
	if err := c.sendMembers(ctx, link, remove, true); err != nil {
		return err
	}
	link.SeenMembers, link.Unsettled = d.members, false
	if len(add)+len(remove) == 0 {
		return nil
	}
	c.mark(d.id, updated)
	steps := []Step{referenceStep(StatusSuccess, "The members were written")}
	if passed := len(joined) - len(add); passed > 0 {
		steps = append(steps, referenceStep(StatusSkipped, fmt.Sprintf("%d members are not in scope", passed)))
	}
	c.log(d, ActionUpdate, StatusSuccess, "", "", []Change{{Attribute: "members", Old: named(remove), New: named(add)}}, steps...)
	return nil
}

// named lists members for the log, which does not hold all of a large group.
func named(members []string) string {
	const most = 100
	if len(members) > most {
		return strings.Join(members[:most], ", ") + fmt.Sprintf(" and %d more", len(members)-most)
	}
	return strings.Join(members, ", ")
}

// joinedAndLeft are the members that may have to be added, and those that the endpoint knows and that are none any more. An
// initial cycle looks at all of them, any other at what changed.
func (c *cycle) joinedAndLeft(d *decision, link *Link) (joined, left []string) {
	joined, gone := JoinedAndLeft(link.SeenMembers, d.members)
	if c.initial {
		joined = slices.Clone(d.members)
	}
	deleted := c.deleted
	if c.initial || link.Unsettled {
		gone = missing(sortedKeys(link.Told), d.members)
		deleted = c.softDeleted(link)
	}
	if !c.in.Switches.KeepDeletedMembers {
		gone = slices.Concat(gone, missing(deleted, gone))
	}
	for _, m := range gone {
		if link.Told[m] {
			left = append(left, m)
		}
	}
	return joined, left
}

// softDeleted are the members known to the endpoint who are soft-deleted in the directory.
func (c *cycle) softDeleted(link *Link) []string {
	var out []string
	for _, m := range sortedKeys(link.Told) {
		if person, ok := c.in.Source.User(m); ok && person.SoftDeleted {
			out = append(out, m)
		}
	}
	return out
}

// sendMembers writes members in as many requests as it takes; they go out side by side, also to one group.
func (c *cycle) sendMembers(ctx context.Context, link *Link, members []string, leave bool) error {
	size := c.in.Switches.MembersPerPatch
	if size <= 0 {
		size = max(len(members), 1)
	}
	chunks := slices.Collect(slices.Chunk(members, size))
	items := make([]item, len(chunks))
	for i := range items {
		items[i].lane = uint32(i)
	}
	return c.each(ctx, items, func(ctx context.Context, it item) error {
		chunk := chunks[it.lane]
		targets := make([]string, 0, len(chunk))
		for _, m := range chunk {
			targets = append(targets, c.link(m).TargetID)
		}
		if err := c.patch(ctx, "Groups", link.TargetID, memberOperations(targets, leave, c.endpoint.rfc)...); err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if link.Told == nil {
			link.Told = map[string]bool{}
		}
		for _, m := range chunk {
			if leave {
				delete(link.Told, m)
			} else {
				link.Told[m] = true
			}
		}
		return nil
	})
}

// memberValue is how a member goes over the wire.
type memberValue struct {
	Ref   *string `json:"$ref"`
	Value string  `json:"value"`
}

// memberOperations: additions name many members in one operation; removals do so in the default dialect, and name each by a
// filter with the feature flag.
func memberOperations(targets []string, leave, rfc bool) []any {
	if leave && rfc {
		var out []any
		for _, id := range targets {
			out = append(out, map[string]any{"op": "remove", "path": `members[value eq "` + id + `"]`})
		}
		return out
	}
	values := make([]memberValue, 0, len(targets))
	for _, id := range targets {
		values = append(values, memberValue{Value: id})
	}
	name := "Add"
	if leave {
		name = "Remove"
	}
	if rfc {
		name = strings.ToLower(name)
	}
	return []any{map[string]any{"op": name, "path": "members", "value": values}}
}

func (c *cycle) patch(ctx context.Context, resource, id string, operations ...any) error {
	_, err := c.endpoint.do(ctx, http.MethodPatch, c.endpoint.url(resource, id, ""), patchEnvelope(operations))
	return err
}
