package server

import (
	"github.com/scim-operator/scim-operator/internal/scim/schema"
)

// Settings are choices that may change while the server runs.
type Settings struct {
	// Rebind says what becomes of a write that gives a user another externalId (N-13); empty is RebindRefuse.
	Rebind Rebind
	// UnknownMembers says what becomes of members that are no resource (G-5); empty is UnknownReject.
	UnknownMembers UnknownMembers
	// GroupNames says what becomes of a new group with the displayName of another; empty is GroupNamesAny.
	GroupNames GroupNames
	// PatchUsers and PatchGroups say what a PATCH answers (P-3); empty is what the dialect says.
	PatchUsers, PatchGroups PatchAnswer
	// RequestsPerSecond and Burst are the rate limit of each token; 0 is the default.
	RequestsPerSecond float64
	Burst             int
}

// Rebind is what becomes of a write that gives a user another externalId.
type Rebind string

// The values of Rebind.
const (
	// RebindRefuse answers 409: a recycled userName must not inherit the account of somebody else.
	RebindRefuse Rebind = "Refuse"
	// RebindAllow takes the user out of all groups and clears the roles together with the change of the externalId.
	RebindAllow Rebind = "Allow"
)

// UnknownMembers is what becomes of members that are no resource.
type UnknownMembers string

// The values of UnknownMembers.
const (
	// UnknownReject answers 400 and changes nothing.
	UnknownReject UnknownMembers = "Reject"
	// UnknownIgnore changes the other members.
	UnknownIgnore UnknownMembers = "Ignore"
)

// GroupNames is what becomes of a new group with the displayName of another.
type GroupNames string

// The values of GroupNames.
const (
	// GroupNamesAny makes it, as the RFC has it.
	GroupNamesAny GroupNames = "Any"
	// GroupNamesUnique answers 409, as Microsoft's validator wants it. Renames stay free, and two groups made at the
	// same moment may still share a name.
	GroupNamesUnique GroupNames = "Unique"
)

// PatchAnswer is what a PATCH answers when the client names no attributes.
type PatchAnswer string

// The values of PatchAnswer.
const (
	// PatchResource answers 200 with the resource.
	PatchResource PatchAnswer = "Resource"
	// PatchNoContent answers 204.
	PatchNoContent PatchAnswer = "NoContent"
)

// showsPatched tells whether a PATCH answers with the resource.
func (s *Server) showsPatched(settings Settings, rt *schema.ResourceType) bool {
	answer, byDialect := settings.PatchUsers, s.dialect.UserPatchBody
	if rt.Name == schema.Group {
		answer, byDialect = settings.PatchGroups, s.dialect.GroupPatchBody
	}
	if answer == "" {
		return byDialect
	}
	return answer == PatchResource
}
