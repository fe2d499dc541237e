package tenant

import (
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// DeleteObject soft-deletes an application together with its service principal, or a service principal alone.
func (t *Tenant) DeleteObject(kind, key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.findReadable(kind, key)
	if err != nil {
		return err
	}
	now := t.clock.Now()
	t.softDelete(rec, now)
	if kind == Application {
		if sp := t.find(ServicePrincipal, "appId="+rec.value["appId"].(string)); sp != nil {
			t.softDelete(sp, now)
		}
	}
	return nil
}

func (t *Tenant) softDelete(rec *record[Object], now time.Time) {
	rec.deleted, rec.change = now, t.touch()
	rec.value["deletedDateTime"] = timestamp(now)
	if t.options.DeletionDropsJobs {
		t.dropJobs(rec.id)
	}
}

// dropJobs takes away what the synchronization service keeps for a service principal.
func (t *Tenant) dropJobs(principal string) {
	t.jobs = slices.DeleteFunc(t.jobs, func(j *Job) bool { return j.principal == principal })
	delete(t.secrets, principal)
}

// DeletedObjects lists what is soft-deleted: applications, service principals or users.
func (t *Tenant) DeletedObjects(kind string) []Object {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []Object{}
	if kind == User {
		t.users.each(true, func(rec *record[*directory.User]) {
			out = append(out, ofType(User, RenderUser(rec.value, rec.created, rec.deleted)))
		})
		return out
	}
	t.objects(kind).each(true, func(rec *record[Object]) { out = append(out, ofType(kind, clone(rec.value))) })
	return out
}

// ofType marks an object among others of several kinds with its own.
func ofType(kind string, o Object) Object {
	o["@odata.type"] = "#microsoft.graph." + kind
	return o
}

// deletedObject finds a soft-deleted application or service principal.
func (t *Tenant) deletedObject(id string) (string, *record[Object]) {
	for _, kind := range []string{Application, ServicePrincipal} {
		if rec := t.objects(kind).byID[id]; rec != nil && !rec.deleted.IsZero() {
			return kind, rec
		}
	}
	return "", nil
}

// DeletedObject returns one soft-deleted application, service principal or user, and which of them it is.
func (t *Tenant) DeletedObject(id string) (string, Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if user := t.users.byID[id]; user != nil && !user.deleted.IsZero() {
		return User, ofType(User, RenderUser(user.value, user.created, user.deleted)), nil
	}
	kind, rec := t.deletedObject(id)
	if rec == nil {
		return "", nil, NotFound(id)
	}
	return kind, ofType(kind, clone(rec.value)), nil
}

// Restore brings back a soft-deleted application, service principal or user.
func (t *Tenant) Restore(id string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if user := t.users.byID[id]; user != nil && !user.deleted.IsZero() {
		t.note(user.id)
		user.deleted = time.Time{}
		t.setUser(user, user.value)
		return ofType(User, RenderUser(user.value, user.created, user.deleted)), nil
	}
	kind, rec := t.deletedObject(id)
	if rec == nil {
		return nil, NotFound(id)
	}
	rec.deleted, rec.change = time.Time{}, t.touch()
	rec.value["deletedDateTime"] = nil
	return ofType(kind, clone(rec.value)), nil
}

// Purge removes a soft-deleted object for good; a service principal's assignments, jobs and secrets go with it.
func (t *Tenant) Purge(id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if user := t.users.byID[id]; user != nil && !user.deleted.IsZero() {
		t.purgeUser(id)
		return nil
	}
	kind, rec := t.deletedObject(id)
	if rec == nil {
		return NotFound(id)
	}
	t.objects(kind).purge(id)
	if kind == ServicePrincipal {
		t.dropAssignments(func(a *Assignment) bool { return a.ResourceID == id })
		t.dropJobs(id)
	}
	return nil
}
