package storetest

import (
	"errors"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// described are two users and a group with a value for every indexed field.
func (s suite) described() {
	s.Helper()
	first, second := user("u1", "Ann"), user("u2", "bob")
	first.Doc["externalId"], second.Doc["externalId"] = "Ab", "aB"
	first.Doc["displayName"] = "Ann B"
	first.Doc["active"], second.Doc["active"] = true, false
	first.Doc["emails"] = []any{
		map[string]any{"type": "work", "value": "Ann@X"}, map[string]any{"type": "home", "value": "ann@x"},
	}
	second.Doc[schema.EnterpriseUserURN] = map[string]any{"manager": map[string]any{"value": "u1"}}
	s.insert(first, second, group("g1", "ann b"))
	s.update(func(tx store.Tx) error {
		_, err := tx.AddMembers(s.ctx, "g1", []string{"u2"})
		return err
	})
}

func conditions(s suite) {
	s.described()
	for _, c := range []struct {
		resourceType string
		field        store.Field
		value        any
		want         []string
	}{
		{schema.User, store.FieldID, "u1", []string{"u1"}},
		{schema.Group, store.FieldID, "u1", []string{}},
		{schema.User, store.FieldUserName, "ann", []string{"u1"}},
		{schema.User, store.FieldExternalID, "aB", []string{"u2"}},
		{schema.User, store.FieldDisplayName, "ann b", []string{"u1"}},
		{schema.Group, store.FieldDisplayName, "ann b", []string{"g1"}},
		{schema.User, store.FieldEmail, "ann@x", []string{"u1"}},
		{schema.User, store.FieldManager, "u1", []string{"u2"}},
		{schema.User, store.FieldActive, false, []string{"u2"}},
		{schema.User, store.FieldGroup, "g1", []string{"u2"}},
		{schema.Group, store.FieldMember, "u2", []string{"g1"}},
		{schema.Group, store.FieldMember, "u1", []string{}},
	} {
		q := store.Query{Type: c.resourceType, Conditions: []store.Condition{{Field: c.field, Value: c.value}}}
		s.equal(s.list(q), c.want)
		s.view(func(r store.Reader) error {
			count, err := r.Count(s.ctx, q)
			s.equal(count, len(c.want))
			return err
		})
	}
}

func conjunction(s suite) {
	s.described()
	both := func(active bool) store.Query {
		return store.Query{Type: schema.User, Conditions: []store.Condition{
			{Field: store.FieldUserName, Value: "ann"}, {Field: store.FieldActive, Value: active},
		}}
	}
	s.equal(s.list(both(true)), []string{"u1"})
	s.equal(s.list(both(false)), []string{})
}

func keysFollow(s suite) {
	s.described()
	changed := user("u1", "Zoe")
	changed.Version = 2
	s.update(func(tx store.Tx) error { return tx.Replace(s.ctx, changed, 1) })
	for field, value := range map[store.Field]any{
		store.FieldUserName: "ann", store.FieldExternalID: "Ab", store.FieldEmail: "ann@x", store.FieldActive: true,
	} {
		s.equal(s.list(store.Query{Type: schema.User, Conditions: []store.Condition{{Field: field, Value: value}}}), []string{})
	}
	s.equal(s.list(store.Query{Type: schema.User, Conditions: []store.Condition{{Field: store.FieldUserName, Value: "zoe"}}}), []string{"u1"})
}

func addMembers(s suite) {
	s.insert(user("u1", "a"), user("u2", "b"), group("g1", "g"))
	count := func(change func(store.Tx) (int, error)) (n int) {
		s.update(func(tx store.Tx) (err error) {
			n, err = change(tx)
			return err
		})
		return n
	}
	add := func(ids ...string) int {
		return count(func(tx store.Tx) (int, error) { return tx.AddMembers(s.ctx, "g1", ids) })
	}
	s.equal(add("u1", "u1"), 1)
	s.equal(add("u1", "u2"), 1)
	s.equal(count(func(tx store.Tx) (int, error) { return tx.RemoveMembers(s.ctx, "g1", []string{"u1", "nobody"}) }), 1)
	s.equal(add("u1"), 1)
	s.equal(count(func(tx store.Tx) (int, error) { return tx.RemoveAllMembers(s.ctx, "g1") }), 2)
}

func unknownMember(s suite) {
	s.insert(user("u1", "a"), group("g1", "g"))
	err := s.store.Update(s.ctx, func(tx store.Tx) error {
		_, err := tx.AddMembers(s.ctx, "g1", []string{"u1", "nobody"})
		return err
	})
	var unknown *store.UnknownMemberError
	if !errors.As(err, &unknown) || unknown.ID != "nobody" {
		s.Errorf("error %v, want that nobody is unknown", err)
	}
	s.view(func(r store.Reader) error {
		members, err := r.Members(s.ctx, "g1")
		s.equal(members, map[string][]store.Ref{})
		return err
	})
}

func references(s suite) {
	s.described()
	s.update(func(tx store.Tx) error {
		_, err := tx.AddMembers(s.ctx, "g1", []string{"u1"})
		return err
	})
	ann := store.Ref{ID: "u1", Type: schema.User, Display: "Ann B"}
	editors := store.Ref{ID: "g1", Type: schema.Group, Display: "ann b"}
	s.view(func(r store.Reader) error {
		members, err := r.Members(s.ctx, "g1", "nothing")
		s.equal(members, map[string][]store.Ref{"g1": {ann, {ID: "u2", Type: schema.User}}})
		groups, groupsErr := r.Groups(s.ctx, "u1", "u2")
		s.equal(groups, map[string][]store.Ref{"u1": {editors}, "u2": {editors}})
		refs, refsErr := r.Refs(s.ctx, "u1", "nobody")
		s.equal(refs, map[string]store.Ref{"u1": ann})
		return errors.Join(err, groupsErr, refsErr)
	})
}
