package tenant

import (
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// Group returns a group by object ID.
func (t *Tenant) Group(id string, fresh bool) (*directory.Group, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.groups.live(strings.ToLower(id))
	if rec == nil || !fresh && !t.readable(rec.created) {
		return nil, NotFound(id)
	}
	return rec.value.Clone(), nil
}

// GroupByName returns a group by object ID or, for the admin API, by display name; a name that two groups bear is refused.
func (t *Tenant) GroupByName(idOrName string) (*directory.Group, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findGroup(idOrName)
	if err != nil {
		return nil, err
	}
	return rec.value.Clone(), nil
}

func (t *Tenant) findGroup(idOrName string) (*record[*directory.Group], error) {
	if rec := t.groups.live(strings.ToLower(idOrName)); rec != nil {
		return rec, nil
	}
	var found []*record[*directory.Group]
	t.groups.each(false, func(rec *record[*directory.Group]) {
		if rec.value.DisplayName == idOrName {
			found = append(found, rec)
		}
	})
	switch len(found) {
	case 0:
		return nil, NotFound(idOrName)
	case 1:
		return found[0], nil
	default:
		return nil, BadRequest("%d groups are named %q: use the object ID.", len(found), idOrName)
	}
}

// Groups returns all groups that are not deleted. They are not to be changed, as with Users.
func (t *Tenant) Groups() []*directory.Group {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*directory.Group
	t.groups.each(false, func(rec *record[*directory.Group]) {
		if t.listed(rec.created) {
			out = append(out, rec.value)
		}
	})
	return out
}

// ListGroups goes through all groups, as ListUsers does.
func (t *Tenant) ListGroups() iter.Seq[func() Object] {
	return listed(t, &t.groups, func(rec *record[*directory.Group]) Object { return RenderGroup(rec.value, rec.created) })
}

// AddGroup makes a group with these owners and returns its object ID, which is made up when g has none.
func (t *Tenant) AddGroup(g *directory.Group, owners []string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g = g.Clone()
	if g.DisplayName == "" {
		return "", BadRequest("A group needs a displayName.")
	}
	if g.ID == "" {
		g.ID = uuid.NewString()
	}
	if t.groups.byID[g.ID] != nil {
		return "", BadRequest("Another object with the same value for property id already exists.")
	}
	if err := t.checkOwners(owners); err != nil {
		return "", err
	}
	for _, m := range g.Members {
		if t.users.live(m) == nil && t.groups.live(m) == nil {
			return "", NotFound(m)
		}
	}
	ix := t.indexed()
	t.groups.add(g.ID, g, t.clock.Now(), t.note(g.ID)).owners = owners
	ix.join(g.ID, g.Members, nil)
	return g.ID, nil
}

// PatchGroup changes the named properties of a group; a null clears one.
func (t *Tenant) PatchGroup(idOrName string, patch []byte) (*directory.Group, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findGroup(idOrName)
	if err != nil {
		return nil, err
	}
	changed := rec.value.Clone()
	if err := merge(changed, patch); err != nil {
		return nil, err
	}
	if changed.ID != rec.id || changed.DisplayName == "" {
		return nil, BadRequest("Property 'id' is read-only and 'displayName' cannot be empty.")
	}
	t.setGroup(rec, changed)
	return changed.Clone(), nil
}

// DeleteGroup deletes a group; security groups cannot be restored.
func (t *Tenant) DeleteGroup(idOrName string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findGroup(idOrName)
	if err != nil {
		return err
	}
	t.note(rec.id)
	t.dropAssignmentsOf(rec.id)
	t.indexed().join(rec.id, nil, rec.value.Members)
	t.groups.purge(rec.id)
	return nil
}

// AddMember puts a user (object ID or userPrincipalName) or a group (object ID) into a group.
func (t *Tenant) AddMember(group, member string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, id, err := t.membership(group, member)
	if err != nil {
		return err
	}
	if slices.Contains(rec.value.Members, id) {
		return BadRequest("One or more added object references already exist for the following modified properties: 'members'.")
	}
	t.setMembers(rec, append(rec.value.Members, id))
	return nil
}

// RemoveMember takes a user or a group out of a group.
func (t *Tenant) RemoveMember(group, member string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, id, err := t.membership(group, member)
	if err != nil {
		return err
	}
	if !slices.Contains(rec.value.Members, id) {
		return NotFound(member)
	}
	t.setMembers(rec, without(rec.value.Members, id))
	return nil
}

func (t *Tenant) membership(group, member string) (*record[*directory.Group], string, error) {
	rec, err := t.findGroup(group)
	if err != nil {
		return nil, "", err
	}
	if user := t.findUser(member); user != nil {
		return rec, user.id, nil
	}
	if nested := t.groups.live(member); nested != nil {
		return rec, nested.id, nil
	}
	return nil, "", NotFound(member)
}

// Members returns the members of a group as Graph objects, users and nested groups: the direct ones, or those of nested
// groups as well, each once.
func (t *Tenant) Members(id string, transitive bool) ([]Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.groups.live(id)
	if rec == nil || !t.readable(rec.created) {
		return nil, NotFound(id)
	}
	var out []Object
	seen := map[string]bool{}
	var visit func(*directory.Group)
	visit = func(g *directory.Group) {
		for _, m := range g.Members {
			if seen[m] {
				continue
			}
			seen[m] = true
			if user := t.users.live(m); user != nil {
				out = append(out, t.typed(m))
			} else if nested := t.groups.live(m); nested != nil {
				out = append(out, t.typed(m))
				if transitive {
					visit(nested.value)
				}
			}
		}
	}
	visit(rec.value)
	return out, nil
}

// typed shows a user or group among objects of several kinds.
func (t *Tenant) typed(id string) Object {
	if group := t.groups.live(id); group != nil {
		o := RenderGroup(group.value, group.created)
		o["@odata.type"] = "#microsoft.graph.group"
		return o
	}
	return t.directoryObject(id)
}

// MemberOf returns the groups that a user or group is a member of: directly, or through nested groups as well.
func (t *Tenant) MemberOf(key string, transitive bool) ([]Object, error) {
	id := t.PrincipalID(key)
	t.mu.Lock()
	defer t.mu.Unlock()
	if id == "" {
		return nil, NotFound(key)
	}
	out, seen := []Object{}, map[string]bool{}
	for wave := []string{id}; len(wave) > 0; {
		var next []string
		t.groups.each(false, func(rec *record[*directory.Group]) {
			holds := func(m string) bool { return slices.Contains(wave, m) }
			if !seen[rec.id] && slices.ContainsFunc(rec.value.Members, holds) {
				seen[rec.id] = true
				out, next = append(out, t.typed(rec.id)), append(next, rec.id)
			}
		})
		if wave = next; !transitive {
			break
		}
	}
	return out, nil
}
