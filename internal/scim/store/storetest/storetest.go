package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// suite is one store under test with helpers that fail the test.
type suite struct {
	*testing.T
	ctx   context.Context
	store store.Store
}

// Run runs every test on a new, empty store each.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	for name, test := range map[string]func(suite){
		"a record comes back as it was inserted":                    recordRoundTrip,
		"a userName in use is refused whatever its case":            userNameUnique,
		"a group may have the userName key of a user":               groupsHaveNoUserName,
		"an unknown record is not found":                            notFound,
		"replace needs the expected version":                        replaceChecksVersion,
		"an update that fails leaves nothing":                       failedUpdateRollsBack,
		"the sequence moves once with each change and not without":  sequence,
		"every condition selects what the key says":                 conditions,
		"conditions are joined by and":                              conjunction,
		"pages come in the order of creation":                       pages,
		"a position is a place to go on from":                       after,
		"members are added once and counted":                        addMembers,
		"an unknown member is named":                                unknownMember,
		"members and groups show each other":                        references,
		"delete takes memberships along and moves the groups":       deleteCascades,
		"keys follow a replaced document":                           keysFollow,
		"a view does not see what is committed while it is running": viewIsConsistent,
		"a ready store says so":                                     ready,
	} {
		t.Run(name, func(t *testing.T) {
			test(suite{T: t, ctx: t.Context(), store: newStore(t)})
		})
	}
}

func user(id, userName string) store.Record {
	return store.Record{ID: id, Type: schema.User, Version: 1, Created: epoch, Modified: epoch, Doc: map[string]any{"userName": userName}}
}

func group(id, displayName string) store.Record {
	return store.Record{ID: id, Type: schema.Group, Version: 1, Created: epoch, Modified: epoch, Doc: map[string]any{"displayName": displayName}}
}

func (s suite) update(f func(tx store.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.ctx, f); err != nil {
		s.Fatalf("updating: %v", err)
	}
}

func (s suite) view(f func(r store.Reader) error) {
	s.Helper()
	if err := s.store.View(s.ctx, f); err != nil {
		s.Fatalf("viewing: %v", err)
	}
}

func (s suite) insert(records ...store.Record) {
	s.Helper()
	s.update(func(tx store.Tx) error {
		for _, r := range records {
			if err := tx.Insert(s.ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s suite) get(resourceType, id string) (record store.Record) {
	s.Helper()
	s.view(func(r store.Reader) (err error) {
		record, err = r.Get(s.ctx, resourceType, id)
		return err
	})
	return record
}

func (s suite) list(q store.Query) []string {
	s.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	ids := []string{}
	s.view(func(r store.Reader) error {
		records, err := r.List(s.ctx, q)
		for _, record := range records {
			ids = append(ids, record.ID)
		}
		return err
	})
	return ids
}

func (s suite) sequence() int64 {
	s.Helper()
	identity, err := s.store.Identity(s.ctx)
	if err != nil {
		s.Fatalf("reading the identity: %v", err)
	}
	return identity.Sequence
}

func (s suite) equal(got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("unexpected (-want +got):\n%s", diff)
	}
}

func (s suite) wantError(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("error %v, want %v", err, want)
	}
}

func recordRoundTrip(s suite) {
	want := user("u1", "Ann")
	want.Version, want.Modified = 7, epoch.Add(time.Millisecond)
	want.Doc["emails"] = []any{map[string]any{"value": "a\u2028<b>", "primary": true}}
	s.insert(want)
	got := s.get(schema.User, "u1")
	want.Position = got.Position
	s.equal(got, want)
}

func userNameUnique(s suite) {
	s.insert(user("u1", "Straße"), user("u2", "other"))
	err := s.store.Update(s.ctx, func(tx store.Tx) error { return tx.Insert(s.ctx, user("u3", "STRASSE")) })
	s.wantError(err, store.ErrUserNameTaken)
	err = s.store.Update(s.ctx, func(tx store.Tx) error { return tx.Replace(s.ctx, user("u2", "strasse"), 1) })
	s.wantError(err, store.ErrUserNameTaken)
}

func groupsHaveNoUserName(s suite) {
	a, b := group("g1", "x"), group("g2", "x")
	s.insert(user("u1", "x"), a, b)
	s.equal(s.list(store.Query{Type: schema.Group}), []string{"g1", "g2"})
}

func notFound(s suite) {
	s.insert(user("u1", "a"))
	s.wantError(s.store.View(s.ctx, func(r store.Reader) error {
		_, err := r.Get(s.ctx, schema.Group, "u1")
		return err
	}), store.ErrNotFound)
	s.wantError(s.store.Update(s.ctx, func(tx store.Tx) error {
		return tx.Delete(s.ctx, schema.User, "nobody", epoch)
	}), store.ErrNotFound)
}

func replaceChecksVersion(s suite) {
	s.insert(user("u1", "a"))
	changed := user("u1", "b")
	changed.Version = 2
	s.update(func(tx store.Tx) error { return tx.Replace(s.ctx, changed, 1) })
	s.wantError(s.store.Update(s.ctx, func(tx store.Tx) error { return tx.Replace(s.ctx, changed, 1) }), store.ErrVersionChanged)
	s.equal(s.get(schema.User, "u1").Version, int64(2))
}

func failedUpdateRollsBack(s suite) {
	failure := errors.New("no")
	err := s.store.Update(s.ctx, func(tx store.Tx) error {
		return errors.Join(tx.Insert(s.ctx, user("u1", "a")), failure)
	})
	s.wantError(err, failure)
	s.equal(s.list(store.Query{Type: schema.User}), []string{})
	s.equal(s.sequence(), int64(0))
}

func sequence(s suite) {
	s.insert(user("u1", "a"), user("u2", "b"))
	s.equal(s.sequence(), int64(1))
	s.update(func(tx store.Tx) error {
		_, err := tx.RemoveMembers(s.ctx, "nothing", []string{"u1"})
		return err
	})
	s.equal(s.sequence(), int64(1))
	s.update(func(tx store.Tx) error { return tx.Delete(s.ctx, schema.User, "u1", epoch) })
	s.equal(s.sequence(), int64(2))
}

func deleteCascades(s suite) {
	s.insert(user("u1", "a"), user("u2", "b"), group("g1", "g"))
	s.update(func(tx store.Tx) error {
		_, err := tx.AddMembers(s.ctx, "g1", []string{"u1", "u2"})
		return err
	})
	s.update(func(tx store.Tx) error { return tx.Delete(s.ctx, schema.User, "u1", epoch) })
	s.view(func(r store.Reader) error {
		members, err := r.Members(s.ctx, "g1")
		s.equal(members, map[string][]store.Ref{"g1": {{ID: "u2", Type: schema.User}}})
		return err
	})
	changed := s.get(schema.Group, "g1")
	s.equal(changed.Version, int64(2))
	if !changed.Modified.After(epoch) {
		s.Errorf("modified %v is not after %v", changed.Modified, epoch)
	}
}

func viewIsConsistent(s suite) {
	s.insert(user("u1", "a"))
	s.view(func(r store.Reader) error {
		before, err := r.Count(s.ctx, store.Query{Type: schema.User})
		if err != nil {
			return err
		}
		s.insert(user("u2", "b"))
		after, err := r.Count(s.ctx, store.Query{Type: schema.User})
		s.equal(after, before)
		return err
	})
}

func ready(s suite) {
	if err := s.store.Ready(s.ctx); err != nil {
		s.Errorf("not ready: %v", err)
	}
	identity, err := s.store.Identity(s.ctx)
	if err != nil || len(identity.StoreID) != 36 {
		s.Errorf("identity %+v, error %v: want a UUID", identity, err)
	}
}

func pages(s suite) {
	for i := range 5 {
		s.insert(user(fmt.Sprintf("u%d", 9-i), fmt.Sprint(i)))
	}
	s.equal(s.list(store.Query{Type: schema.User, Limit: 2}), []string{"u9", "u8"})
	s.equal(s.list(store.Query{Type: schema.User, Limit: 2, Offset: 3}), []string{"u6", "u5"})
	s.equal(s.list(store.Query{Type: schema.User, Limit: 2, Offset: 9}), []string{})
}

func after(s suite) {
	s.insert(user("u1", "a"), user("u2", "b"), user("u3", "c"))
	position := s.get(schema.User, "u1").Position
	s.equal(s.list(store.Query{Type: schema.User, After: position}), []string{"u2", "u3"})
}
