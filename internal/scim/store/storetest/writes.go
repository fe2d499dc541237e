package storetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var writeTests = map[string]func(suite){
	"a resource comes back as it was made":                         roundTrip,
	"a userName in use is refused whatever its case":               userNameUnique,
	"a userName is free again after a rename and after a deletion": userNameFreed,
	"a group may have the name of a user":                          groupsHaveNoUserName,
	"externalIds that differ in case are two":                      externalIDExact,
	"what is not there is not found":                               notFound,
	"V-4 an update needs the expected version":                     expectedVersion,
	"P-4 an update that changes nothing writes nothing":            noOp,
	"a user is found by what an update names and by what it keeps": foundAfterUpdates,
	"K-6 times grow whatever the clock says":                       timesGrow,
	"a mutation that fails leaves nothing":                         failureLeavesNothing,
	"a view sees one state":                                        viewIsConsistent,
	"a ready store says so":                                        ready,
}

func roundTrip(s suite) {
	doc := object{
		"userName": "Ann", "externalId": "E", "active": true,
		"emails":                 []any{object{"value": "a\u2028<b>&", "primary": true}},
		"x509Certificates":       []any{object{"value": "AAAA"}},
		schema.EnterpriseUserURN: object{"manager": object{"value": "boss"}},
		wiki:                     object{"level": json.Number("9007199254740993"), "share": json.Number("0.5")},
	}
	s.apply(create(schema.User, "boss", object{"userName": "boss", "displayName": "The Boss"}))
	applied := s.apply(create(schema.User, "u", doc), group("g", "Editors", "u"))
	s.equal(applied.Added, 1)
	got := s.get(schema.User, "u")
	if got.Position == 0 {
		s.Error("no position")
	}
	got.Position = 0
	s.equal(got, store.Resource{
		Record:  store.Record{ID: "u", Type: schema.User, Version: 1, Created: epoch, Modified: epoch, Doc: doc},
		Groups:  []store.Ref{{ID: "g", Type: schema.Group, Display: "Editors"}},
		Manager: &store.Ref{ID: "boss", Type: schema.User, Display: "The Boss"},
	})
	plain, err := s.store.Get(s.ctx, schema.User, "u", store.Want{})
	if err != nil || plain.Groups != nil || plain.Manager != nil {
		s.Errorf("unwanted %v and %v came along, error %v", plain.Groups, plain.Manager, err)
	}
	refs, err := s.store.Refs(s.ctx, "g", "boss", "nobody")
	s.wantError(err, nil)
	s.equal(refs, map[string]store.Ref{"g": {ID: "g", Type: schema.Group, Display: "Editors"}, "boss": {ID: "boss", Type: schema.User, Display: "The Boss"}})
}

func userNameUnique(s suite) {
	s.apply(user("u1", "Straße"), user("u2", "other"))
	s.refused(user("u3", "STRASSE"), store.ErrUserNameTaken)
	s.refused(update(schema.User, "u2", object{"userName": "strasse"}), store.ErrUserNameTaken)
	s.apply(update(schema.User, "u1", object{"userName": "STRASSE"}))
}

func userNameFreed(s suite) {
	s.apply(user("u1", "ann"), update(schema.User, "u1", object{"userName": "bob"}), user("u2", "ann"), remove(schema.User, "u1"), user("u3", "bob"))
	s.equal(idsOf(s.page(s.users())), []string{"u2", "u3"})
}

func groupsHaveNoUserName(s suite) {
	s.apply(user("u", "x"), create(schema.Group, "g1", object{"displayName": "x", "userName": "x"}), group("g2", "x"))
	s.equal(len(s.page(s.everything()).Resources), 3)
}

func externalIDExact(s suite) {
	a, b := user("u1", "a"), user("u2", "b")
	a.Doc["externalId"], b.Doc["externalId"] = "Ab", "aB"
	s.apply(a, b)
	s.equal(s.filtered(schema.User, `externalId eq "aB"`), []string{"u2"})
}

func notFound(s suite) {
	s.apply(user("u", "a"))
	_, err := s.store.Get(s.ctx, schema.Group, "u", store.Want{})
	s.wantError(err, store.ErrNotFound)
	s.refused(update(schema.Group, "u", object{"displayName": "x"}), store.ErrNotFound)
	s.refused(remove(schema.User, "nobody"), store.ErrNotFound)
	s.wantError(s.store.Erase(s.ctx, "nobody", store.Mutation{At: epoch}), store.ErrNotFound)
	s.equal(s.members("nothing"), []string{})
}

func expectedVersion(s suite) {
	s.apply(user("u", "a"))
	first := update(schema.User, "u", object{"userName": "b"})
	first.Expected = 1
	s.equal(s.apply(first).Version, int64(2))
	s.refused(first, store.ErrVersionChanged)
	last := remove(schema.User, "u")
	last.Expected = 1
	s.refused(last, store.ErrVersionChanged)
	last.Expected = 2
	s.equal(s.apply(last).Version, int64(2))
}

func noOp(s suite) {
	doc := func() object {
		return object{"displayName": "g", "externalId": "x", "list": []any{json.Number("1.50"), "b"}}
	}
	s.apply(user("u", "a"), create(schema.Group, "g", doc(), "u"))
	before, sequence := s.get(schema.Group, "g"), s.identity().Sequence
	for _, m := range []store.Mutation{
		update(schema.Group, "g", nil), update(schema.Group, "g", doc()), update(schema.Group, "g", nil, adding("u")),
		update(schema.Group, "g", doc(), removing("nobody"), replacing("u")), update(schema.Group, "g", nil, removing("u"), adding("u")),
	} {
		m.At = epoch.Add(time.Hour)
		applied := s.apply(m)
		s.equal(applied, store.Applied{Version: 1, Created: epoch, Modified: epoch, Position: before.Position})
	}
	s.equal(s.get(schema.Group, "g"), before)
	s.equal(s.identity().Sequence, sequence)
	s.equal(s.members("g"), []string{"u"})
}

func foundAfterUpdates(s suite) {
	mail := func(value string) []any { return []any{object{"value": value}} }
	doc := object{"userName": "ann", "emails": mail("ann@x")}
	s.apply(create(schema.User, "u", doc))
	for i, step := range []struct {
		attribute string
		value     any
		userName  string
		email     string
	}{
		{"title", "Editor", "ann", "ann@x"},
		{"emails", mail("ann@y"), "ann", "ann@y"},
		{"userName", "bea", "bea", "ann@y"},
		{"active", false, "bea", "ann@y"},
	} {
		doc = maps.Clone(doc)
		doc[step.attribute] = step.value
		m := update(schema.User, "u", doc)
		m.Expected, m.Change.Attributes = int64(i+1), []string{step.attribute}
		s.equal(s.apply(m).Version, int64(i+2))
		s.equal(s.get(schema.User, "u").Doc, doc)
		s.equal(s.filtered(schema.User, fmt.Sprintf("userName eq %q", step.userName)), []string{"u"})
		s.equal(s.filtered(schema.User, fmt.Sprintf("emails eq %q", step.email)), []string{"u"})
	}
	s.equal(s.filtered(schema.User, `userName eq "ann" or emails eq "ann@x"`), []string{})
}

func timesGrow(s suite) {
	early := update(schema.User, "u", object{"userName": "b"})
	early.At = epoch.Add(-time.Hour)
	s.apply(user("u", "a"))
	s.equal(s.apply(early).Modified, epoch.Add(time.Millisecond))
	late := update(schema.User, "u", object{"userName": "c"})
	late.At = epoch.Add(time.Hour + 123456*time.Nanosecond)
	applied := s.apply(late)
	s.equal(applied.Modified, epoch.Add(time.Hour))
	s.equal(applied.Created, epoch)
	s.equal(s.get(schema.User, "u").Modified, epoch.Add(time.Hour))
}

func failureLeavesNothing(s suite) {
	s.apply(user("u1", "a"), group("g", "g"))
	before, sequence := s.get(schema.Group, "g"), s.identity().Sequence
	unknown := update(schema.Group, "g", object{"displayName": "h"}, adding("u1", "nobody"))
	_, err := s.store.Apply(s.ctx, unknown)
	s.wantUnknown(err)
	_, err = s.store.Apply(s.ctx, group("h", "h", "u1", "nobody"))
	s.wantUnknown(err)
	taken := user("u2", "A")
	taken.Doc["emails"] = []any{object{"value": "a@x"}}
	s.refused(taken, store.ErrUserNameTaken)
	s.equal(s.get(schema.Group, "g"), before)
	s.equal(s.members("g"), []string{})
	s.equal(idsOf(s.page(s.everything())), []string{"u1", "g"})
	s.equal(s.changes(sequence), []store.Change(nil))
}

func viewIsConsistent(s suite) {
	s.apply(user("u1", "a"))
	err := s.store.View(s.ctx, func(r store.Reader) error {
		q := s.users()
		q.Limit, q.Total = 10, true
		before, err := r.List(s.ctx, q)
		if err != nil {
			return err
		}
		s.apply(user("u2", "b"))
		after, err := r.List(s.ctx, q)
		s.equal(after, before)
		return err
	})
	s.wantError(err, nil)
	s.equal(idsOf(s.page(s.users())), []string{"u1", "u2"})
}

func ready(s suite) {
	s.wantError(s.store.Ready(s.ctx), nil)
	if id := s.identity(); len(id.StoreID) != 36 || len(id.CursorKey) != 32 || id.Sequence != 0 {
		s.Errorf("identity %+v: want a UUID, a key of 32 bytes and no sequence", id)
	}
}
