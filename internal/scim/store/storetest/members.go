package storetest

import (
	"errors"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var memberTests = map[string]func(suite){
	"N-13 a user leaves all groups together with its change, or not at all": leavesGroups,
	"G-2 members are counted as they come and go":                           memberCounts,
	"G-5 an unknown member is refused or passed over":                       unknownMembers,
	"members come in the order in which they were made":                     memberOrder,
	"the walk over members ends with the error of the walker":               memberWalkEnds,
	"G-9 a deletion takes memberships along":                                deleteCascades,
	"G-6 memberships through groups are found, cycles or not":               memberships,
}

// wantUnknown wants the error that nobody is no resource.
func (s suite) wantUnknown(err error) {
	s.Helper()
	if unknown, ok := errors.AsType[*store.UnknownMemberError](err); !ok || unknown.ID != "nobody" {
		s.Errorf("error %v, want that nobody is unknown", err)
	}
}

func memberCounts(s suite) {
	s.apply(user("a", "a"), user("b", "b"), user("c", "c"), group("g", "g"))
	version := int64(1)
	for _, step := range []struct {
		changes        []store.MemberChange
		added, removed int
		members        []string
	}{
		{[]store.MemberChange{adding("a", "a")}, 1, 0, []string{"a"}},
		{[]store.MemberChange{adding("a", "b")}, 1, 0, []string{"a", "b"}},
		{[]store.MemberChange{adding("b")}, 0, 0, []string{"a", "b"}},
		{[]store.MemberChange{removing("a", "nobody")}, 0, 1, []string{"b"}},
		{[]store.MemberChange{replacing("c", "b")}, 1, 0, []string{"b", "c"}},
		{[]store.MemberChange{replacing("a", "c")}, 1, 1, []string{"a", "c"}},
		{[]store.MemberChange{removing("a"), adding("a", "b")}, 1, 0, []string{"a", "b", "c"}},
		{[]store.MemberChange{replacing()}, 0, 3, []string{}},
		{[]store.MemberChange{adding("a"), removing("a")}, 0, 0, []string{}},
	} {
		applied := s.apply(update(schema.Group, "g", nil, step.changes...))
		if step.added+step.removed > 0 {
			version++
		}
		s.equal([]any{applied.Added, applied.Removed, applied.Version, applied.Changed}, []any{step.added, step.removed, version, step.added+step.removed > 0})
		s.equal(s.members("g"), step.members)
	}
	s.equal(s.get(schema.Group, "g").Version, version)
}

func unknownMembers(s suite) {
	s.apply(user("a", "a"), user("b", "b"), group("g", "g", "a"))
	for _, change := range []store.MemberChange{adding("b", "nobody"), replacing("b", "nobody")} {
		_, err := s.store.Apply(s.ctx, update(schema.Group, "g", nil, change))
		s.wantUnknown(err)
		s.equal(s.members("g"), []string{"a"})
		change.IgnoreUnknown = true
		applied := s.apply(update(schema.Group, "g", nil, change))
		s.equal(applied.Unknown, []string{"nobody"})
		s.apply(update(schema.Group, "g", nil, replacing("a")))
	}
	only := adding("nobody")
	_, err := s.store.Apply(s.ctx, update(schema.Group, "g", nil, only))
	s.wantUnknown(err)
	only.IgnoreUnknown = true
	s.equal(s.apply(update(schema.Group, "g", nil, only)).Changed, false)
}

func memberOrder(s suite) {
	s.apply(user("z", "z"), user("a", "a"), group("h", "The h"), group("g", "g", "h", "a", "z"))
	var refs []store.Ref
	err := s.store.Members(s.ctx, "g", func(ref store.Ref) error {
		refs = append(refs, ref)
		return nil
	})
	s.wantError(err, nil)
	s.equal(refs, []store.Ref{{ID: "z", Type: schema.User}, {ID: "a", Type: schema.User}, {ID: "h", Type: schema.Group, Display: "The h"}})
}

func memberWalkEnds(s suite) {
	s.apply(user("a", "a"), user("b", "b"), group("g", "g", "a", "b"))
	failure, calls := errors.New("no"), 0
	err := s.store.Members(s.ctx, "g", func(store.Ref) error {
		calls++
		return failure
	})
	s.wantError(err, failure)
	s.equal(calls, 1)
}

func deleteCascades(s suite) {
	s.apply(user("a", "a"), user("b", "b"), group("inner", "inner", "a"), group("g", "g", "a", "b", "inner"), group("other", "other", "b"))
	s.apply(remove(schema.User, "a"))
	s.equal(s.members("g"), []string{"b", "inner"})
	s.equal(s.members("inner"), []string{})
	changed := s.get(schema.Group, "g")
	s.equal(changed.Version, int64(2))
	if !changed.Modified.After(epoch) {
		s.Errorf("modified %v is not after %v", changed.Modified, epoch)
	}
	s.equal(s.get(schema.Group, "other").Version, int64(1))
	s.apply(remove(schema.Group, "g"))
	s.equal(s.get(schema.User, "b").Groups, []store.Ref{{ID: "other", Type: schema.Group, Display: "other"}})
	s.equal(s.get(schema.User, "b").Version, int64(1))
}

func memberships(s suite) {
	s.apply(user("u", "u"), user("alone", "alone"), group("a", "A", "u"), group("b", "B", "a"), group("c", "C", "b", "u"), group("d", "D"))
	s.apply(update(schema.Group, "a", nil, adding("c"))) // a is in b, b in c, c in a
	got, err := s.store.Memberships(s.ctx, "u", "alone", "b")
	s.wantError(err, nil)
	membership := func(id, display string, direct bool) store.Membership {
		return store.Membership{Ref: store.Ref{ID: id, Type: schema.Group, Display: display}, Direct: direct}
	}
	s.equal(got, map[string][]store.Membership{
		"u": {membership("a", "A", true), membership("b", "B", false), membership("c", "C", true)},
		"b": {membership("a", "A", false), membership("c", "C", true)},
	})
}

func leavesGroups(s suite) {
	s.apply(user("ann", "ann"), user("bob", "bob"), group("a", "A", "ann", "bob"), group("b", "B", "ann"), group("c", "C", "bob"), group("d", "D", "b"))
	rebound := func(userName string, expected int64) store.Mutation {
		m := update(schema.User, "ann", object{"userName": userName})
		m.LeaveGroups, m.Expected, m.Change.Event = true, expected, store.EventRebound
		return m
	}
	sequence := func() int64 {
		id, err := s.store.Identity(s.ctx)
		s.wantError(err, nil)
		return id.Sequence
	}
	before := sequence()
	s.refused(rebound("bob", 1), store.ErrUserNameTaken)
	s.refused(rebound("ann2", 7), store.ErrVersionChanged)
	s.equal(sequence(), before)
	s.equal(len(s.get(schema.User, "ann").Groups), 2)

	applied := s.apply(rebound("ann2", 1))
	s.equal(applied.Version, int64(2))
	s.equal(s.get(schema.User, "ann").Groups, []store.Ref(nil))
	s.equal(len(s.get(schema.User, "bob").Groups), 2)
	for id, version := range map[string]int64{"a": 2, "b": 2, "c": 1, "d": 1} {
		s.equal(s.get(schema.Group, id).Version, version)
	}
	changes, err := s.store.Changes(s.ctx, before, 10)
	s.wantError(err, nil)
	var told []string
	for _, c := range changes {
		told = append(told, string(c.Event)+" "+c.ID+" "+strings.Join(c.Removed, ","))
		s.equal(c.Actor, "token")
	}
	s.equal(told, []string{"rebound ann ", "patch a ann", "patch b ann"})
}
