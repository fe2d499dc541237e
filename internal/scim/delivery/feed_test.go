package delivery_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/delivery"
	"github.com/scim-operator/scim-operator/internal/scim/events"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// fetch asks for changes; the answer is empty unless the status is 200.
func fetch(t testing.TB, url string) (status int, answer delivery.Changes) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0, answer
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			t.Error(err)
		}
	}
	return response.StatusCode, answer
}

func told(list []events.Event) []string {
	var all []string
	for _, e := range list {
		all = append(all, e.ID+" "+string(e.Type)[strings.LastIndex(strings.TrimSuffix(string(e.Type), ":notice"), ":")+1:])
	}
	return all
}

func TestChangesCarryThePresentState(t *testing.T) {
	i := newIdentities(t)
	i.create("ann")
	i.group("g1", "Editors", "ann")
	i.deactivate("ann")
	status, answer := fetch(t, i.serve(delivery.FeedOptions{})+"/changes?after=0")
	want := []string{"ann create:notice", "g1 create:notice", "ann patch:notice", "ann deactivate"}
	if diff := cmp.Diff(want, told(answer.Changes)); diff != "" || status != http.StatusOK {
		t.Fatalf("status %d (-want +got):\n%s", status, diff)
	}
	first, role := answer.Changes[0], events.Role{Value: "Editors", Source: events.FromGroup, GroupID: "g1", Membership: "direct"}
	if *first.Active || first.ExternalID != "object-ann" || first.UserName != "ann@x" || !cmp.Equal(first.Roles, []events.Role{role}) {
		t.Errorf("the first event is %+v, want what is true now", first)
	}
	identity, err := i.store.Identity(t.Context())
	if err != nil || answer.StoreID != identity.StoreID || answer.Next != identity.Sequence || answer.Changes[3].Sequence != identity.Sequence {
		t.Errorf("error %v, store %s, next %d, want %+v", err, answer.StoreID, answer.Next, identity)
	}
}

func TestWhereChangesCannotBeTold(t *testing.T) {
	i := newIdentities(t)
	i.create("ann", "bob")
	if _, err := i.store.TrimChanges(t.Context(), noon.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	i.create("cid")
	identity, err := i.store.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base := i.serve(delivery.FeedOptions{}) + "/changes?"
	for name, c := range map[string]struct {
		query  string
		status int
	}{
		"the last place":                     {fmt.Sprintf("after=%d", identity.Sequence), 200},
		"just before the first that is kept": {fmt.Sprintf("after=%d&storeID=%s", identity.Sequence-1, identity.StoreID), 200},
		"before what was trimmed":            {fmt.Sprintf("after=%d", identity.Sequence-2), 410},
		"from the beginning":                 {"after=0", 410},
		"behind the end":                     {fmt.Sprintf("after=%d", identity.Sequence+1), 410},
		"another store":                      {fmt.Sprintf("after=%d&storeID=5f0e", identity.Sequence), 410},
		"no place":                           {"", 400},
		"a place that is no number":          {"after=x", 400},
		"a negative place":                   {"after=-1", 400},
		"a wait that is no duration":         {"after=3&wait=30", 400},
		"a limit of none":                    {"after=3&limit=0", 400},
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := fetch(t, base+c.query); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
		})
	}
}

// TestWaiting has requests that would wait for 30 seconds, longer than the test's patience.
func TestWaiting(t *testing.T) {
	for name, wake := range map[string]func(i *identities, drain chan struct{}){
		"a change of this replica ends it":    func(i *identities, _ chan struct{}) { i.create("ann") },
		"a change of another replica ends it": func(i *identities, _ chan struct{}) { newReplica(i, i.address).create("ann") },
		"draining ends it":                    func(_ *identities, drain chan struct{}) { close(drain) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, drain := newIdentities(t), make(chan struct{})
			base := i.serve(delivery.FeedOptions{Done: drain})
			answered := make(chan int)
			go func() {
				status, answer := fetch(t, base+"/changes?after=0&wait=30s")
				answered <- status + len(answer.Changes)
			}()
			wake(i, drain)
			want := http.StatusOK + 1
			if name == "draining ends it" {
				want = http.StatusOK
			}
			if got := <-answered; got != want {
				t.Errorf("status and number of changes are %d, want %d", got, want)
			}
		})
	}
}

func TestARequestWhileTheEndpointDrainsIsAnswered(t *testing.T) {
	i, drain := newIdentities(t), make(chan struct{})
	close(drain)
	if status, answer := fetch(t, i.serve(delivery.FeedOptions{Done: drain})+"/changes?after=0&wait=30s"); status != http.StatusOK || answer.Next != 0 {
		t.Errorf("status %d, next %d", status, answer.Next)
	}
}

func TestT9AConsumerGetsEveryChangeOnceAndInOrder(t *testing.T) {
	const writers, each = 4, 25
	onBoth(t, func(t *testing.T, i *identities) {
		base := i.serve(delivery.FeedOptions{})
		var writing sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				for n := range each {
					i.create(name(w*each + n))
				}
			})
		}
		var sequences []int64
		var ids []string
		for after := int64(0); len(ids) < writers*each; {
			status, answer := fetch(t, fmt.Sprintf("%s/changes?after=%d&wait=10s&limit=7", base, after))
			if status != http.StatusOK || len(answer.Changes) == 0 {
				t.Fatalf("status %d with %d changes after %d", status, len(answer.Changes), len(ids))
			}
			for _, e := range answer.Changes {
				sequences, ids = append(sequences, e.Sequence), append(ids, e.ID)
			}
			after = answer.Next
		}
		writing.Wait()
		if !slices.IsSorted(sequences) {
			t.Errorf("out of order: %v", sequences)
		}
		slices.Sort(ids)
		if unique := slices.Compact(slices.Clone(ids)); len(unique) != writers*each {
			t.Errorf("%d of %d users were told", len(unique), writers*each)
		}
	})
}

func TestSnapshotBootstraps(t *testing.T) {
	const users = 501 // more than a page
	i := newIdentities(t)
	var writing sync.WaitGroup
	for w := range 3 {
		writing.Go(func() {
			for n := w; n < users; n += 3 {
				i.create(name(n))
			}
		})
	}
	writing.Wait()
	i.group("inner", "Editors", name(7))
	i.group("outer", "Staff", "inner")
	base := i.serve(delivery.FeedOptions{})
	response, err := http.Get(base + "/snapshot")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	byID := map[string]events.Event{}
	var end delivery.SnapshotEnd
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		var event events.Event
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil || end.End {
			t.Fatalf("error %v, or a line behind the end: %s", err, lines.Text())
		}
		if event.ID == "" {
			if err := json.Unmarshal(lines.Bytes(), &end); err != nil {
				t.Fatal(err)
			}
			continue
		}
		byID[event.ID] = event
	}
	identity, err := i.store.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := delivery.SnapshotEnd{End: true, Sequence: identity.Sequence, StoreID: identity.StoreID, Users: users, Groups: 2}
	if diff := cmp.Diff(want, end); diff != "" || len(byID) != users+2 {
		t.Errorf("%d resources; the end (-want +got):\n%s", len(byID), diff)
	}
	roles := []events.Role{
		{Value: "Editors", Source: events.FromGroup, GroupID: "inner", Membership: "direct"},
		{Value: "Staff", Source: events.FromGroup, GroupID: "outer", Membership: "indirect"},
	}
	if diff := cmp.Diff(roles, byID[name(7)].Roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	if got := byID["outer"]; got.Type != events.Add || got.ResourceType != schema.Group || got.DisplayName != "Staff" {
		t.Errorf("a group is told as %+v", got)
	}
	i.deactivate(name(3))
	if _, answer := fetch(t, fmt.Sprintf("%s/changes?after=%d&storeID=%s", base, end.Sequence, end.StoreID)); len(answer.Changes) != 1 || answer.Changes[0].ID != name(3) {
		t.Errorf("after the snapshot comes %+v", answer.Changes)
	}
}

func TestTheNotifierTellsOfErasures(t *testing.T) {
	i := newIdentities(t)
	i.create("ann")
	changed := i.notifier.Changed()
	if err := i.store.Erase(t.Context(), "ann", store.Mutation{At: noon, Change: store.Change{Event: store.EventDelete}}); err != nil {
		t.Fatal(err)
	}
	<-changed
	_, answer := fetch(t, i.serve(delivery.FeedOptions{})+"/changes?after=0")
	for _, e := range answer.Changes {
		if !e.Deleted || *e.Active || e.UserName != "" || e.ExternalID != "" {
			t.Errorf("of who was erased is told %+v", e)
		}
	}
	if len(answer.Changes) != 2 {
		t.Errorf("%d changes, want 2", len(answer.Changes))
	}
}
