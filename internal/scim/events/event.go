package events

import (
	"strconv"
	"time"

	"github.com/scim-operator/scim-operator/internal/scim/schema"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// Type is an event URI of RFC 9967 section 2. Create, Put and Patch are notices: they name the attributes that changed
// and do not carry them all.
type Type string

// The events that are sent.
const (
	// Add: the resource is part of the feed. A snapshot consists of these.
	Add        Type = "urn:ietf:params:scim:event:feed:add"
	Create     Type = "urn:ietf:params:scim:event:prov:create:notice"
	Put        Type = "urn:ietf:params:scim:event:prov:put:notice"
	Patch      Type = "urn:ietf:params:scim:event:prov:patch:notice"
	Delete     Type = "urn:ietf:params:scim:event:prov:delete"
	Activate   Type = "urn:ietf:params:scim:event:prov:activate"
	Deactivate Type = "urn:ietf:params:scim:event:prov:deactivate"
	// Rebound: the account is another person's from now on (N-13); RFC 9967 has no event for it.
	Rebound Type = "identity.rebound"
)

var types = map[store.Event]Type{
	store.EventCreate: Create, store.EventPut: Put, store.EventPatch: Patch, store.EventDelete: Delete,
	store.EventActivate: Activate, store.EventDeactivate: Deactivate, store.EventRebound: Rebound,
}

// maxMembers bounds AddedMembers and RemovedMembers, each: a large group must not make a large event (T-3).
const maxMembers = 200

// Event says that something happened to a user or group and what is true of it now. Everything but Sequence, Type,
// Time, PreviousUserName, Attributes and the members is the state when the event was made, which may be later than
// what happened: an app that takes over the state is right, whatever events it has missed or gets twice.
type Event struct {
	// Sequence is that of the change; it grows with each change and has holes. A snapshot has none.
	Sequence int64 `json:"sequence,omitzero"`
	Type     Type  `json:"type"`
	// Time is that of the change.
	Time time.Time `json:"time,omitzero"`
	// ResourceType is User or Group, and ID the id of the resource in SCIM: it never changes and is never used again.
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	// ExternalID is what the client calls the resource: the object ID in Entra, with the operator's mappings.
	ExternalID string `json:"externalId,omitzero"`
	// UserName is that of a user; PreviousUserName is the former one when this change renamed the user.
	UserName         string `json:"userName,omitzero"`
	PreviousUserName string `json:"previousUserName,omitzero"`
	DisplayName      string `json:"displayName,omitzero"`
	// Active is there for every user: may this person use the app? False for a user that is gone.
	Active *bool `json:"active,omitzero"`
	// Deleted is true when the resource is gone by now, whatever this event is about.
	Deleted bool `json:"deleted,omitzero"`
	// Version is the ETag of the resource.
	Version string `json:"version"`
	// Roles are there for every user: what the user may do, given directly or by groups. Empty for a user that is gone.
	Roles []Role `json:"roles,omitzero"`
	// Attributes are the names of the top-level attributes that changed; "groups" when the roles through groups did.
	Attributes []string `json:"attributes,omitempty"`
	// AddedMembers and RemovedMembers are the ids of members of a group that came and went with this change. Both are
	// left out, and MembersOmitted is true, when there are more than 200.
	AddedMembers   []string `json:"addedMembers,omitempty"`
	RemovedMembers []string `json:"removedMembers,omitempty"`
	MembersOmitted bool     `json:"membersOmitted,omitzero"`
}

// State is the present state of a resource.
type State struct {
	// Record is nil when the resource is gone.
	Record *store.Record
	// Memberships are the groups of a user, directly or through groups.
	Memberships []store.Membership
}

// Of makes the event of a change. The resource type says which attributes are never returned.
func Of(c store.Change, s State, rt *schema.ResourceType) Event {
	e := Event{
		Sequence: c.Sequence, Type: types[c.Event], Time: c.At.UTC(), ResourceType: c.Type, ID: c.ID,
		PreviousUserName: c.PreviousUserName, Attributes: shown(c.Attributes, rt),
	}
	if len(c.Added) > maxMembers || len(c.Removed) > maxMembers {
		e.MembersOmitted = true
	} else {
		e.AddedMembers, e.RemovedMembers = c.Added, c.Removed
	}
	if s.Record == nil {
		e.ExternalID, e.UserName, e.Version, e.Deleted = c.ExternalID, c.UserName, etag(c.Version), true
		if c.Type == schema.User {
			e.Active, e.Roles = new(bool), []Role{}
		}
		return e
	}
	e.show(s)
	return e
}

// Present makes the event of a snapshot. The record must be there.
func Present(s State) Event {
	e := Event{Type: Add, ResourceType: s.Record.Type, ID: s.Record.ID}
	e.show(s)
	return e
}

func (e *Event) show(s State) {
	doc := s.Record.Doc
	e.ExternalID, e.DisplayName, e.Version = text(doc["externalId"]), text(doc["displayName"]), etag(s.Record.Version)
	if e.ResourceType != schema.User {
		return
	}
	active, assigned := doc["active"].(bool)
	active = active || !assigned // a user is active unless somebody says otherwise
	e.UserName, e.Active, e.Roles = text(doc["userName"]), &active, effectiveRoles(doc["roles"], s.Memberships)
}

// shown drops the names of attributes that are never returned (T-8).
func shown(attributes []string, rt *schema.ResourceType) []string {
	var names []string
	for _, name := range attributes {
		if a := rt.Attribute(name); a == nil || a.Returned != schema.ReturnedNever {
			names = append(names, name)
		}
	}
	return names
}

func etag(version int64) string {
	return `W/"` + strconv.FormatInt(version, 10) + `"`
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
