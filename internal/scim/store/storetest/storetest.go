package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// Harness is what the suite needs of an implementation.
type Harness struct {
	// Open opens a new, empty store that ends with its test.
	Open func(t testing.TB) store.Store
	// Dump returns everything that a store opened by Open has on disk, as text.
	Dump func(t testing.TB, s store.Store) string
}

// suite is one store under test with helpers that fail the test.
type suite struct {
	*testing.T
	Harness
	ctx   context.Context
	store store.Store
}

// Run runs every test on a new, empty store each.
func Run(t *testing.T, h Harness) {
	for _, group := range []map[string]func(suite){writeTests, memberTests, changeTests, listTests, filterTests, transferTests, concurrentTests, outboxTests} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				test(suite{T: t, Harness: h, ctx: t.Context(), store: h.Open(t)})
			})
		}
	}
}

type object = map[string]any

func create(resourceType, id string, doc object, members ...string) store.Mutation {
	m := store.Mutation{
		Operation: store.Create, Type: resourceType, ID: id, Doc: doc, At: epoch,
		Change: store.Change{Event: store.EventCreate, Actor: "token", RequestID: "request"},
	}
	if len(members) > 0 {
		m.Members = []store.MemberChange{{Operation: store.AddMembers, IDs: members}}
	}
	return m
}

func user(id, userName string) store.Mutation {
	return create(schema.User, id, object{"userName": userName})
}

func group(id, displayName string, members ...string) store.Mutation {
	return create(schema.Group, id, object{"displayName": displayName}, members...)
}

// update changes a resource: doc may be nil.
func update(resourceType, id string, doc object, members ...store.MemberChange) store.Mutation {
	return store.Mutation{
		Operation: store.Update, Type: resourceType, ID: id, Doc: doc, Members: members, At: epoch,
		Change: store.Change{Event: store.EventPatch, Actor: "token", RequestID: "request"},
	}
}

func remove(resourceType, id string) store.Mutation {
	return store.Mutation{
		Operation: store.Delete, Type: resourceType, ID: id, At: epoch,
		Change: store.Change{Event: store.EventDelete, Actor: "token", RequestID: "request"},
	}
}

func adding(ids ...string) store.MemberChange {
	return store.MemberChange{Operation: store.AddMembers, IDs: ids}
}

func removing(ids ...string) store.MemberChange {
	return store.MemberChange{Operation: store.RemoveMembers, IDs: ids}
}

func replacing(ids ...string) store.MemberChange {
	return store.MemberChange{Operation: store.ReplaceMembers, IDs: ids}
}

func (s suite) apply(mutations ...store.Mutation) (applied store.Applied) {
	s.Helper()
	for _, m := range mutations {
		var err error
		if applied, err = s.store.Apply(s.ctx, m); err != nil {
			s.Fatalf("applying a mutation of %s %s: %v", m.Type, m.ID, err)
		}
	}
	return applied
}

// refused applies a mutation that must fail.
func (s suite) refused(m store.Mutation, want error) {
	s.Helper()
	_, err := s.store.Apply(s.ctx, m)
	s.wantError(err, want)
}

func (s suite) get(resourceType, id string) store.Resource {
	s.Helper()
	resource, err := s.store.Get(s.ctx, resourceType, id, store.Want{Groups: true, Manager: true})
	if err != nil {
		s.Fatalf("reading %s %s: %v", resourceType, id, err)
	}
	raw, err := s.store.Get(s.ctx, resourceType, id, store.Want{Groups: true, Manager: true, Raw: true})
	if err != nil {
		s.Fatalf("reading %s %s raw: %v", resourceType, id, err)
	}
	raw.Doc = s.decoded(raw.Doc)
	s.equal(raw, resource)
	return resource
}

func (s suite) members(groupID string) []string {
	s.Helper()
	ids := []string{}
	if err := s.store.Members(s.ctx, groupID, func(ref store.Ref) error {
		ids = append(ids, ref.ID)
		return nil
	}); err != nil {
		s.Fatalf("reading the members of %s: %v", groupID, err)
	}
	return ids
}

func (s suite) page(q store.Query) store.Page {
	s.Helper()
	if q.Limit == 0 {
		q.Limit = 1000
	}
	page, err := s.store.List(s.ctx, q)
	if err != nil {
		s.Fatalf("listing: %v", err)
	}
	s.sameRaw(q, page)
	return page
}

func idsOf(page store.Page) []string {
	ids := []string{}
	for _, resource := range page.Resources {
		ids = append(ids, resource.ID)
	}
	return ids
}

func (s suite) changes(after int64) []store.Change {
	s.Helper()
	changes, err := s.store.Changes(s.ctx, after, 1000)
	if err != nil {
		s.Fatalf("reading changes: %v", err)
	}
	return changes
}

func (s suite) identity() store.Identity {
	s.Helper()
	identity, err := s.store.Identity(s.ctx)
	if err != nil {
		s.Fatalf("reading the identity: %v", err)
	}
	return identity
}

func (s suite) equal(got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("unexpected (-want +got):\n%s", diff)
	}
}

func (s suite) wantError(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("error %v, want %v", err, want)
	}
}

// types are the resource types with a configured extension.
func types(t testing.TB) (user, group *schema.ResourceType) {
	t.Helper()
	attribute := func(name string, kind schema.Type, exact, multiple bool) schema.ExtensionAttribute {
		return schema.ExtensionAttribute{Name: name, Type: kind, CaseExact: exact, MultiValued: multiple}
	}
	registry, err := schema.NewRegistry(schema.ExtensionSchema{ID: wiki, ResourceType: schema.User, Attributes: []schema.ExtensionAttribute{
		attribute("shelf", schema.String, true, false), attribute("level", schema.Integer, false, false),
		attribute("share", schema.Decimal, false, false), attribute("joined", schema.DateTime, false, false),
		attribute("guest", schema.Boolean, false, false), attribute("tags", schema.String, false, true),
		attribute("seen", schema.DateTime, false, true), attribute("codes", schema.String, true, true),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return registry.ResourceType(schema.User), registry.ResourceType(schema.Group)
}

const wiki = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"

func (s suite) users() store.Query {
	s.Helper()
	rt, _ := types(s)
	return store.Query{Select: []store.Selection{{Type: rt}}}
}

func (s suite) everything() store.Query {
	s.Helper()
	u, g := types(s)
	return store.Query{Select: []store.Selection{{Type: u}, {Type: g}}}
}
