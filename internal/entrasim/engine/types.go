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
	// Parallelism is how many requests a cycle has under way at a time; 0 means 1. How the service orders its requests is not
	// published. One after the other is what makes two runs alike, and the 25 requests a second that a server has to bear
	// are reached with it when an answer takes 40 ms: unconfirmed(parallelism).
	Parallelism int

	// RequestTimeout is how long an answer of the endpoint is waited for; 0 means 30 seconds: unconfirmed(scim-timeout).
	RequestTimeout time.Duration

	// HonourRetryAfter waits as a 429 says and asks a second time, before the object fails; by default Retry-After is
	// passed over and the object is retried in a later cycle: unconfirmed(retry-after).
	HonourRetryAfter bool

	// MembersPerPatch is the most members that one PATCH names; 0 means all of them: unconfirmed(members-per-patch).
	MembersPerPatch int

	// ManagerList writes a manager with the feature flag as without it, as a list at the bare name, since no source lists
	// references among its effects; by default it is a plain identifier at the full path, a form that third parties report:
	// unconfirmed(manager-dialect).
	ManagerList bool

	// KeepGuestName leaves the userPrincipalName of guests as it is; by default they lose marker and domain, of which the
	// documentation does not say what exactly is left: unconfirmed(guest-name).
	KeepGuestName bool

	// KeepFilteredGroups leaves a group that no longer passes the scoping filter at the endpoint; by default it is deleted
	// like one that is no longer assigned: unconfirmed(group-out-of-scope).
	KeepFilteredGroups bool

	// SkipInactive lets SkipOutOfScopeDeletions hold for people who are disabled or deleted in the directory as well; by
	// default it holds for assignment and scope alone: unconfirmed(skip-deletions).
	SkipInactive bool

	// DeleteInactive deletes who would be disabled when no mapping depends on IsSoftDeleted; by default nothing is sent:
	// unconfirmed(no-active).
	DeleteInactive bool

	// RestartDropsDisables lets go of people who left before a restart instead of disabling them:
	// unconfirmed(restart-disables).
	RestartDropsDisables bool

	// KeepDeletedMembers leaves the memberships of a soft-deleted user at the endpoint; by default they are removed, since
	// they are known not to come back with a restored user: unconfirmed(deleted-members).
	KeepDeletedMembers bool

	// ShareTarget lets two objects of the directory be linked to one resource; by default the second one fails with
	// DuplicateSourceEntries as long as the first is provisioned, and takes the resource over after that:
	// unconfirmed(shared-target).
	ShareTarget bool

	// RememberExports does not write again what was written last, whatever the endpoint has made of it; by default the
	// resource is read and compared, so that a server which normalises values is written to again with each change:
	// unconfirmed(comparison).
	RememberExports bool

	// QuarantineScale divides the published thresholds of quarantine by rate; 0 means 1. Tests have fewer people.
	QuarantineScale int

	// PruneEscrows forgets the failed objects when an initial cycle ends in quarantine by rate, as may happen by the
	// documentation: unconfirmed(escrows-pruned).
	PruneEscrows bool
}

// Role is an app role that an assignment gives. Display and Value are what goes over the wire.
type Role struct {
	ID, Display, Value string
}

// Person is a user as the cycle sees it.
type Person struct {
	User        *directory.User
	SoftDeleted bool
	Assignments []Role // the role of each assignment that is held, directly or through a group
}

// Team is a group as the cycle sees it.
type Team struct {
	Group    *directory.Group
	Assigned bool
}

// Source is the directory as one cycle sees it, and stays as it was when the cycle began. Nothing that it returns may be
// changed. It is read from several goroutines.
type Source interface {
	// Users are the object IDs of everybody, also who is soft-deleted, in the order of the directory.
	Users() []string
	// Groups are the object IDs of all groups.
	Groups() []string
	// Changed are the objects that may look different to the application since the change of that number: themselves, by
	// their assignments, or because they are gone. Each once, the oldest change first.
	Changed(since uint64) []string
	User(id string) (Person, bool)
	Group(id string) (Team, bool)
}

// Input is everything that one cycle works on. The engine changes nothing in it but State.
type Input struct {
	TenantDomain string
	Schema       *syncschema.Schema
	Settings     Settings
	Switches     Switches
	Source       Source
	Watermark    uint64 // number of the last change that Source shows
	ForceDeletes bool   // carry out what accidental-deletion protection holds back
	Restarted    bool   // the cycle is the first one after a restart
	State        *State
	Client       *http.Client
	Now          func() time.Time
	Progress     func(done, total int) // may be nil
	Log          func(Entry)           // takes each decision as it is made; not needed for OnDemand

	// Anew returns schema and settings as they are now, for each stage of the cycle; nil keeps those of the beginning.
	Anew func() (*syncschema.Schema, Settings, error)
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

// Result is what a cycle or an on-demand run did.
type Result struct {
	Initial      bool
	Began, Ended time.Time
	Summary      Summary
	Counts       Counts
	Failures     []Entry  // the objects that failed, without their steps
	Entries      []Entry  // of OnDemand: its decisions
	Pruned       bool     // the failed objects were forgotten
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
