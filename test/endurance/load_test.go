package endurance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scim-operator/scim-operator/test/scimkit"
)

const workers = 4

// load is a mixed load of writes, and what was acknowledged of it.
type load struct {
	client       scimkit.Client
	group        string
	workers      []*worker
	acknowledged atomic.Int64
	// stopped is closed when a worker had to give up.
	stopped <-chan struct{}
}

// newLoad makes the group. A failure that allowed returns an error for fails the test.
func newLoad(t *testing.T, client scimkit.Client, allowed func(error) error) *load {
	t.Helper()
	answer, err := client.Do(t.Context(), http.MethodPost, "/Groups", object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": "Everybody"})
	if err != nil || answer.Status != http.StatusCreated {
		t.Fatalf("making a group: %v %v", err, answer)
	}
	l := &load{client: client, group: answer.ID()}
	for i := range workers {
		l.workers = append(l.workers, &worker{
			name: fmt.Sprint("worker", i), client: client, group: l.group, allowed: allowed, acknowledged: &l.acknowledged,
			random: rand.New(rand.NewPCG(1, uint64(i))),
		})
	}
	return l
}

// during runs the load while f runs, and then compares all that was acknowledged with what is there.
func (l *load) during(t *testing.T, f func()) {
	t.Helper()
	stop := make(chan struct{})
	group, ctx := errgroup.WithContext(t.Context())
	l.stopped = ctx.Done()
	for _, w := range l.workers {
		group.Go(func() error { return w.run(ctx, stop) })
	}
	f()
	close(stop)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	l.verify(t)
}

// acknowledge waits until so many more operations were acknowledged.
func (l *load) acknowledge(t *testing.T, more int64) {
	t.Helper()
	seen := l.acknowledged.Load()
	target := seen + more
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for l.acknowledged.Load() < target {
		select {
		case <-l.stopped:
			return // during says why
		case <-deadline.C:
			t.Fatalf("the load stands still at %d acknowledged operations", l.acknowledged.Load())
		case <-ticker.C:
			if now := l.acknowledged.Load(); now != seen {
				seen = now
				deadline.Reset(patience)
			}
		}
	}
}

// failures is how many requests failed and were allowed to.
func (l *load) failures() (sum int) {
	for _, w := range l.workers {
		sum += w.failures
	}
	return sum
}

// verify compares each person, the members of the group and the number of users.
func (l *load) verify(t *testing.T) {
	t.Helper()
	alive := 0
	members := map[string]bool{}
	for _, w := range l.workers {
		for _, want := range w.people {
			got, err := look(t.Context(), l.client, want, l.group)
			if err != nil {
				t.Fatalf("looking up %+v: %v", want, err)
			}
			if got.deleted && want.deleted {
				continue
			}
			if got != want {
				t.Errorf("acknowledged was %+v, and there is %+v", want, got)
			}
			alive++
			if want.member {
				members[want.id] = true
			}
		}
	}
	l.verifyMembers(t, members)
	if total := l.total(t, "/Users?count=0"); total != alive {
		t.Errorf("there are %d users, want %d", total, alive)
	}
}

// verifyMembers finds lost memberships, and those that a deleted user left behind.
func (l *load) verifyMembers(t *testing.T, want map[string]bool) {
	t.Helper()
	answer, err := l.client.Do(t.Context(), http.MethodGet, "/Groups/"+l.group, nil)
	if err != nil || answer.Status != http.StatusOK {
		t.Fatalf("reading the group: %v %v", err, answer)
	}
	var group struct{ Members []struct{ Value string } }
	if err := json.Unmarshal(answer.Body, &group); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, member := range group.Members {
		got[member.Value] = true
		if !want[member.Value] {
			t.Errorf("the group has the member %s, who left or was deleted", member.Value)
		}
		// The same from the user's side.
		path := "/Users?count=0&" + url.Values{"filter": {`id eq "` + member.Value + `" and groups.value eq "` + l.group + `"`}}.Encode()
		if l.total(t, path) != 1 {
			t.Errorf("the member %s is not in the group as its user sees it", member.Value)
		}
	}
	for id := range want {
		if !got[id] {
			t.Errorf("the group lost its member %s", id)
		}
	}
}

func (l *load) total(t *testing.T, path string) int {
	t.Helper()
	answer, err := l.client.Do(t.Context(), http.MethodGet, path, nil)
	if err != nil || answer.Status != http.StatusOK {
		t.Fatalf("GET %s: %v %v", path, err, answer)
	}
	total, _ := answer.Document()["totalResults"].(float64)
	return int(total)
}
