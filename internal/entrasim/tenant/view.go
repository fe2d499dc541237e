package tenant

import (
	"slices"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

// view is the tenant as one cycle sees it: as it was when the cycle began. It copies nothing; only what changes while the
// cycle runs is kept aside as it was. It implements engine.Source.
type view struct {
	t             *Tenant
	resource      string                 // the service principal of the job
	roles         map[string]engine.Role // by ID
	users, groups []string
	last          uint64 // number of the last change that is seen
	anew          bool   // nothing is kept: assignments are read as they are now
	kept          map[string]seen
}

// seen is what a view shows of one object. The zero value is an object that does not exist.
type seen struct {
	user     *directory.User
	deleted  bool
	group    *directory.Group
	memberOf []string
	held     []*Assignment
}

// open begins a view for a job. The lock is held by the caller.
func (t *Tenant) open(j *Job) *view {
	t.settle()
	t.bookLate()
	t.indexed()
	v := &view{t: t, resource: j.principal, roles: t.rolesOf(j.principal), users: t.users.order, groups: t.groups.order,
		last: t.change, anew: t.options.CyclesReadAnew, kept: map[string]seen{}}
	if t.views == nil {
		t.views = map[string]*view{}
	}
	t.views[j.id] = v
	return v
}

// keep puts aside what the view shows of an object that is about to change.
func (v *view) keep(id string) {
	if _, done := v.kept[id]; !done && !v.anew {
		v.kept[id] = v.now(id)
	}
}

func (v *view) now(id string) seen {
	ix := v.t.indexed()
	s := seen{memberOf: ix.memberOf[id], held: ix.held[id]}
	if rec := v.t.users.byID[id]; rec != nil {
		s.user, s.deleted = rec.value, !rec.deleted.IsZero()
	}
	if rec := v.t.groups.live(id); rec != nil {
		s.group = rec.value
	}
	return s
}

func (v *view) at(id string) seen {
	if s, kept := v.kept[id]; kept {
		return s
	}
	return v.now(id)
}

// Users lists everybody, also who is soft-deleted.
func (v *view) Users() []string { return v.users }

// Groups lists all groups.
func (v *view) Groups() []string { return v.groups }

// Changed lists what may look different since a change of that number.
func (v *view) Changed(since uint64) []string {
	v.t.mu.Lock()
	defer v.t.mu.Unlock()
	return v.t.changed(since, v.last)
}

// User returns a person with the assignments that are held directly and through groups; nested groups are not expanded.
func (v *view) User(id string) (engine.Person, bool) {
	v.t.mu.Lock()
	defer v.t.mu.Unlock()
	s := v.at(id)
	if s.user == nil {
		return engine.Person{}, false
	}
	p := engine.Person{User: s.user, SoftDeleted: s.deleted}
	p.Assignments = v.assignments(p.Assignments, s.held)
	for _, group := range s.memberOf {
		if through := v.at(group); through.group != nil {
			p.Assignments = v.assignments(p.Assignments, through.held)
		}
	}
	return p, true
}

// Group returns a group with its own assignments.
func (v *view) Group(id string) (engine.Team, bool) {
	v.t.mu.Lock()
	defer v.t.mu.Unlock()
	s := v.at(id)
	if s.group == nil {
		return engine.Team{}, false
	}
	return engine.Team{Group: s.group, Assigned: len(v.assignments(nil, s.held)) > 0}, true
}

func (v *view) assignments(out []engine.Role, held []*Assignment) []engine.Role {
	for _, a := range held {
		if a.ResourceID != v.resource {
			continue
		}
		out = append(out, v.roles[a.RoleID])
	}
	return out
}

// rolesOf are the roles of an application by ID, with the names that the engine sends.
func (t *Tenant) rolesOf(principal string) map[string]engine.Role {
	names := map[string]engine.Role{}
	roles, _ := t.principals.byID[principal].value["appRoles"].([]any)
	for _, r := range roles {
		role, _ := r.(map[string]any)
		id, _ := role["id"].(string)
		display, _ := role["displayName"].(string)
		value, _ := role["value"].(string)
		if !t.options.RolesWithoutValueAreEmpty {
			value = orDefault(value, display)
		}
		names[id] = engine.Role{ID: id, Display: display, Value: value}
	}
	return names
}

// without returns the list without one ID; the list itself is left as it is, for the views that hold it.
func without(list []string, id string) []string {
	at := slices.Index(list, id)
	if at < 0 {
		return list
	}
	return slices.Concat(list[:at], list[at+1:])
}
