package tenant

import (
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// User returns a person by object ID or userPrincipalName. Reads by Graph clients lag; the admin API passes fresh.
func (t *Tenant) User(idOrUPN string, fresh bool) (*directory.User, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil || !fresh && !t.readable(rec.created) {
		return nil, NotFound(idOrUPN)
	}
	return rec.value.Clone(), nil
}

func (t *Tenant) findUser(idOrUPN string) *record[*directory.User] {
	if rec := t.users.live(strings.ToLower(idOrUPN)); rec != nil {
		return rec
	}
	return t.users.live(t.indexed().names[directory.FoldUPN(idOrUPN)])
}

// Users returns everybody who is not deleted, in the order of the directory. They are not copied, because there may be many:
// whoever changes a person in the tenant replaces it, and nobody may change one that was returned.
func (t *Tenant) Users() []*directory.User {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*directory.User
	t.users.each(false, func(rec *record[*directory.User]) {
		if t.listed(rec.created) {
			out = append(out, rec.value)
		}
	})
	return out
}

// ListUsers goes through everybody who is not deleted, in the order of the directory, and renders who is asked for as Graph's
// resource user. The tenant is locked while it does.
func (t *Tenant) ListUsers() iter.Seq[func() Object] {
	return listed(t, &t.users, func(rec *record[*directory.User]) Object { return RenderUser(rec.value, rec.created, rec.deleted) })
}

// listed goes through the objects of a registry that are neither deleted nor too new to be listed.
func listed[T any](t *Tenant, all *registry[T], render func(*record[T]) Object) iter.Seq[func() Object] {
	return func(yield func(func() Object) bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, id := range all.order {
			rec := all.byID[id]
			if rec.deleted.IsZero() && t.listed(rec.created) && !yield(func() Object { return render(rec) }) {
				return
			}
		}
	}
}

// AddUser puts a person into the directory and returns the object ID, which is made up when u has none.
func (t *Tenant) AddUser(u *directory.User) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u = u.Clone()
	if u.ID == "" {
		u.ID = uuid.NewString()
	}
	if u.UserPrincipalName == "" || u.DisplayName == "" {
		return "", BadRequest("A user needs displayName and userPrincipalName.")
	}
	if t.users.byID[u.ID] != nil || t.findUser(u.UserPrincipalName) != nil {
		return "", BadRequest("Another object with the same value for property userPrincipalName or id already exists.")
	}
	t.users.add(u.ID, u, t.clock.Now(), t.note(u.ID))
	t.indexed().names[directory.FoldUPN(u.UserPrincipalName)] = u.ID
	return u.ID, nil
}

// PatchUser changes the named properties of a person; a null clears one. The manager may be given by userPrincipalName.
func (t *Tenant) PatchUser(idOrUPN string, patch []byte) (*directory.User, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil {
		return nil, NotFound(idOrUPN)
	}
	changed := rec.value.Clone()
	if err := merge(changed, patch); err != nil {
		return nil, err
	}
	if changed.ID != rec.id {
		return nil, BadRequest("Property 'id' is read-only and cannot be set.")
	}
	if other := t.findUser(changed.UserPrincipalName); other != nil && other.id != rec.id {
		return nil, BadRequest("Another object with the same value for property userPrincipalName already exists.")
	}
	if changed.Manager != "" && changed.Manager != rec.value.Manager {
		manager := t.findUser(changed.Manager)
		if manager == nil {
			return nil, NotFound(changed.Manager)
		}
		changed.Manager = manager.id
	}
	t.setUser(rec, changed)
	return changed.Clone(), nil
}

// Manager returns the manager of a person.
func (t *Tenant) Manager(idOrUPN string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil {
		return nil, NotFound(idOrUPN)
	}
	manager := t.directoryObject(rec.value.Manager)
	if manager == nil {
		return nil, NotFound("manager")
	}
	return manager, nil
}

// DeleteUser soft-deletes a person; with hard the person is purged, as happens by itself 30 days after a soft delete.
func (t *Tenant) DeleteUser(idOrUPN string, hard bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec := t.findUser(idOrUPN)
	if rec == nil {
		// A person who is already soft-deleted can still be purged, by object ID.
		if rec = t.users.byID[idOrUPN]; rec == nil || !hard {
			return NotFound(idOrUPN)
		}
	}
	if hard {
		t.purgeUser(rec.id)
		return nil
	}
	t.note(rec.id)
	t.note(t.indexed().memberOf[rec.id]...) // a deleted person is no member
	t.unname(rec)
	rec.deleted = t.clock.Now()
	return nil
}

func (t *Tenant) purgeUser(id string) {
	t.note(id)
	t.dropAssignmentsOf(id)
	for _, group := range t.indexed().memberOf[id] {
		t.setMembers(t.groups.byID[group], without(t.groups.byID[group].value.Members, id))
	}
	t.unname(t.users.byID[id])
	t.users.purge(id)
	t.users.each(false, func(rec *record[*directory.User]) {
		if rec.value.Manager == id {
			changed := *rec.value
			changed.Manager = ""
			t.setUser(rec, &changed)
		}
	})
}
