package engine

import (
	"net/http"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// Settings are what a job has stored as secrets, read into their types.
type Settings struct {
	BaseAddress string // SCIM base, with the feature flags in its query
	Token       string // bearer token; never logged

	SyncAll                 bool
	SkipOutOfScopeDeletions bool
	DeleteThreshold         int // disables and deletes that one cycle may make; below 0: unlimited
}

// Switches are behaviours of the engine that Microsoft does not document. The zero value is the likely one.
type Switches struct {
	// MembersPerPatch is the most members that one PATCH names; 0 means all of them: unconfirmed(members-per-patch).
	MembersPerPatch int

	// QuarantineFailures is how many failed objects a cycle needs before the share of failures is looked at; 0 means the
	// published 5000. Tests scale it down.
	QuarantineFailures int
}

// Person is a user as the cycle sees it.
type Person struct {
	User        *directory.User
	SoftDeleted bool
	Change      uint64 // number of the last change in the tenant
}

// Team is a group as the cycle sees it.
type Team struct {
	Group  *directory.Group
	Change uint64
}

// Role is an app role that an assignment gives. Display and Value are what goes over the wire.
type Role struct {
	ID, Display, Value string
}

// Assignment says that a user or group is assigned to the application, with a role.
type Assignment struct {
	PrincipalID string
	Role        Role
}

// Input is everything that one cycle works on. The engine changes nothing in it but State.
type Input struct {
	TenantDomain string
	Schema       *syncschema.Schema
	Settings     Settings
	Switches     Switches
	People       []Person
	Teams        []Team
	Assignments  []Assignment
	Watermark    uint64 // number of the tenant's last change when the snapshot was taken
	ForceDeletes bool   // carry out what accidental-deletion protection holds back
	State        *State
	Client       *http.Client
	Now          func() time.Time
	Progress     func(done, total int) // may be nil
}

// State is what a job remembers between cycles. The zero value is a job that never ran.
type State struct {
	Cycles    int
	Watermark uint64 // 0: the next cycle is an initial one
	Links     map[string]*Link
	Escrows   map[string]*Escrow
	Digests   map[string]string // standing and roles of every object at the last cycle; absent: nothing to do with the app
}

// Link ties a source object to the resource that was created for it or matched with it.
type Link struct {
	Group    bool
	TargetID string
	Managed  bool   // false once the object went out of scope: it is left alone until it comes back
	Disabled bool   // active=false has been sent
	Manager  string // object ID of the manager that the endpoint was told of

	SeenManager string          // manager at the last cycle, told or not
	SeenMembers []string        // members at the last cycle, told or not
	Told        map[string]bool // members that the endpoint was told of, by object ID
}

// Escrow is an object that failed and is retried with growing distance.
type Escrow struct {
	Failures int
	RetryAt  int // number of the cycle
}

// Summary counts what one cycle did to objects. An object counts once.
type Summary struct {
	Created, Updated, Disabled, Deleted, Skipped, Failed int
}

// Counts are the numbers of Graph's synchronizationTaskExecution.
type Counts struct {
	Entitled, EntitledForProvisioning, Imported, ImportedDeltas, ImportedReferenceDeltas int
	Escrowed, Exported, Exports                                                          int
}

// Failure is why a whole cycle failed, in the words of synchronizationError.
type Failure struct {
	Code, Message string
	Reason        string // quarantineReason
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Result is what a cycle did.
type Result struct {
	Initial      bool
	Began, Ended time.Time
	Summary      Summary
	Counts       Counts
	Entries      []Entry
	Failure      *Failure // nil: the cycle ran to its end
	TotalByType  map[string]int
}

// Actions of a log entry, as Graph spells provisioningAction.
const (
	ActionCreate       = "create"
	ActionUpdate       = "update"
	ActionDisable      = "disable"
	ActionDelete       = "delete"
	ActionStagedDelete = "stagedDelete"
	ActionOther        = "other"
)

// Results of a log entry or step, as Graph spells provisioningResult.
const (
	StatusSuccess = "success"
	StatusFailure = "failure"
	StatusSkipped = "skipped"
	StatusWarning = "warning"
)

// Entry is the decision about one object, for the provisioning log.
type Entry struct {
	SourceID, SourceName, SourceType string // SourceType is User or Group
	UserPrincipalName                string
	TargetID, TargetType             string
	Action, Status                   string
	Code, Reason                     string // of a failure or skip
	At                               time.Time
	Took                             time.Duration
	Changes                          []Change
	Steps                            []Step
}

// Change is one attribute that was written.
type Change struct {
	Attribute string
	Old, New  string // Old is empty when the target had no value
}

// Step is one stage of a decision.
type Step struct {
	Name, Kind, Status, Description string
	Details                         map[string]any
}
