package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// KillRoundsVariable says how often the process is killed; a few times when it is unset.
const KillRoundsVariable = "SCIM_STORE_KILL_ROUNDS"

// The variables that make a test binary the process that is killed.
const (
	locationVariable = "SCIM_STORE_KILL_LOCATION"
	roundVariable    = "SCIM_STORE_KILL_ROUND"
)

const killWriters = 6

// Kill proves that a process which is killed while it writes leaves everything that it acknowledged, no half of a
// change, and no membership of what is gone. The test named t runs its own binary again as that process; so it must do
// nothing before it calls Kill. location makes a store's place, open opens it.
func Kill(t *testing.T, location func() string, open func(ctx context.Context, location string) (store.Store, error)) {
	if place := os.Getenv(locationVariable); place != "" {
		s, err := open(t.Context(), place)
		if err != nil {
			t.Fatal(err)
		}
		writeUntilKilled(t, s, os.Getenv(roundVariable))
		return
	}
	rounds := 3
	if text := os.Getenv(KillRoundsVariable); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", KillRoundsVariable, err)
		}
	}
	place := location()
	acknowledged := map[string]int{}
	for round := range rounds {
		writeAndKill(t, place, round, acknowledged)
		s, err := open(t.Context(), place)
		if err != nil {
			t.Fatalf("opening after kill %d: %v", round, err)
		}
		verify(suite{T: t, ctx: t.Context(), store: s}, acknowledged)
		if err := s.Close(); err != nil {
			t.Fatalf("closing after kill %d: %v", round, err)
		}
	}
	t.Logf("%d kills, %d resources acknowledged", rounds, len(acknowledged))
}

// writeAndKill starts the process and kills it after some acknowledgements, which it adds: how many steps of each user.
func writeAndKill(t *testing.T, place string, round int, acknowledged map[string]int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), locationVariable+"="+place, roundVariable+"="+strconv.Itoa(round))
	child.Stderr = t.Output()
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines, killAt := 0, 100+rand.IntN(1500)
	scanner := bufio.NewScanner(output)
	for scanner.Scan() {
		var id string
		var step int
		if _, err := fmt.Sscanf(scanner.Text(), "ack %s %d", &id, &step); err != nil {
			continue // what the testing package prints, or a line that the kill cut
		}
		acknowledged[id] = step
		if lines++; lines == killAt {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || lines < killAt {
		t.Fatalf("the process ended after %d acknowledgements, before it was killed", lines)
	}
}

// writeUntilKilled is the process: writers that each take one user after the other through its steps.
func writeUntilKilled(t *testing.T, s store.Store, round string) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for w := range killWriters {
		wg.Go(func() {
			groupID := fmt.Sprintf("g-%s-%d", round, w)
			if _, err := s.Apply(t.Context(), group(groupID, "empty")); err != nil {
				t.Error(err)
				return
			}
			for n := 0; ; n++ {
				id := fmt.Sprintf("u-%s-%d-%d", round, w, n)
				for step, m := range steps(id, groupID, n) {
					if _, err := s.Apply(t.Context(), m); err != nil {
						t.Errorf("step %d of %s: %v", step+1, id, err)
						return
					}
					mu.Lock()
					_, err := fmt.Fprintf(os.Stdout, "ack %s %d\n", id, step+1)
					mu.Unlock()
					if err != nil { // the parent is gone
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// steps are the life of a user: made, changed in document and index, made a member together with a change of the
// group's document, and every third one deleted.
func steps(id, groupID string, n int) []store.Mutation {
	list := []store.Mutation{
		user(id, id),
		update(schema.User, id, object{"userName": id, "title": "changed", "emails": []any{object{"value": id + "@x"}}}),
		update(schema.Group, groupID, object{"displayName": id}, adding(id)),
	}
	if n%3 == 2 {
		list = append(list, remove(schema.User, id))
	}
	return list
}

// verify reads the store as it was left.
func verify(s suite, acknowledged map[string]int) {
	s.Helper()
	versions := s.versions()
	members, last := s.groups()
	for id, step := range acknowledged {
		r, err := s.store.Get(s.ctx, schema.User, id, store.Want{})
		switch {
		case err == nil && step == 4:
			s.Errorf("%s is there, whose deletion was acknowledged", id)
		case err == nil:
			s.verifyUser(r, step, slices.Contains(members, id))
		case !errors.Is(err, store.ErrNotFound) || step < 3 || !deletes(id): // the step behind the last one may be a deletion
			s.Errorf("%s, of which %d steps were acknowledged: %v", id, step, err)
		}
		for version := range r.Version {
			if !versions[id][version+1] {
				s.Errorf("version %d of %s has no record of its change", version+1, id)
			}
		}
	}
	for groupID, id := range last {
		if id != "empty" && !slices.Contains(members, id) && !versions[id][deletion] {
			s.Errorf("%s has the document of a change whose member %s is missing", groupID, id)
		}
	}
	for id := range versions {
		if versions[id][deletion] && len(s.filtered(schema.Group, `members eq "`+id+`"`)) > 0 {
			s.Errorf("%s is deleted and a member", id)
		}
	}
}

// verifyUser checks a user of which so many steps were acknowledged; the next one may have been done, too.
func (s suite) verifyUser(r store.Resource, step int, isMember bool) {
	s.Helper()
	if want := int64(min(step, 2)); r.Version < want || r.Version > want+1 {
		s.Errorf("%s has version %d, of which %d steps were acknowledged", r.ID, r.Version, step)
	}
	if step >= 3 && !isMember {
		s.Errorf("%s is no member, which was acknowledged", r.ID)
	}
	if found := s.filtered(schema.User, `emails eq "`+r.ID+`@x"`); (r.Doc["title"] == "changed") != (r.Version == 2) || len(found) != int(r.Version)-1 {
		s.Errorf("%s has version %d, title %v and is found %d times by its mail address", r.ID, r.Version, r.Doc["title"], len(found))
	}
}

// deletes tells whether the life of the user ends with its deletion.
func deletes(id string) bool {
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	return err == nil && n%3 == 2
}

// deletion stands among the versions for the deletion.
const deletion = 0

// versions returns for each resource of which versions there is a record.
func (s suite) versions() map[string]map[int64]bool {
	s.Helper()
	versions, after := map[string]map[int64]bool{}, int64(0)
	for {
		changes := s.changes(after)
		if len(changes) == 0 {
			return versions
		}
		for _, c := range changes {
			after = c.Sequence
			if versions[c.ID] == nil {
				versions[c.ID] = map[int64]bool{}
			}
			versions[c.ID][c.Version] = true
			if c.Event == store.EventDelete {
				versions[c.ID][deletion] = true
			}
		}
	}
}

// groups returns the members of all groups, and the displayName of each, which is the id of the last one.
func (s suite) groups() (members []string, last map[string]string) {
	s.Helper()
	_, rt := types(s)
	last = map[string]string{}
	for _, r := range s.page(store.Query{Select: []store.Selection{{Type: rt}}}).Resources {
		last[r.ID], _ = r.Doc["displayName"].(string)
		members = append(members, s.members(r.ID)...)
	}
	return members, last
}
