package store

import "time"

// Event is what happened to a resource, named as in RFC 9967 section 2.4: the last part of the event URI.
type Event string

// The events. Activate and Deactivate stand in for Put or Patch when active changed, because consumers wait for them.
const (
	EventCreate     Event = "create"
	EventPut        Event = "put"
	EventPatch      Event = "patch"
	EventDelete     Event = "delete"
	EventActivate   Event = "activate"
	EventDeactivate Event = "deactivate"
	// EventRebound is a Put or Patch that gave the account of a user to another person, by another externalId. RFC 9967
	// has no name for it.
	EventRebound Event = "rebound"
)

// Change is the record of one change of one resource: the audit trail and what consumers are told. A change of a
// group that alters what a user is entitled to makes a Change of that user too, with the attribute "groups": members
// that came or went, directly or through groups, and all members of a group that was renamed or deleted.
type Change struct {
	// Sequence orders changes; it grows with each and has holes.
	Sequence int64
	At       time.Time
	Event    Event
	// Type and ID name the resource.
	Type, ID string
	// Version is that of the resource after the change.
	Version int64
	// ExternalID, UserName and Active are those after the change, of a deleted resource the last ones; nil and empty
	// when unassigned. PreviousUserName is set when the change renamed a user.
	ExternalID, UserName, PreviousUserName string
	Active                                 *bool
	// Attributes are the names of the top-level attributes that changed.
	Attributes []string
	// Added and Removed are the ids of members of a group that came and went.
	Added, Removed []string
	// Actor is the id of the token that asked for it, RequestID the id of its request.
	Actor, RequestID string
}
