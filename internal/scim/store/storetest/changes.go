package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var changeTests = map[string]func(suite){
	"X-17 every change is recorded with what it did":              changeRecords,
	"members that come and go are told to the users, through all": memberFanOut,
	"all members of a group that is renamed or deleted are told":  groupFanOut,
	"the fan-out ends on cycles":                                  fanOutEndsOnCycles,
	"changes are read from a place on, in parts":                  changePages,
	"old changes are removed, the sequence stays":                 trim,
}

// wantChanges compares the changes after a sequence, whose order within one mutation is free but for the first, as is that
// of the members in one.
func (s suite) wantChanges(after int64, want ...store.Change) {
	s.Helper()
	got := s.changes(after)
	last := after
	for _, c := range got {
		if c.Sequence <= last {
			s.Errorf("sequence %d follows %d", c.Sequence, last)
		}
		last = c.Sequence
		if c.Actor != "token" || c.RequestID != "request" {
			s.Errorf("actor %q and request %q of change %d", c.Actor, c.RequestID, c.Sequence)
		}
	}
	if len(got) > 0 && len(want) > 0 && got[0].ID != want[0].ID {
		s.Errorf("the first change is of %s, want that of %s", got[0].ID, want[0].ID)
	}
	byID := cmpopts.SortSlices(func(a, b store.Change) bool { return a.ID < b.ID })
	byName := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(want, got, byID, byName, cmpopts.IgnoreFields(store.Change{}, "Sequence", "At", "Actor", "RequestID"), cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("changes (-want +got):\n%s", diff)
	}
	s.equal(s.identity().Sequence, last)
}

func changeRecords(s suite) {
	yes, no := true, false
	first := create(schema.User, "u", object{"userName": "Ann", "externalId": "E", "active": true})
	first.Change.Attributes = []string{"active", "externalId", "userName"}
	s.apply(first)
	s.wantChanges(0, store.Change{
		Event: store.EventCreate, Type: schema.User, ID: "u", Version: 1, ExternalID: "E", UserName: "Ann", Active: &yes,
		Attributes: []string{"active", "externalId", "userName"},
	})
	sequence := s.identity().Sequence
	second := update(schema.User, "u", object{"userName": "Bea", "active": false})
	second.Change.Event, second.Change.Attributes, second.At = store.EventDeactivate, []string{"active"}, epoch.Add(time.Hour)
	s.apply(second)
	s.wantChanges(sequence, store.Change{
		Event: store.EventDeactivate, Type: schema.User, ID: "u", Version: 2, UserName: "Bea", PreviousUserName: "Ann", Active: &no,
		Attributes: []string{"active"},
	})
	s.equal(s.changes(sequence)[0].At, epoch.Add(time.Hour))
	s.apply(group("g", "g", "u"))
	sequence = s.identity().Sequence
	s.apply(remove(schema.User, "u"))
	s.wantChanges(sequence,
		store.Change{Event: store.EventDelete, Type: schema.User, ID: "u", Version: 2, UserName: "Bea", Active: &no},
		store.Change{Event: store.EventPatch, Type: schema.Group, ID: "g", Version: 2, Attributes: []string{"members"}, Removed: []string{"u"}},
	)
}

// told is the change of a user whose entitlement changed.
func told(id string) store.Change {
	return store.Change{Event: store.EventPatch, Type: schema.User, ID: id, Version: 1, UserName: id, Attributes: []string{"groups"}}
}

func memberFanOut(s suite) {
	s.apply(user("a", "a"), user("b", "b"), user("c", "c"), group("inner", "inner", "a", "b"), group("g", "g"))
	sequence := s.identity().Sequence
	change := func(version int64, added, removed []string) store.Change {
		return store.Change{Event: store.EventPatch, Type: schema.Group, ID: "g", Version: version, Attributes: []string{"members"}, Added: added, Removed: removed}
	}
	s.apply(update(schema.Group, "g", nil, adding("inner", "c")))
	s.wantChanges(sequence, change(2, []string{"inner", "c"}, nil), told("a"), told("b"), told("c"))
	sequence = s.identity().Sequence
	named := update(schema.Group, "g", nil, removing("c", "b"))
	named.Change.Attributes = []string{"members"}
	s.apply(named)
	s.wantChanges(sequence, change(3, nil, []string{"c"}), told("c"))
	sequence = s.identity().Sequence
	s.apply(update(schema.Group, "g", nil, replacing("a")))
	s.wantChanges(sequence, change(4, []string{"a"}, []string{"inner"}), told("a"), told("b"))
	sequence = s.identity().Sequence
	named.Doc, named.Change.Attributes = object{"displayName": "g", "externalId": "new"}, []string{"externalId", "members"}
	s.apply(named)
	s.wantChanges(sequence, store.Change{Event: store.EventPatch, Type: schema.Group, ID: "g", Version: 5, ExternalID: "new", Attributes: []string{"externalId"}})
}

func groupFanOut(s suite) {
	s.apply(user("a", "a"), user("b", "b"), user("c", "c"), group("inner", "inner", "a"), group("g", "g", "inner", "b"), group("outer", "outer", "g"))
	sequence := s.identity().Sequence
	renamed := update(schema.Group, "g", object{"displayName": "G"})
	renamed.Change.Attributes = []string{"displayName"}
	s.apply(renamed)
	s.wantChanges(sequence,
		store.Change{Event: store.EventPatch, Type: schema.Group, ID: "g", Version: 2, Attributes: []string{"displayName"}}, told("a"), told("b"))
	sequence = s.identity().Sequence
	s.apply(remove(schema.Group, "g"))
	s.wantChanges(sequence,
		store.Change{Event: store.EventDelete, Type: schema.Group, ID: "g", Version: 2},
		store.Change{Event: store.EventPatch, Type: schema.Group, ID: "outer", Version: 2, Attributes: []string{"members"}, Removed: []string{"g"}},
		told("a"), told("b"))
}

func fanOutEndsOnCycles(s suite) {
	s.apply(user("a", "a"), group("g", "g", "a"), group("h", "h", "g"), update(schema.Group, "g", nil, adding("h", "g")))
	sequence := s.identity().Sequence
	s.apply(update(schema.Group, "h", object{"displayName": "H"}))
	s.wantChanges(sequence, store.Change{Event: store.EventPatch, Type: schema.Group, ID: "h", Version: 2}, told("a"))
	sequence = s.identity().Sequence
	s.apply(remove(schema.Group, "g"))
	s.wantChanges(sequence, store.Change{Event: store.EventDelete, Type: schema.Group, ID: "g", Version: 2},
		store.Change{Event: store.EventPatch, Type: schema.Group, ID: "h", Version: 3, Attributes: []string{"members"}, Removed: []string{"g"}}, told("a"))
}

func changePages(s suite) {
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		s.apply(user(id, id))
	}
	horizon, err := s.store.Horizon(s.ctx)
	s.wantError(err, nil)
	s.equal(horizon, s.identity().Sequence)
	var ids []string
	for after := int64(0); after < horizon; {
		part, err := s.store.Changes(s.ctx, after, 2)
		if err != nil || len(part) == 0 || len(part) > 2 {
			s.Fatalf("%d changes after %d, error %v", len(part), after, err)
		}
		for _, c := range part {
			ids, after = append(ids, c.ID), c.Sequence
		}
	}
	s.equal(ids, []string{"a", "b", "c", "d", "e"})
	s.equal(s.changes(horizon), []store.Change(nil))
}

func trim(s suite) {
	for i, id := range []string{"a", "b", "c"} {
		m := user(id, id)
		m.At = epoch.Add(time.Duration(i) * time.Hour)
		s.apply(m)
	}
	sequence := s.identity().Sequence
	n, err := s.store.TrimChanges(s.ctx, epoch.Add(2*time.Hour))
	s.wantError(err, nil)
	s.equal(n, 2)
	if left := s.changes(0); len(left) != 1 || left[0].ID != "c" {
		s.Errorf("left are %v, want that of c", left)
	}
	s.equal(s.identity().Sequence, sequence)
	n, err = s.store.TrimChanges(s.ctx, epoch.Add(3*time.Hour))
	s.wantError(err, nil)
	s.equal(n, 1)
	s.equal(s.identity().Sequence, sequence)
	s.apply(user("d", "d"))
	if next := s.changes(0); len(next) != 1 || next[0].Sequence <= sequence {
		s.Errorf("after the sequence %d come %v", sequence, next)
	}
}
