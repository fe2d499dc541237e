package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/filter"
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// Errors that every implementation returns, possibly wrapped.
var (
	// ErrNotFound: there is no resource of that type and id.
	ErrNotFound = errors.New("not found")
	// ErrUserNameTaken: another user has the same userName key.
	ErrUserNameTaken = errors.New("userName is taken")
	// ErrVersionChanged: the stored version is not the expected one; read again and decide again.
	ErrVersionChanged = errors.New("version changed")
	// ErrUnavailable: the store cannot take the request now, and may later.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrNotEmpty refuses an import. What is gone counts: its changes and ids would be mixed with those of the import.
	ErrNotEmpty = errors.New("the store is not empty, users or groups are or were in it: name another --store")
	// ErrServed refuses an import: what an endpoint, or another import, does meanwhile would be lost, or lose what is imported.
	ErrServed = errors.New("another scim-endpoint serves the store or imports into it: stop it first")
)

// UnknownMemberError says that a member to be added names no resource.
type UnknownMemberError struct{ ID string }

// Error implements error.
func (e *UnknownMemberError) Error() string {
	return fmt.Sprintf("no resource has the id %q", e.ID)
}

// Record is one stored resource.
type Record struct {
	ID string
	// Type is schema.User or schema.Group.
	Type    string
	Version int64
	// Created and Modified are UTC with millisecond precision (K-6).
	Created, Modified time.Time
	// Doc is the document without id, schemas, meta and whatever is derived: groups, members, names of others.
	Doc map[string]any
	// Position orders records by creation, for stable pages; the store sets it.
	Position int64
}

// Ref is a resource as another one shows it.
type Ref struct {
	ID string
	// Type is schema.User or schema.Group.
	Type string
	// Display is the displayName; empty when there is none.
	Display string
}

// Want says what of other resources is to be read along with a record. Members are never read along: a group may have
// many, so they are streamed by Reader.Members.
type Want struct {
	// Groups are the groups that the resource is a direct member of.
	Groups bool
	// Manager is the user that the document names as manager.
	Manager bool
	// Raw leaves the values of attributes as the JSON text that they are kept as, json.RawMessage, those of an extension
	// each by itself. What is only shown need not be decoded. A manager is decoded all the same.
	Raw bool
}

// Resource is a record with what was wanted along with it.
type Resource struct {
	Record
	Groups []Ref
	// Manager is nil when the document names none, or one that is no user.
	Manager *Ref
}

// Selection is the part of a query that concerns one resource type.
type Selection struct {
	Type *schema.ResourceType
	// Filter selects resources of the type; nil selects all. The database evaluates the whole of it (F-21), to the
	// same result as filter.Match on the assembled resource (F-22).
	Filter filter.Expr
	// SortBy is what Query.Sorted sorts by; a type without that attribute has a zero path, and no value.
	SortBy schema.Path
}

// Query selects resources. Without Sorted they come in the order of creation. A multi-valued attribute sorts by its
// primary element, else its first; a resource without a value comes last, or first when Descending. What sorts
// alike comes in the order of creation, whichever the direction.
type Query struct {
	// Select has one element for a resource endpoint, one for each type for the root.
	Select     []Selection
	Sorted     bool
	Descending bool
	// After skips what comes up to and including that place; nil skips nothing.
	After *Place
	// Offset skips that many of the selected resources.
	Offset int
	// Limit is the most resources returned.
	Limit int
	Want  Want
	// Total asks for Page.Total.
	Total bool
	// BaseURL begins meta.location and every $ref, so that filters can compare them; it has no slash at the end.
	BaseURL string
}

// Place is where a resource stands in the order of a query, so that the next page can go on behind it. It is part of a
// cursor: the values are those that encoding/json gives back.
type Place struct {
	// Value is the key that the resource was sorted by: a string, float64 or bool, nil for none.
	Value any `json:"v,omitempty"`
	// Position is Record.Position.
	Position int64 `json:"p"`
}

// Page is the answer to a query.
type Page struct {
	Resources []Resource
	// Total is how many resources are selected, whatever After, Offset and Limit say; 0 unless asked for.
	Total int
	// Next is the place of the last of Resources when there are more behind it, else nil.
	Next *Place
}

// Reader reads. Each call sees one state; the calls within one View see the same.
type Reader interface {
	// Get returns ErrNotFound when there is no such resource.
	Get(ctx context.Context, resourceType, id string, want Want) (Resource, error)
	List(ctx context.Context, q Query) (Page, error)
	// Members calls f for each member of a group, in the order in which the members were made, without holding them
	// all in memory; an unknown group has none. It ends with the error of f.
	Members(ctx context.Context, groupID string, f func(Ref) error) error
	// Refs returns those of the ids that are resources.
	Refs(ctx context.Context, ids ...string) (map[string]Ref, error)
	// Memberships returns, for each of the ids, the groups it is in directly or through groups. It ends on cycles (G-6).
	Memberships(ctx context.Context, ids ...string) (map[string][]Membership, error)
}

// Membership is a group that a resource is in.
type Membership struct {
	Ref
	// Direct is false when it is only through another group.
	Direct bool
}

// Identity tells one store, and one state of it, from another.
type Identity struct {
	// StoreID is a UUID made by the first migration.
	StoreID string
	// Sequence is the highest one that a change was given; it never goes back.
	Sequence int64
	// CursorKey are 32 random bytes made by the first migration, by which all replicas encrypt cursors.
	CursorKey []byte
}

// Exported is one resource of an export; groups come with the ids of their members and after all users.
type Exported struct {
	Record
	Members []string
}

// Store keeps resources. What Apply has returned without error is on disk.
type Store interface {
	Reader
	Outbox
	// View runs f on one consistent state.
	View(ctx context.Context, f func(Reader) error) error
	// Apply makes one change, whole or not at all, together with its Change records.
	Apply(ctx context.Context, m Mutation) (Applied, error)
	// Horizon returns a sequence up to which every change is committed and visible, or never will be: who has read
	// the changes up to it has missed none. It is one that a change was given, not one that was drawn in vain.
	Horizon(ctx context.Context) (int64, error)
	// Changes returns at most limit changes with after < Sequence <= the horizon, in that order.
	Changes(ctx context.Context, after int64, limit int) ([]Change, error)
	// Erase removes a resource as Apply of a Delete does, and besides every value of it that is kept in changes and
	// the outbox; a tombstone keeps its id from ever being used again. ErrNotFound when it was never there; erasing
	// what was deleted before is possible, and twice is no error.
	Erase(ctx context.Context, id string, m Mutation) error
	// TrimChanges removes changes made before that time, and returns how many.
	TrimChanges(ctx context.Context, before time.Time) (int, error)
	// Import fills an empty store with what an export of another one gave, ids, versions, times and order kept, and
	// takes over its identity: to the operator and to consumers it is the same store. next returns io.EOF at the end.
	// A store that is not empty is refused with ErrNotEmpty, and one that an endpoint serves with ErrServed.
	Import(ctx context.Context, id Identity, next func() (Exported, error)) error
	// Identity reads the store's identity.
	Identity(ctx context.Context) (Identity, error)
	// Connections is how many calls may be at work at once; others wait. A View is one until its function returns.
	Connections() int
	// Ready returns nil when the store answers and its migrations are done.
	Ready(ctx context.Context) error
	Close() error
}
