package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/dialect"
	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

// workers is how many clients a benchmark has for each processor.
const workers = 2

// population is how many users there are to be found and changed, and the size of the large group.
const population = 100_000

// scene is a filled store with its bare database.
type scene struct {
	store *postgres.Store
	bare  *pgxpool.Pool
	// made counts what was made, so that each has names of its own; perSecond is what the bare statement did.
	made      atomic.Int64
	perSecond float64
}

func userDoc(n int64) map[string]any {
	return map[string]any{
		"userName": fmt.Sprintf("user%d@example.com", n), "externalId": fmt.Sprintf("3f9c0000-0000-4000-8000-%012d", n), "active": true,
		"displayName": fmt.Sprintf("User Number %d", n), "title": "Engineer", "preferredLanguage": "en",
		"name":                   map[string]any{"givenName": "User", "familyName": fmt.Sprintf("Number %d", n)},
		"emails":                 []any{map[string]any{"type": "work", "primary": true, "value": fmt.Sprintf("user%d@example.com", n)}},
		schema.EnterpriseUserURN: map[string]any{"department": "Engineering", "employeeNumber": fmt.Sprint(n)},
	}
}

func userID(n int64) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// fill makes users, a group of the first ten and one of all.
func fill(b *testing.B) *scene {
	b.Helper()
	url := pgtest.Database(b)
	s := &scene{store: open(b, url), bare: connect(b, url)}
	all := make([]string, population)
	var n int64
	next := func() (store.Exported, error) {
		n++
		record := store.Record{Type: schema.User, ID: userID(n), Version: 1, Created: time.Unix(0, 0), Modified: time.Unix(0, 0), Position: n}
		switch {
		case n <= population:
			all[n-1] = record.ID
			record.Doc = userDoc(n)
			return store.Exported{Record: record}, nil
		case n <= population+2:
			record.Type, record.Doc = schema.Group, map[string]any{"displayName": fmt.Sprint("Group ", n)}
			return store.Exported{Record: record, Members: map[int64][]string{population + 1: all[:10], population + 2: all}[n]}, nil
		}
		return store.Exported{}, io.EOF
	}
	if err := s.store.Import(b.Context(), store.Identity{StoreID: "benchmark", CursorKey: make([]byte, 32)}, next); err != nil {
		b.Fatalf("filling the store: %v", err)
	}
	s.made.Store(n)
	exec(b, s.bare, `VACUUM ANALYZE`)
	return s
}

// compare runs a bare statement and what the store does in its place, each by the same number of clients.
func (s *scene) compare(b *testing.B, bare, stored func(ctx context.Context, n int64) error) {
	for _, side := range []struct {
		name string
		do   func(ctx context.Context, n int64) error
	}{{"bare", bare}, {"store", stored}} {
		b.Run(side.name, func(b *testing.B) {
			b.SetParallelism(workers)
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := side.do(b.Context(), s.made.Add(1)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			perSecond := float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(perSecond, "ops/s")
			if side.name == "bare" {
				s.perSecond = perSecond
			} else {
				b.ReportMetric(100*perSecond/s.perSecond, "%ofbare")
			}
		})
	}
}

func (s *scene) exec(statement string, args func(n int64) []any) func(context.Context, int64) error {
	return func(ctx context.Context, n int64) error {
		_, err := s.bare.Exec(ctx, statement, args(n)...)
		return err
	}
}

func (s *scene) apply(mutation func(n int64) store.Mutation) func(context.Context, int64) error {
	return func(ctx context.Context, n int64) error {
		m := mutation(n)
		m.At = time.Now()
		m.Change.Actor, m.Change.RequestID = "token", "request"
		_, err := s.store.Apply(ctx, m)
		return err
	}
}

func encode(doc map[string]any) json.RawMessage {
	text, _ := json.Marshal(doc)
	return text
}

func userSchema(tb testing.TB) *schema.ResourceType {
	tb.Helper()
	registry, err := schema.NewRegistry()
	if err != nil {
		tb.Fatal(err)
	}
	return registry.ResourceType(schema.User)
}

func parse(tb testing.TB, rt *schema.ResourceType, text string) filter.Expr {
	tb.Helper()
	e, err := filter.Parse(rt, dialect.Entra, text)
	if err != nil {
		tb.Fatalf("parsing %s: %v", text, err)
	}
	return e
}

func BenchmarkPostgresCreate(b *testing.B) {
	s := fill(b)
	s.compare(b,
		s.exec(`INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, external_id, display_name_key, active, doc, search)
			VALUES ($1, 'User', 1, 0, 0, $2, $3, $4, true, $5, $6)`, func(n int64) []any {
			doc := userDoc(n)
			return []any{userID(n), doc["userName"], doc["externalId"], doc["displayName"], encode(doc), encode(store.SearchDoc(doc))}
		}),
		s.apply(func(n int64) store.Mutation {
			return store.Mutation{Operation: store.Create, Type: schema.User, ID: userID(n), Doc: userDoc(n), Change: store.Change{Event: store.EventCreate}}
		}))
}

func BenchmarkPostgresGet(b *testing.B) {
	s := fill(b)
	s.compare(b,
		func(ctx context.Context, n int64) error {
			var version int64
			var doc []byte
			return s.bare.QueryRow(ctx, `SELECT version, doc FROM resources WHERE id = $1`, userID(1+n%population)).Scan(&version, &doc)
		},
		func(ctx context.Context, n int64) error {
			_, err := s.store.Get(ctx, schema.User, userID(1+n%population), store.Want{Groups: true, Manager: true})
			return err
		})
}

func BenchmarkPostgresFindByUserName(b *testing.B) {
	s := fill(b)
	users := userSchema(b)
	s.compare(b,
		func(ctx context.Context, n int64) error {
			var version int64
			var doc []byte
			return s.bare.QueryRow(ctx, `SELECT version, doc FROM resources WHERE type = 'User' AND user_name_key = $1`,
				fmt.Sprintf("user%d@example.com", 1+n%population)).Scan(&version, &doc)
		},
		func(ctx context.Context, n int64) error {
			page, err := s.store.List(ctx, store.Query{
				Select: []store.Selection{{
					Type:   users,
					Filter: parse(b, users, fmt.Sprintf("userName eq \"User%d@example.com\"", 1+n%population)),
				}},
				Limit: 100, Total: true, Want: store.Want{Groups: true, Manager: true},
			})
			if err == nil && page.Total != 1 {
				err = fmt.Errorf("%d found", page.Total)
			}
			return err
		})
}

// BenchmarkPostgresUpdate sets active back and forth, as Entra does when it disables and enables.
func BenchmarkPostgresUpdate(b *testing.B) {
	s := fill(b)
	doc := func(n int64) map[string]any {
		doc := userDoc(1 + n%population)
		doc["active"] = n/population%2 == 0
		doc["title"] = fmt.Sprint("Engineer ", n)
		return doc
	}
	s.compare(b,
		s.exec(`UPDATE resources SET version = version + 1, active = $2, doc = $3, search = $4 WHERE id = $1`, func(n int64) []any {
			d := doc(n)
			return []any{userID(1 + n%population), d["active"], encode(d), encode(store.SearchDoc(d))}
		}),
		func(ctx context.Context, n int64) error {
			// The server reads, decides and writes with the version that it read.
			id := userID(1 + n%population)
			resource, err := s.store.Get(ctx, schema.User, id, store.Want{})
			if err != nil {
				return err
			}
			return s.apply(func(n int64) store.Mutation {
				return store.Mutation{
					Operation: store.Update, Type: schema.User, ID: id, Doc: doc(n), Expected: resource.Version,
					Change: store.Change{Event: store.EventPatch, Attributes: []string{"active", "title"}},
				}
			})(ctx, n)
		})
}

// BenchmarkPostgresAddMember adds one member to one group, all clients to the same.
func BenchmarkPostgresAddMember(b *testing.B) {
	for size, group := range map[int]string{10: userID(population + 1), population: userID(population + 2)} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := fill(b)
			// Users who are in no group yet, made in one go.
			exec(b, s.bare, `INSERT INTO resources (id, type, version, created_ms, modified_ms, user_name_key, doc, search)
				SELECT '00000000-0000-4000-8000-' || lpad(n::text, 12, '0'), 'User', 1, 0, 0, 'm' || n,
				jsonb_build_object('userName', 'm' || n), '{}' FROM generate_series($1::bigint, $1::bigint + 100000) n`, s.made.Load()+1)
			exec(b, s.bare, `VACUUM ANALYZE`)
			s.compare(b,
				s.exec(`INSERT INTO members (group_id, member_id, member_type) VALUES ($1, $2, 'User')`, func(n int64) []any { return []any{group, userID(n)} }),
				s.apply(func(n int64) store.Mutation {
					return store.Mutation{
						Operation: store.Update, Type: schema.Group, ID: group, Change: store.Change{Event: store.EventPatch},
						Members: []store.MemberChange{{Operation: store.AddMembers, IDs: []string{userID(n)}}},
					}
				}))
		})
	}
}
