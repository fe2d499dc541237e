package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
	"github.com/scim-operator/scim-operator/internal/scim/store/sqlite"
	"github.com/scim-operator/scim-operator/internal/scim/transfer"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// kinds open an empty store of each kind.
var kinds = map[string]func(testing.TB) store.Store{"sqlite": openSQLite, "postgres": openPostgres}

func openSQLite(t testing.TB) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "scim.db"))
	return closing(t, s, err)
}

func openPostgres(t testing.TB) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), pgtest.Database(t))
	return closing(t, s, err)
}

func closing(t testing.TB, s store.Store, err error) store.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func apply(t testing.TB, s store.Store, m store.Mutation) {
	t.Helper()
	m.At = time.Now().UTC()
	if _, err := s.Apply(t.Context(), m); err != nil {
		t.Fatalf("applying %+v: %v", m, err)
	}
}

func create(t testing.TB, s store.Store, resourceType string, doc map[string]any, members ...string) string {
	t.Helper()
	m := store.Mutation{Operation: store.Create, Type: resourceType, ID: uuid.NewString(), Doc: doc, Change: store.Change{Event: store.EventCreate}}
	if len(members) > 0 {
		m.Members = []store.MemberChange{{Operation: store.AddMembers, IDs: members}}
	}
	apply(t, s, m)
	return m.ID
}

// fill makes what is hard to keep: changed and deleted resources, groups before their members, numbers, any characters.
func fill(t testing.TB, s store.Store) {
	t.Helper()
	ann := create(t, s, schema.User, map[string]any{"userName": "Ann@Example.com", "active": true, "externalId": "Ab", "title": "<&> \u2028 ☃ \\u0041"})
	var many []string
	for i := range 600 {
		many = append(many, create(t, s, schema.User, map[string]any{"userName": fmt.Sprintf("user-%d", i), "emails": []any{map[string]any{"value": "a@b.c", "primary": true}}}))
	}
	inner := create(t, s, schema.Group, map[string]any{"displayName": "Inner"}, many...)
	outer := create(t, s, schema.Group, map[string]any{"displayName": "Outer"}, ann, inner)
	empty := create(t, s, schema.Group, map[string]any{"displayName": "Empty"})
	apply(t, s, store.Mutation{Operation: store.Update, Type: schema.Group, ID: inner, Members: []store.MemberChange{{Operation: store.AddMembers, IDs: []string{empty}}}, Change: store.Change{Event: store.EventPatch}})
	apply(t, s, store.Mutation{Operation: store.Update, Type: schema.User, ID: ann, Doc: map[string]any{"userName": "ann", "active": false}, Change: store.Change{Event: store.EventDeactivate}})
	apply(t, s, store.Mutation{Operation: store.Delete, Type: schema.User, ID: many[0], Change: store.Change{Event: store.EventDelete}})
	_ = outer
}

func export(t testing.TB, s store.Store) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := transfer.Export(t.Context(), s, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAnExportOfAnImportIsTheSameBetweenAllKindsOfStore(t *testing.T) {
	for from, openFrom := range kinds {
		for to, openTo := range kinds {
			t.Run("from "+from+" to "+to, func(t *testing.T) {
				source, target := openFrom(t), openTo(t)
				fill(t, source)
				first := export(t, source)
				counts, err := transfer.Import(t.Context(), target, strings.NewReader(first))
				if err != nil {
					t.Fatal(err)
				}
				if want := (transfer.Counts{Users: 600, Groups: 3}); counts != want {
					t.Errorf("imported %+v, want %+v", counts, want)
				}
				if second := export(t, target); second != first {
					t.Errorf("the exports differ (-first +second):\n%s", cmp.Diff(strings.Split(first, "\n"), strings.Split(second, "\n")))
				}
				want, _ := source.Identity(t.Context())
				if got, err := target.Identity(t.Context()); err != nil || !cmp.Equal(got, want) {
					t.Errorf("identity %+v, %v; want %+v", got, err, want)
				}
				create(t, target, schema.User, map[string]any{"userName": "the first one after"})
				if got, _ := target.Identity(t.Context()); got.Sequence <= want.Sequence {
					t.Errorf("the sequence went from %d to %d", want.Sequence, got.Sequence)
				}
			})
		}
	}
}

func TestAnImportIsWholeOrNotAtAll(t *testing.T) {
	source := openSQLite(t)
	fill(t, source)
	whole := export(t, source)
	lines := strings.SplitAfter(strings.TrimSuffix(whole, "\n"), "\n")
	without := func(i int) string {
		return strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "")
	}
	last := len(lines) - 1
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			target := open(t)
			for name, c := range map[string]struct{ file, want string }{
				"nothing":                 {"", "no export"},
				"another file":            {`{"users":[]}`, "no export"},
				"a later format":          {strings.Replace(whole, `"version":1,"storeID"`, `"version":2,"storeID"`, 1), "format version 2"},
				"without its last line":   {without(last), "cut off"},
				"cut within a line":       {whole[:len(whole)/2], "cut off"},
				"without a line":          {without(5), "damaged"},
				"with more at the end":    {whole + lines[1], "damaged"},
				"with an unknown type":    {strings.Replace(whole, `"type":"User"`, `"type":"Device"`, 1), "neither User nor Group"},
				"with an unknown key":     {strings.Replace(whole, `"type":"User"`, `"kind":"x","type":"User"`, 1), "kind"},
				"with a member that left": {strings.Replace(without(1), `"users":600`, `"users":599`, 1), "no resource has the id"},
			} {
				_, err := transfer.Import(t.Context(), target, strings.NewReader(c.file))
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: error %v, want %q in it", name, err, c.want)
				}
			}
			if _, err := transfer.Import(t.Context(), target, strings.NewReader(whole)); err != nil {
				t.Errorf("after all that was refused the store is not empty: %v", err)
			}
			if _, err := transfer.Import(t.Context(), target, strings.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "not empty") {
				t.Errorf("an import over an import: %v, want it refused", err)
			}
		})
	}
}

// TestAnExportUnderLoadIsOneState: the sequence of the header is that of the resources, so no user that was made later
// is in it, and none that was made before is missing.
func TestAnExportUnderLoadIsOneState(t *testing.T) {
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := open(t)
			ctx, stop := context.WithCancel(t.Context())
			var writers sync.WaitGroup
			for range 3 {
				writers.Go(func() {
					for ctx.Err() == nil {
						_, err := s.Apply(ctx, store.Mutation{
							Operation: store.Create, Type: schema.User, ID: uuid.NewString(), At: time.Now(),
							Doc: map[string]any{"userName": uuid.NewString()}, Change: store.Change{Event: store.EventCreate},
						})
						if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
							t.Errorf("writing: %v", err)
							return
						}
					}
				})
			}
			for range 5 {
				file := export(t, s)
				target := openSQLite(t)
				counts, err := transfer.Import(t.Context(), target, strings.NewReader(file))
				if err != nil {
					t.Fatal(err)
				}
				id, err := target.Identity(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				changes := 0
				for after := int64(0); ; {
					page, err := s.Changes(t.Context(), after, 500)
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range page {
						if after = c.Sequence; c.Sequence <= id.Sequence {
							changes++
						}
					}
					if len(page) == 0 || after > id.Sequence {
						break
					}
				}
				if changes != counts.Users {
					t.Errorf("the export has %d users, and up to its sequence %d were made", counts.Users, changes)
				}
			}
			stop()
			writers.Wait()
		})
	}
}
