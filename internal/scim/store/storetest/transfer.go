package storetest

import (
	"errors"
	"io"
	"strings"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var transferTests = map[string]func(suite){
	"an export imported into an empty store is the same store": importIsTheSame,
	"an import into a store that is not empty is refused":      importNeedsEmpty,
	"an import that fails leaves the store empty":              importFailure,
	"what is erased leaves no value and no second use":         erase,
	"what was deleted can be erased later, and twice":          eraseDeleted,
}

// export reads a store as an export does: users, then groups with their members.
func (s suite) export() []store.Exported {
	s.Helper()
	var exported []store.Exported
	user, group := types(s)
	for _, rt := range []*schema.ResourceType{user, group} {
		for _, r := range s.page(store.Query{Select: []store.Selection{{Type: rt}}}).Resources {
			x := store.Exported{Record: r.Record}
			if rt == group {
				x.Members = s.members(r.ID)
			}
			exported = append(exported, x)
		}
	}
	return exported
}

func following(list []store.Exported, end error) func() (store.Exported, error) {
	return func() (store.Exported, error) {
		if len(list) == 0 {
			return store.Exported{}, end
		}
		x := list[0]
		list = list[1:]
		return x, nil
	}
}

// some fills a store with what an export must keep: order over types, versions, times, nested groups that come later.
func (s suite) some() {
	s.Helper()
	s.apply(create(schema.User, "a", object{"userName": "Ann", "emails": []any{object{"value": "a@x"}}}), group("outer", "Outer", "a"), user("b", "b"),
		group("inner", "Inner", "b"), update(schema.Group, "outer", nil, adding("inner")), update(schema.User, "a", object{"userName": "Zoe"}), user("gone", "gone"), remove(schema.User, "gone"))
}

func importIsTheSame(s suite) {
	s.some()
	exported, identity, order := s.export(), s.identity(), idsOf(s.page(s.everything()))
	copied := s
	copied.store = s.Open(s)
	s.wantError(copied.store.Import(s.ctx, identity, following(exported, io.EOF)), nil)
	s.equal(copied.export(), exported)
	s.equal(copied.identity(), identity)
	s.equal(idsOf(copied.page(s.everything())), order)
	s.equal(copied.filtered(schema.User, `groups eq "inner"`), []string{"b"})
	copied.refused(user("x", "ZOE"), store.ErrUserNameTaken)
	copied.apply(user("new", "new"))
	changes := copied.changes(identity.Sequence)
	if len(changes) != 1 || changes[0].ID != "new" {
		s.Errorf("after the import come the changes %v, want that of new", changes)
	}
	if page := idsOf(copied.page(s.everything())); page[len(page)-1] != "new" {
		s.Errorf("the order %v does not end with what was made last", page)
	}
}

func importNeedsEmpty(s suite) {
	s.some()
	exported, identity := s.export(), s.identity()
	s.wantError(s.store.Import(s.ctx, store.Identity{StoreID: "x"}, following(nil, io.EOF)), store.ErrNotEmpty)
	s.equal(s.export(), exported)
	s.equal(s.identity(), identity)
}

func importFailure(s suite) {
	s.some()
	exported := s.export()
	copied := s
	copied.store = s.Open(s)
	identity := copied.identity()
	failure := errors.New("the file ends early")
	s.wantError(copied.store.Import(s.ctx, s.identity(), following(exported[:2], failure)), failure)
	stranger := store.Exported{Record: exported[0].Record, Members: []string{"nobody"}}
	s.wantUnknown(copied.store.Import(s.ctx, s.identity(), following([]store.Exported{stranger}, io.EOF)))
	s.equal(copied.identity(), identity)
	s.equal(idsOf(copied.page(s.everything())), []string{})
	s.wantError(copied.store.Import(s.ctx, s.identity(), following(exported, io.EOF)), nil)
}

// secrets are the values of the person to be erased.
var secrets = []string{"mallory", "Mallory", "malka", "malex-1", "mal@example.com"}

func (s suite) mallory() {
	s.Helper()
	doc := object{"userName": "Mallory", "externalId": "malex-1", "displayName": "Mallory M", "emails": []any{object{"value": "mal@example.com"}}}
	renamed := object{"userName": "Malka", "externalId": "malex-1", "displayName": "Mallory M", "emails": []any{object{"value": "mal@example.com"}}}
	s.apply(create(schema.User, "m", doc), user("other", "other"), group("g", "g", "m", "other"), update(schema.User, "m", renamed))
}

func (s suite) noSecrets() {
	s.Helper()
	dump := s.Dump(s, s.store)
	if !strings.Contains(dump, "other") {
		s.Error("the dump does not hold what is there: the test proves nothing")
	}
	for _, secret := range secrets {
		if strings.Contains(strings.ToLower(dump), strings.ToLower(secret)) {
			s.Errorf("the store still holds %s", secret)
		}
	}
}

func erase(s suite) {
	s.mallory()
	sequence := s.identity().Sequence
	m := remove(schema.User, "")
	s.wantError(s.store.Erase(s.ctx, "m", m), nil)
	s.noSecrets()
	s.wantChanges(sequence,
		store.Change{Event: store.EventDelete, Type: schema.User, ID: "m", Version: 2},
		store.Change{Event: store.EventPatch, Type: schema.Group, ID: "g", Version: 2, Attributes: []string{"members"}, Removed: []string{"m"}})
	s.equal(s.members("g"), []string{"other"})
	if _, err := s.store.Apply(s.ctx, user("m", "new")); err == nil {
		s.Error("the id of what was erased was given again")
	}
	s.apply(user("n", "Mallory"))
}

func eraseDeleted(s suite) {
	s.mallory()
	s.apply(remove(schema.User, "m"))
	m := remove(schema.User, "")
	for range 2 {
		s.wantError(s.store.Erase(s.ctx, "m", m), nil)
		s.noSecrets()
	}
}
