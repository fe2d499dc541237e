package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

// crowdOfMoves is a group whose row somebody else holds, so that what changes its members queues.
type crowdOfMoves struct {
	*testing.T
	url   string
	store *postgres.Store
	held  pgx.Tx
}

// newCrowdOfMoves makes a group and users u0 to un, of whom the last is being added and waits for the row.
func newCrowdOfMoves(t *testing.T, n int) (c crowdOfMoves, first chan error) {
	t.Helper()
	url := pgtest.Database(t)
	c = crowdOfMoves{T: t, url: url, store: open(t, url)}
	c.create(schema.Group, "g", map[string]any{"displayName": "g"})
	for i := range n + 1 {
		id := fmt.Sprint("u", i)
		c.create(schema.User, id, map[string]any{"userName": id})
	}
	c.held = c.begin(`SELECT FROM resources WHERE id = 'g' FOR NO KEY UPDATE`)
	first = make(chan error, 1)
	go func() { first <- c.add(t.Context(), fmt.Sprint("u", n)) }()
	c.awaitLocks(1)
	return c, first
}

func (c crowdOfMoves) create(resourceType, id string, doc map[string]any) {
	c.Helper()
	m := store.Mutation{Operation: store.Create, Type: resourceType, ID: id, Doc: doc, At: time.UnixMilli(0)}
	if _, err := c.store.Apply(c.Context(), m); err != nil {
		c.Fatal(err)
	}
}

func (c crowdOfMoves) add(ctx context.Context, id string) error {
	_, err := c.store.Apply(ctx, store.Mutation{
		Operation: store.Update, Type: schema.Group, ID: "g", At: time.UnixMilli(0),
		Members: []store.MemberChange{{Operation: store.AddMembers, IDs: []string{id}}},
	})
	return err
}

// queue adds members at once and returns their results when all wait.
func (c crowdOfMoves) queue(ctx context.Context, ids ...string) chan error {
	errs := make(chan error, len(ids))
	before := c.store.Waiting("g")
	for _, id := range ids {
		go func() { errs <- c.add(ctx, id) }()
	}
	for c.store.Waiting("g") < before+len(ids) {
		runtime.Gosched()
	}
	return errs
}

// begin opens a transaction of somebody else with a statement.
func (c crowdOfMoves) begin(statement string) pgx.Tx {
	c.Helper()
	tx, err := connect(c, c.url).Begin(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	if _, err := tx.Exec(c.Context(), statement); err != nil {
		c.Fatal(err)
	}
	return tx
}

func (c crowdOfMoves) release() {
	c.Helper()
	if err := c.held.Rollback(c.Context()); err != nil {
		c.Fatal(err)
	}
}

// transactions are how many members each transaction made, in their order.
func (c crowdOfMoves) transactions() []string {
	c.Helper()
	return texts(c, connect(c, c.url), `SELECT count(*)::text FROM members WHERE group_id = 'g' GROUP BY xmin ORDER BY min(xmin::text::bigint)`)
}

func (c crowdOfMoves) want(errs chan error) {
	c.Helper()
	for range cap(errs) {
		if err := <-errs; err != nil {
			c.Errorf("adding a member: %v", err)
		}
	}
}

func TestWhatWaitsForAGroupIsWrittenTogether(t *testing.T) {
	c, first := newCrowdOfMoves(t, 40)
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = fmt.Sprint("u", i)
	}
	errs := c.queue(t.Context(), ids...)
	c.release()
	c.want(first)
	c.want(errs)
	if diff := cmp.Diff([]string{"1", "32", "8"}, c.transactions()); diff != "" {
		t.Errorf("members of each transaction (-want +got):\n%s", diff)
	}
}

func TestWhoGivesUpWaitingForAGroupHindersNobody(t *testing.T) {
	c, first := newCrowdOfMoves(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	gone := c.queue(ctx, "u0")
	errs := c.queue(t.Context(), "u1", "u2")
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that the context was cancelled", err)
	}
	c.release()
	c.want(first)
	c.want(errs)
	if diff := cmp.Diff([]string{"1", "2"}, c.transactions()); diff != "" {
		t.Errorf("members of each transaction (-want +got):\n%s", diff)
	}
}

func TestWhatTheServerCannotTakeFailsAlone(t *testing.T) {
	c, first := newCrowdOfMoves(t, 3)
	errs := c.queue(t.Context(), "u0", "u1")
	refused := c.queue(t.Context(), "no\x00text")
	c.release()
	c.want(first)
	c.want(errs)
	if err := <-refused; err == nil || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v, want that the id is no text", err)
	}
	if diff := cmp.Diff([]string{"1", "1", "1"}, c.transactions()); diff != "" {
		t.Errorf("members of each transaction (-want +got):\n%s", diff)
	}
}

func TestEachOfThoseWrittenTogetherHasItsOwnVersionAndRecord(t *testing.T) {
	const n = 6
	c, first := newCrowdOfMoves(t, n)
	inner := store.Mutation{Operation: store.Create, Type: schema.Group, ID: "inner", Doc: map[string]any{"displayName": "inner"}, At: time.UnixMilli(0)}
	if _, err := c.store.Apply(t.Context(), inner); err != nil {
		t.Fatal(err)
	}
	type result struct {
		id      string
		applied store.Applied
		err     error
	}
	results := make(chan result, n+2)
	ids := []string{"u0", "u1", "inner", "u2", "nobody", "u3", "u4", "u5"}
	for i, id := range ids {
		go func() {
			applied, err := c.store.Apply(t.Context(), store.Mutation{
				Operation: store.Update, Type: schema.Group, ID: "g", At: time.UnixMilli(0),
				Members: []store.MemberChange{{Operation: store.AddMembers, IDs: []string{id}}},
				Change:  store.Change{Event: store.EventPatch, Actor: "token of " + id, RequestID: "request of " + id},
			})
			results <- result{id, applied, err}
		}()
		for c.store.Waiting("g") < i+1 {
			runtime.Gosched()
		}
	}
	c.release()
	c.want(first)
	versions := map[string]int64{}
	for range ids {
		r := <-results
		unknown, ok := errors.AsType[*store.UnknownMemberError](r.err)
		switch {
		case r.id == "nobody":
			if !ok || unknown.ID != "nobody" {
				t.Errorf("error %v, want that nobody is unknown", r.err)
			}
		case r.err != nil || !r.applied.Changed || r.applied.Added != 1:
			t.Errorf("adding %s came to %+v, error %v", r.id, r.applied, r.err)
		default:
			versions[r.id] = r.applied.Version
		}
	}
	// The first one made version 2; what is no user comes behind those that are.
	want := map[string]int64{"u0": 3, "u1": 4, "u2": 5, "u3": 6, "u4": 7, "u5": 8, "inner": 9}
	if diff := cmp.Diff(want, versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	recorded := texts(t, connect(t, c.url), `SELECT version || ' ' || added[1] || ', ' || actor || ', ' || request_id FROM changes
		WHERE resource_id = 'g' AND version > 2 ORDER BY sequence`)
	var lines []string
	for _, id := range []string{"u0", "u1", "u2", "u3", "u4", "u5", "inner"} {
		lines = append(lines, fmt.Sprintf("%d %s, token of %s, request of %s", want[id], id, id, id))
	}
	if diff := cmp.Diff(lines, recorded); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// awaitLocks waits until so many sessions wait for a lock.
func (c crowdOfMoves) awaitLocks(waiting int) {
	c.Helper()
	watch := connect(c, c.url)
	for len(texts(c, watch, `SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) < waiting {
		runtime.Gosched()
	}
}

func TestWhatIsLeftHoldsNobodyUpAndEndsWithItsCaller(t *testing.T) {
	c, first := newCrowdOfMoves(t, 1)
	c.create(schema.Group, "inner", map[string]any{"displayName": "inner"})
	// Somebody else is adding the group that is left, which hinders no user.
	other := c.begin(`INSERT INTO members (group_id, member_id, member_type) VALUES ('g', 'inner', 'Group')`)
	ctx, cancel := context.WithCancel(t.Context())
	left := c.queue(ctx, "inner")
	user := c.queue(t.Context(), "u0")
	c.release()
	c.want(first)
	c.want(user)
	c.awaitLocks(1) // what is left waits for the other
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that the context was cancelled", err)
	}
	if err := other.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}
