package tenant

import (
	"slices"
	"sort"
)

// change is an entry of the tenant's change log: from this number on, the object may look different to applications.
type change struct {
	number uint64
	id     string
}

// touch numbers a change that no application's people depend on. The lock is held by the caller.
func (t *Tenant) touch() uint64 {
	t.change++
	return t.change
}

// note writes objects into the change log, before they change: what running cycles see of them is kept as it is. It returns
// the number of the last entry. The lock is held by the caller.
func (t *Tenant) note(ids ...string) uint64 {
	for _, id := range ids {
		for _, v := range t.views {
			v.keep(id)
		}
		number := t.touch()
		if rec := t.users.byID[id]; rec != nil {
			rec.change = number
		} else if rec := t.groups.byID[id]; rec != nil {
			rec.change = number
		}
		t.log = append(t.log, change{number, id})
	}
	if len(t.log) > 2*(len(t.users.byID)+len(t.groups.byID))+1024 {
		t.compact()
	}
	return t.change
}

// compact keeps the last entry of each object, so that the log grows with the directory and not with time.
func (t *Tenant) compact() {
	seen := make(map[string]bool, len(t.users.byID)+len(t.groups.byID))
	kept := t.log[:0:0]
	for _, c := range slices.Backward(t.log) {
		if !seen[c.id] {
			seen[c.id] = true
			kept = append(kept, c)
		}
	}
	slices.Reverse(kept)
	t.log = kept
}

// changed lists the objects with an entry after since and up to last, once each, in the order of their first entry.
func (t *Tenant) changed(since, last uint64) []string {
	from := sort.Search(len(t.log), func(i int) bool { return t.log[i].number > since })
	var out []string
	seen := map[string]bool{}
	for _, c := range t.log[from:] {
		if c.number > last {
			break
		}
		if !seen[c.id] {
			seen[c.id] = true
			out = append(out, c.id)
		}
	}
	return out
}

// noteHolder writes down that what somebody is assigned to changes: a user, or a group with its direct members.
func (t *Tenant) noteHolder(principal string) {
	t.note(principal)
	if group := t.groups.byID[principal]; group != nil {
		t.note(group.value.Members...)
	}
}

// noteHolders does so for everybody who is assigned to an application.
func (t *Tenant) noteHolders(resource string) {
	for _, a := range t.assignments {
		if a.ResourceID == resource && a.PrincipalType != ServicePrincipalType {
			t.noteHolder(a.PrincipalID)
		}
	}
}
