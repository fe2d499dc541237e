package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
)

// newHeldGroup makes a group g and a user u0, and holds the row of the group as a writer of its members does.
func newHeldGroup(t *testing.T) crowdOfMoves {
	t.Helper()
	url := pgtest.Database(t)
	c := crowdOfMoves{T: t, url: url, store: open(t, url)}
	c.create(schema.Group, "g", map[string]any{"displayName": "g"})
	c.create(schema.User, "u0", map[string]any{"userName": "u0"})
	c.held = c.begin(`SELECT FROM resources WHERE id = 'g' FOR NO KEY UPDATE`)
	return c
}

func TestWhoReplacesMembersWritesNoneBeforeHavingTheGroup(t *testing.T) {
	c := newHeldGroup(t)
	replaced := make(chan error, 1)
	go func() {
		_, err := c.store.Apply(t.Context(), store.Mutation{
			Operation: store.Update, Type: schema.Group, ID: "g", At: time.UnixMilli(0),
			Members: []store.MemberChange{{Operation: store.ReplaceMembers, IDs: []string{"u0"}}},
		})
		replaced <- err
	}()
	c.awaitLocks(1)
	for _, statement := range []string{`SET LOCAL lock_timeout = 1`, `INSERT INTO members (group_id, member_id, member_type) VALUES ('g', 'u0', 'User')`} {
		if _, err := c.held.Exec(t.Context(), statement); err != nil {
			t.Errorf("who has the group meets one who only waits for it: %v", err)
		}
	}
	c.release()
	c.want(replaced)
}

func TestAMemberThatGoesWhileItIsAddedIsUnknown(t *testing.T) {
	c := newHeldGroup(t)
	added := make(chan error, 1)
	go func() { added <- c.add(t.Context(), "u1") }()
	c.awaitLocks(1) // it has found no u1 to lock
	c.create(schema.User, "u1", map[string]any{"userName": "u1"})
	deletion := c.begin(`DELETE FROM resources WHERE id = 'u1'`)
	c.release() // now it sees a u1, and its foreign key waits for the deletion
	c.awaitLocks(1)
	if err := deletion.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := <-added
	if _, ok := errors.AsType[*store.UnknownMemberError](err); !ok {
		t.Errorf("error %v, want that u1 is unknown", err)
	}
}
