package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/pgtest"
	"github.com/scim-operator/scim-operator/internal/scim/store/postgres"
)

// What several replicas do at once to the members of one group leaves versions without gaps, each of them told to the one
// who made it, and a record that adds up to the members.
func TestReplicasChangeTheMembersOfOneGroupAtOnce(t *testing.T) {
	url := pgtest.Database(t)
	replicas := []*postgres.Store{open(t, url), open(t, url)}
	const users, writers, each = 30, 8, 150
	c := crowdOfMoves{T: t, url: url, store: replicas[0]}
	c.create(schema.Group, "g", map[string]any{"displayName": "g"})
	c.create(schema.Group, "inner", map[string]any{"displayName": "inner"})
	for i := range users {
		c.create(schema.User, fmt.Sprint("u", i), map[string]any{"userName": fmt.Sprint("u", i)})
	}
	told := make(chan string, writers*each)
	var group sync.WaitGroup
	for writer := range writers {
		random := rand.New(rand.NewPCG(1, uint64(writer)))
		group.Go(func() {
			for n := range each {
				m := randomMove(random, users)
				m.Change.RequestID = fmt.Sprint(writer, "-", n)
				applied, err := replicas[writer%len(replicas)].Apply(t.Context(), m)
				_, unknown := errors.AsType[*store.UnknownMemberError](err)
				switch {
				case unknown, errors.Is(err, store.ErrNotFound): // of somebody who was just deleted
				case err != nil:
					t.Errorf("%+v: %v", m, err)
				case applied.Changed && m.ID == "g":
					told <- fmt.Sprint(applied.Version, " ", m.Change.RequestID)
				}
			}
		})
	}
	group.Wait()
	close(told)
	wantRecord(t, connect(t, url), told)
}

// randomMove adds or removes one or two members, users mostly, and now and then deletes a user.
func randomMove(random *rand.Rand, users int) store.Mutation {
	anybody := func() string {
		if random.IntN(15) == 0 {
			return "inner"
		}
		return fmt.Sprint("u", random.IntN(users))
	}
	change := store.MemberChange{Operation: store.AddMembers, IDs: []string{anybody()}, IgnoreUnknown: random.IntN(2) == 0}
	if random.IntN(3) == 0 {
		change.Operation = store.RemoveMembers
	}
	if random.IntN(6) == 0 {
		change.IDs = append(change.IDs, anybody())
	}
	if random.IntN(120) == 0 {
		return store.Mutation{Operation: store.Delete, Type: schema.User, ID: fmt.Sprint("u", random.IntN(users)), At: time.UnixMilli(0), Change: store.Change{Event: store.EventDelete}}
	}
	return store.Mutation{
		Operation: store.Update, Type: schema.Group, ID: "g", At: time.UnixMilli(0), Members: []store.MemberChange{change}, Change: store.Change{Event: store.EventPatch},
	}
}

func wantRecord(t *testing.T, conn *pgxpool.Pool, told chan string) {
	t.Helper()
	var changed []string
	for line := range told {
		changed = append(changed, line)
	}
	slices.SortFunc(changed, func(a, b string) int { return versionIn(a) - versionIn(b) })
	// A deletion moves the group too, and its version is told to nobody.
	recorded := texts(t, conn, `SELECT version || ' ' || request_id FROM changes c WHERE resource_id = 'g' AND version > 1
		AND NOT EXISTS (SELECT FROM changes d WHERE d.request_id = c.request_id AND d.event = 'delete') ORDER BY version`)
	if diff := cmp.Diff(changed, recorded); diff != "" {
		t.Errorf("versions and who was told them (-told +recorded):\n%s", diff)
	}
	gaps := texts(t, conn, `SELECT version::text FROM (SELECT version, version - lag(version, 1, 0) OVER (ORDER BY sequence) AS step
		FROM changes WHERE resource_id = 'g') s WHERE step <> 1`)
	if len(gaps) > 0 {
		t.Errorf("the versions %v do not follow the one before", gaps)
	}
	members := texts(t, conn, `SELECT member_id FROM members WHERE group_id = 'g' ORDER BY member_id COLLATE "C"`)
	sums := texts(t, conn, `SELECT id FROM (
			SELECT unnest(added) AS id, 1 AS n FROM changes WHERE resource_id = 'g' UNION ALL
			SELECT unnest(removed), -1 FROM changes WHERE resource_id = 'g') moved
		GROUP BY id HAVING sum(n) = 1 ORDER BY id COLLATE "C"`)
	if diff := cmp.Diff(members, sums); diff != "" {
		t.Errorf("members, and what the record comes to (-members +record):\n%s", diff)
	}
	if wrong := texts(t, conn, `SELECT id FROM (
			SELECT unnest(added) AS id, 1 AS n FROM changes WHERE resource_id = 'g' UNION ALL
			SELECT unnest(removed), -1 FROM changes WHERE resource_id = 'g') moved
		GROUP BY id HAVING sum(n) NOT IN (0, 1)`); len(wrong) > 0 {
		t.Errorf("%v came or went twice", wrong)
	}
}

func versionIn(line string) int {
	var version int
	var request string
	_, _ = fmt.Sscan(line, &version, &request)
	return version
}
