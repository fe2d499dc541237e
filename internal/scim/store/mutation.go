package store

import "time"

// Operation is what a mutation does.
type Operation int

// The operations.
const (
	// Create makes a resource of Doc and Members, with version 1.
	Create Operation = iota
	// Update stores Doc, if it is not nil, and changes the members. When nothing differs in the end nothing is
	// written: version, time and sequence stay (P-4, G-2).
	Update
	// Delete removes a resource and its memberships on both sides, and moves version and time of the groups it was in.
	Delete
)

// MemberOperation is what a MemberChange does.
type MemberOperation int

// The operations on members.
const (
	// AddMembers adds the IDs; those that are members already stay.
	AddMembers MemberOperation = iota
	// RemoveMembers removes the IDs; those that are no members are passed over.
	RemoveMembers
	// ReplaceMembers makes the IDs the only members.
	ReplaceMembers
)

// MemberChange changes the members of a group without reading them (G-1).
type MemberChange struct {
	Operation MemberOperation
	IDs       []string
	// IgnoreUnknown passes over ids that are no resource, instead of failing with *UnknownMemberError (G-5).
	IgnoreUnknown bool
}

// Mutation is one atomic change of one resource.
type Mutation struct {
	Operation Operation
	// Type and ID name the resource; for Create the caller made the ID.
	Type, ID string
	// Expected is the version that the decision was made on, else ErrVersionChanged; 0 is any version.
	Expected int64
	// Doc is the whole new document; nil in an Update leaves it as it is.
	Doc map[string]any
	// Members are applied in order; only groups have them.
	Members []MemberChange
	// LeaveGroups, in an Update that changes a user's document, takes the user out of all groups, as a Delete does.
	LeaveGroups bool
	// At is the time of the change. The store makes it later than the resource's last one (K-6).
	At time.Time
	// Change says what is recorded: Event, Attributes, Actor and RequestID. The store adds everything else, because it
	// alone knows what was there and what really came or went; members are among the attributes only if some did.
	// The Attributes of an Update with Doc and Expected are all in which Doc differs from that version, or none when that
	// is not known: a store may leave alone what it keeps of the others.
	Change Change
}

// Applied is what a mutation made of its resource.
type Applied struct {
	// Changed is false when nothing differed, so that nothing was written.
	Changed bool
	// Version, Created and Modified are those of the resource afterwards; after a Delete those it had.
	Version           int64
	Created, Modified time.Time
	// Position is that of the record.
	Position int64
	// Added and Removed count the members that came and went.
	Added, Removed int
	// Unknown are the ids that IgnoreUnknown passed over.
	Unknown []string
}
