package events_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/events"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)

func resourceType(t *testing.T, name string) *schema.ResourceType {
	t.Helper()
	registry, err := schema.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return registry.ResourceType(name)
}

func user(doc map[string]any) *store.Record {
	return &store.Record{ID: "u1", Type: schema.User, Version: 7, Doc: doc}
}

func member(id, display string, direct bool) store.Membership {
	return store.Membership{Ref: store.Ref{ID: id, Type: schema.Group, Display: display}, Direct: direct}
}

func TestT2EventsAreNamedAsRFC9967NamesThem(t *testing.T) {
	for event, want := range map[store.Event]string{
		store.EventCreate:     "urn:ietf:params:scim:event:prov:create:notice",
		store.EventPut:        "urn:ietf:params:scim:event:prov:put:notice",
		store.EventPatch:      "urn:ietf:params:scim:event:prov:patch:notice",
		store.EventDelete:     "urn:ietf:params:scim:event:prov:delete",
		store.EventActivate:   "urn:ietf:params:scim:event:prov:activate",
		store.EventDeactivate: "urn:ietf:params:scim:event:prov:deactivate",
		store.EventRebound:    "identity.rebound", // of which the RFC knows nothing
	} {
		got := events.Of(store.Change{Event: event, Type: schema.User}, events.State{}, resourceType(t, schema.User)).Type
		if string(got) != want {
			t.Errorf("%s is sent as %s, want %s", event, got, want)
		}
	}
}

func TestJSONForm(t *testing.T) {
	change := store.Change{
		Sequence: 42, At: at, Event: store.EventDeactivate, Type: schema.User, ID: "u1", Version: 6, UserName: "then",
		PreviousUserName: "before", Attributes: []string{"active", "userName"}, Actor: "entra", RequestID: "r",
	}
	groupChange := store.Change{
		Sequence: 43, At: at, Event: store.EventPatch, Type: schema.Group, ID: "g1", Version: 3,
		Attributes: []string{"members"}, Added: []string{"u1"}, Removed: []string{"u2"},
	}
	group := &store.Record{ID: "g1", Type: schema.Group, Version: 3, Doc: map[string]any{"displayName": "Editors", "externalId": "o2"}}
	for name, c := range map[string]struct {
		change store.Change
		state  events.State
		want   string
	}{
		"a user as it is now": {change, events.State{
			Record: user(map[string]any{"userName": "ann", "externalId": "o1", "displayName": "Ann", "active": false,
				"roles": []any{map[string]any{"value": "admin", "display": "Administrator", "type": "app"}}, "title": "not told"}),
			Memberships: []store.Membership{member("g9", "Staff", false), member("g1", "Editors", true)},
		}, `{"sequence":42,"type":"urn:ietf:params:scim:event:prov:deactivate","time":"2026-01-02T03:04:05.006Z","resourceType":"User","id":"u1",
			"externalId":"o1","userName":"ann","previousUserName":"before","displayName":"Ann","active":false,"version":"W/\"7\"","roles":[
			{"value":"admin","display":"Administrator","source":"direct"},
			{"value":"Editors","source":"group","groupId":"g1","membership":"direct"},
			{"value":"Staff","source":"group","groupId":"g9","membership":"indirect"}],"attributes":["active","userName"]}`},
		"a user that is gone has no access and no roles": {change, events.State{},
			`{"sequence":42,"type":"urn:ietf:params:scim:event:prov:deactivate","time":"2026-01-02T03:04:05.006Z","resourceType":"User","id":"u1",
			"userName":"then","previousUserName":"before","active":false,"deleted":true,"version":"W/\"6\"","roles":[],"attributes":["active","userName"]}`},
		"a group with who came and went": {groupChange, events.State{Record: group},
			`{"sequence":43,"type":"urn:ietf:params:scim:event:prov:patch:notice","time":"2026-01-02T03:04:05.006Z","resourceType":"Group","id":"g1",
			"externalId":"o2","displayName":"Editors","version":"W/\"3\"","attributes":["members"],"addedMembers":["u1"],"removedMembers":["u2"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(events.Of(c.change, c.state, resourceType(t, c.change.Type)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(c.want, "\n\t\t\t", ""), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestT8AttributesThatAreNeverReturnedAreNotNamed(t *testing.T) {
	change := store.Change{Event: store.EventPatch, Type: schema.User, Attributes: []string{"password", "title", schema.EnterpriseUserURN}}
	got := events.Of(change, events.State{Record: user(map[string]any{"userName": "ann", "password": "secret"})}, resourceType(t, schema.User))
	if diff := cmp.Diff([]string{"title", schema.EnterpriseUserURN}, got.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if encoded, err := json.Marshal(got); err != nil || strings.Contains(string(encoded), "secret") {
		t.Errorf("error %v; the event has the password: %s", err, encoded)
	}
}

func TestT3ALargeChangeOfMembersIsANotice(t *testing.T) {
	var many []string
	for i := range 201 {
		many = append(many, fmt.Sprint(i))
	}
	for name, c := range map[string]struct {
		added, removed []string
		omitted        bool
	}{
		"200 are named":         {many[:200], many[:200], false},
		"201 added are not":     {many, many[:1], true},
		"201 removed are not":   {nil, many, true},
		"none need no omission": {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			change := store.Change{Event: store.EventPatch, Type: schema.Group, Added: c.added, Removed: c.removed}
			got := events.Of(change, events.State{}, resourceType(t, schema.Group))
			wantAdded, wantRemoved := len(c.added), len(c.removed)
			if c.omitted {
				wantAdded, wantRemoved = 0, 0
			}
			if got.MembersOmitted != c.omitted || len(got.AddedMembers) != wantAdded || len(got.RemovedMembers) != wantRemoved {
				t.Errorf("omitted %v, %d added, %d removed", got.MembersOmitted, len(got.AddedMembers), len(got.RemovedMembers))
			}
		})
	}
}

func TestActiveOfAUser(t *testing.T) {
	for name, c := range map[string]struct {
		doc  map[string]any
		want bool
	}{
		"true":                          {map[string]any{"active": true}, true},
		"false":                         {map[string]any{"active": false}, false},
		"unassigned counts as true":     {map[string]any{}, true},
		"null, as unassigned is stored": {map[string]any{"active": nil}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := events.Present(events.State{Record: user(c.doc)})
			if got.Active == nil || *got.Active != c.want {
				t.Errorf("active %v, want %v", got.Active, c.want)
			}
		})
	}
}

func TestASnapshotAddsToTheFeed(t *testing.T) {
	got := events.Present(events.State{Record: user(map[string]any{"userName": "ann", "roles": []any{
		map[string]any{"value": "admin"}, map[string]any{"display": "no value"}, "no object"}}),
		Memberships: []store.Membership{member("g1", "", true)}})
	active := true
	want := events.Event{
		Type: events.Add, ResourceType: schema.User, ID: "u1", UserName: "ann", Active: &active, Version: `W/"7"`,
		Roles: []events.Role{{Value: "admin", Source: events.Direct}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
