package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors that every implementation returns, possibly wrapped.
var (
	// ErrNotFound: there is no resource of that type and id.
	ErrNotFound = errors.New("not found")
	// ErrUserNameTaken: another user has the same userName key.
	ErrUserNameTaken = errors.New("userName is taken")
	// ErrVersionChanged: the stored version is not the expected one.
	ErrVersionChanged = errors.New("version changed")
	// ErrUnavailable: the store cannot take the request now, and may later.
	ErrUnavailable = errors.New("the store is unavailable")
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

// Query selects records of one type that satisfy all conditions.
type Query struct {
	Type       string
	Conditions []Condition
	// After skips records up to and including this position.
	After int64
	// Offset skips that many of the selected records.
	Offset int
	// Limit is the most records returned.
	Limit int
}

// Identity tells one store, and one state of it, from another.
type Identity struct {
	// StoreID is a UUID made by the first migration.
	StoreID string
	// Sequence counts the commits that changed a resource; it never goes back.
	Sequence int64
}

// Reader reads one consistent state.
type Reader interface {
	// Get returns ErrNotFound when there is no such resource.
	Get(ctx context.Context, resourceType, id string) (Record, error)
	// Count ignores After, Offset and Limit.
	Count(ctx context.Context, q Query) (int, error)
	// List returns records in the order of creation.
	List(ctx context.Context, q Query) ([]Record, error)
	// Members returns the members of each group, in the order in which they were made.
	Members(ctx context.Context, groupIDs ...string) (map[string][]Ref, error)
	// Groups returns the groups that each resource is a direct member of.
	Groups(ctx context.Context, memberIDs ...string) (map[string][]Ref, error)
	// Refs returns those of the ids that are resources.
	Refs(ctx context.Context, ids ...string) (map[string]Ref, error)
}

// Tx reads and writes in one transaction.
type Tx interface {
	Reader
	// Insert stores a new record; ErrUserNameTaken when its userName is in use.
	Insert(ctx context.Context, r Record) error
	// Replace stores the record's Doc, Version and Modified if the stored version is expected, else
	// ErrVersionChanged; ErrUserNameTaken when its userName is in use.
	Replace(ctx context.Context, r Record, expected int64) error
	// Delete removes a resource, its memberships on both sides, and moves the version and modified time of the
	// groups it was in; ErrNotFound when there is none.
	Delete(ctx context.Context, resourceType, id string, at time.Time) error
	// AddMembers adds members and returns how many were new; *UnknownMemberError when an id is no resource.
	AddMembers(ctx context.Context, groupID string, ids []string) (int, error)
	// RemoveMembers removes members and returns how many there were.
	RemoveMembers(ctx context.Context, groupID string, ids []string) (int, error)
	// RemoveAllMembers empties a group and returns how many members there were.
	RemoveAllMembers(ctx context.Context, groupID string) (int, error)
}

// Store keeps resources. What Update has returned without error is on disk.
type Store interface {
	// View runs f on one consistent state.
	View(ctx context.Context, f func(Reader) error) error
	// Update runs f in a transaction that is committed when f returns nil. f may run more than once and must have
	// no effect but through its Tx.
	Update(ctx context.Context, f func(Tx) error) error
	// Identity reads the store's identity.
	Identity(ctx context.Context) (Identity, error)
	// Ready returns nil when the store answers and its migrations are done.
	Ready(ctx context.Context) error
	Close() error
}
