package storetest

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// BenchUsersVariable says how many users a benchmarked store holds; as many as its large group when it is unset.
const BenchUsersVariable = "SCIM_STORE_BENCH_USERS"

const (
	largeGroup = 100_000
	// newcomers are users beyond the others, in no group.
	newcomers = 1000
)

// Bench measures what an endpoint does most, with one worker and with eight.
func Bench(b *testing.B, open func(t testing.TB) store.Store) {
	users := largeGroup
	if text := os.Getenv(BenchUsersVariable); text != "" {
		var err error
		if users, err = strconv.Atoi(text); err != nil {
			b.Fatalf("%s: %v", BenchUsersVariable, err)
		}
	}
	f := &filled{Store: open(b), users: max(users, largeGroup)}
	f.fill(b)
	for _, c := range []struct {
		name string
		run  func(ctx context.Context, n int) error
	}{
		{"create", f.create}, {"get", f.get}, {"find by userName", f.find}, {"first page", f.firstPage}, {"deep page", f.deepPage}, {"update active", f.update},
		{"add one member to 10", f.addTo("small")}, {"add one member to 100,000", f.addTo("large")},
	} {
		for _, workers := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/workers=%d", c.name, workers), func(b *testing.B) {
				measure(b, workers, func(n int) error { return c.run(b.Context(), n) })
			})
		}
	}
}

// measure runs the operation with as many workers; n is never the same twice.
func measure(b *testing.B, workers int, run func(n int) error) {
	errs := make(chan error, workers)
	var next atomic.Int64
	b.ResetTimer()
	for range workers {
		go func() {
			for {
				if next.Add(1) > int64(b.N) {
					errs <- nil
					return
				}
				if err := run(int(unique.Add(1))); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range workers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

var unique atomic.Int64

// filled is a store with users and a small and a large group.
type filled struct {
	store.Store
	users  int
	rt     *schema.ResourceType
	filter func(userName string) filter.Expr
}

func (f *filled) fill(b *testing.B) {
	b.Helper()
	f.rt, _ = types(b)
	f.filter = func(userName string) filter.Expr {
		e, err := filter.Parse(f.rt, dialect.Entra, `userName eq "`+userName+`"`)
		if err != nil {
			b.Error(err)
		}
		return e
	}
	large := make([]string, largeGroup)
	for n := range large {
		large[n] = benchID(n)
	}
	n := 0
	next := func() (x store.Exported, err error) {
		x.Version, x.Created, x.Modified, x.Position = 1, epoch, epoch, int64(n+1)
		switch everybody := f.users + newcomers; {
		case n < everybody:
			x.ID, x.Type, x.Doc = benchID(n), schema.User, benchUser(n)
		case n == everybody:
			x.ID, x.Type, x.Doc, x.Members = "small", schema.Group, object{"displayName": "Small"}, large[:10]
		case n == everybody+1:
			x.ID, x.Type, x.Doc, x.Members = "large", schema.Group, object{"displayName": "Large"}, large
		default:
			err = io.EOF
		}
		n++
		return x, err
	}
	if err := f.Import(b.Context(), store.Identity{StoreID: "benchmark", CursorKey: make([]byte, 32)}, next); err != nil {
		b.Fatal(err)
	}
}

func benchID(n int) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(n)*2654435761, n) // spread as random ids are
}

func benchUser(n int) object {
	name := fmt.Sprintf("Person.%d@example.com", n)
	return object{
		"userName": name, "externalId": benchID(n), "displayName": fmt.Sprintf("Person Number %d", n), "active": true,
		"name": object{"givenName": "Person", "familyName": fmt.Sprint("Number ", n)}, "title": "Engineer",
		"emails":                 []any{object{"type": "work", "value": name, "primary": true}},
		schema.EnterpriseUserURN: object{"department": "Research", "employeeNumber": strconv.Itoa(n), "manager": object{"value": benchID(n / 10)}},
	}
}

func (f *filled) create(ctx context.Context, n int) error {
	n += 1 << 24 // beyond whoever is there
	_, err := f.Apply(ctx, create(schema.User, benchID(n), benchUser(n)))
	return err
}

func (f *filled) get(ctx context.Context, n int) error {
	_, err := f.Get(ctx, schema.User, benchID(n*7919%f.users), store.Want{Groups: true, Manager: true})
	return err
}

func (f *filled) find(ctx context.Context, n int) error {
	e := f.filter(fmt.Sprintf("PERSON.%d@example.com", n*7919%f.users))
	page, err := f.List(ctx, store.Query{Select: []store.Selection{{Type: f.rt, Filter: e}}, Limit: 100, Total: true, Want: store.Want{Groups: true, Manager: true}})
	if err == nil && page.Total != 1 {
		return fmt.Errorf("found %d", page.Total)
	}
	return err
}

func (f *filled) firstPage(ctx context.Context, _ int) error {
	_, err := f.List(ctx, store.Query{Select: []store.Selection{{Type: f.rt}}, Limit: 100, Total: true})
	return err
}

func (f *filled) deepPage(ctx context.Context, _ int) error {
	_, err := f.List(ctx, store.Query{Select: []store.Selection{{Type: f.rt}}, Limit: 100, Offset: f.users - 200, Total: true})
	return err
}

func (f *filled) update(ctx context.Context, n int) error {
	doc := benchUser(n * 7919 % f.users)
	doc["active"], doc["title"] = n%2 == 0, fmt.Sprint("Engineer ", n)
	_, err := f.Apply(ctx, update(schema.User, benchID(n*7919%f.users), doc))
	return err
}

// addTo adds a newcomer, and takes it out again the next time, so that the group keeps its size.
func (f *filled) addTo(groupID string) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		id := benchID(f.users + n/2%newcomers)
		change := update(schema.Group, groupID, nil, adding(id))
		if n%2 == 1 {
			change = update(schema.Group, groupID, nil, removing(id))
		}
		_, err := f.Apply(ctx, change)
		return err
	}
}
