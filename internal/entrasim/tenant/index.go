package tenant

import (
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

// index answers from the other side what the objects of the tenant say. Its lists are replaced, never changed, because
// running cycles hold them.
type index struct {
	memberOf map[string][]string      // member: the groups it is a direct member of
	held     map[string][]*Assignment // principal: the assignments that the provisioning service sees
	names    map[string]string        // folded userPrincipalName: ID of the user who is not deleted
}

// indexed returns the index, which is made when it is needed first. The lock is held by the caller.
func (t *Tenant) indexed() *index {
	if t.index != nil {
		return t.index
	}
	ix := &index{memberOf: map[string][]string{}, held: map[string][]*Assignment{}, names: map[string]string{}}
	t.users.each(false, func(rec *record[*directory.User]) {
		ix.names[directory.FoldUPN(rec.value.UserPrincipalName)] = rec.id
	})
	t.groups.each(false, func(rec *record[*directory.Group]) { ix.join(rec.id, rec.value.Members, nil) })
	for _, a := range t.assignments {
		unseen := func(l lateAssignment) bool { return l.assignment == a }
		if a.PrincipalType != ServicePrincipalType && !slices.ContainsFunc(t.late, unseen) {
			ix.held[a.PrincipalID] = append(ix.held[a.PrincipalID], a)
		}
	}
	for _, l := range t.late {
		if l.gone {
			ix.held[l.assignment.PrincipalID] = append(ix.held[l.assignment.PrincipalID], l.assignment)
		}
	}
	t.index = ix
	return ix
}

// join books who joined a group and who left it.
func (ix *index) join(group string, joined, left []string) {
	for _, m := range joined {
		ix.memberOf[m] = append(slices.Clip(ix.memberOf[m]), group)
	}
	for _, m := range left {
		if rest := without(ix.memberOf[m], group); len(rest) > 0 {
			ix.memberOf[m] = rest
		} else {
			delete(ix.memberOf, m)
		}
	}
}

// lateAssignment is an assignment that was made or taken away and that the provisioning service does not know of yet.
type lateAssignment struct {
	assignment *Assignment
	gone       bool
	due        time.Time
}

// entitle lets the provisioning service know of an assignment that was made, or that is gone, after the lag.
func (t *Tenant) entitle(a *Assignment, gone bool) {
	if a.PrincipalType == ServicePrincipalType {
		return
	}
	t.indexed()
	if t.options.AssignmentLag > 0 {
		t.late = append(t.late, lateAssignment{a, gone, t.clock.Now().Add(t.options.AssignmentLag)})
		return
	}
	t.book(a, gone)
}

func (t *Tenant) book(a *Assignment, gone bool) {
	ix := t.indexed()
	t.noteHolder(a.PrincipalID)
	if !gone {
		ix.held[a.PrincipalID] = append(slices.Clip(ix.held[a.PrincipalID]), a)
		return
	}
	rest := slices.DeleteFunc(slices.Clone(ix.held[a.PrincipalID]), func(other *Assignment) bool { return other == a })
	if len(rest) == 0 {
		delete(ix.held, a.PrincipalID)
		return
	}
	ix.held[a.PrincipalID] = rest
}

// bookLate books the assignments whose time has come.
func (t *Tenant) bookLate() {
	now := t.clock.Now()
	for len(t.late) > 0 && !now.Before(t.late[0].due) {
		next := t.late[0]
		t.late = t.late[1:]
		t.book(next.assignment, next.gone)
	}
}

// setMembers replaces the members of a group.
func (t *Tenant) setMembers(rec *record[*directory.Group], members []string) {
	changed := *rec.value
	changed.Members = members
	t.setGroup(rec, &changed)
}

// setGroup replaces a group. Who joined or left an assigned group looks different to applications as well.
func (t *Tenant) setGroup(rec *record[*directory.Group], changed *directory.Group) {
	ix := t.indexed()
	t.note(rec.id)
	joined, left := engine.JoinedAndLeft(rec.value.Members, changed.Members)
	if len(ix.held[rec.id]) > 0 {
		t.note(left...)
		t.note(joined...)
	}
	ix.join(rec.id, joined, left)
	rec.value = changed
}

// setUser replaces a person.
func (t *Tenant) setUser(rec *record[*directory.User], changed *directory.User) {
	ix := t.indexed()
	t.note(rec.id)
	t.unname(rec)
	ix.names[directory.FoldUPN(changed.UserPrincipalName)] = rec.id
	rec.value = changed
}

// unname frees the userPrincipalName of a person.
func (t *Tenant) unname(rec *record[*directory.User]) {
	ix, name := t.indexed(), directory.FoldUPN(rec.value.UserPrincipalName)
	if ix.names[name] == rec.id {
		delete(ix.names, name)
	}
}
