package entra

import (
	"encoding/json"
	"time"
)

// Connection is what it takes to talk to one tenant.
type Connection struct {
	TenantID     string // GUID
	Cloud        Cloud
	GraphURL     string // root without a version, for CloudCustom only
	AuthorityURL string // https, for CloudCustom only
	CABundle     []byte // PEM; empty means the system's roots; for CloudCustom only
	ClientID     string // appId of the identity that we act as
	ClientSecret string // set for a client secret; else workload identity is used
	// Caller acts as whoever runs this program, found by the environment variables of the Azure SDK, else by the Azure CLI.
	// It is for tools that people run; ClientID, ClientSecret and TokenFile are not used then.
	Caller bool
	// TokenFile is the projected service account token for workload identity; empty
	// means AZURE_FEDERATED_TOKEN_FILE.
	TokenFile string
}

// Identity is who the access token says that we are.
type Identity struct {
	ObjectID    string   // of our own service principal, the token's oid
	Permissions []string // application permissions, the token's roles
}

// NewApplication is the body of applicationTemplates/{id}/instantiate.
type NewApplication struct {
	DisplayName                string
	ServiceManagementReference string // some tenants demand it; empty leaves it out
}

// Enterprise is the pair that instantiate answers with.
type Enterprise struct {
	Application      Application
	ServicePrincipal ServicePrincipal
}

// Application is an app registration (Graph: application).
type Application struct {
	ID                         string // object ID
	AppID                      string // client ID, shared with the service principal
	DisplayName                string
	TemplateID                 string // applicationTemplateId
	Tags                       []string
	Notes                      string
	ServiceManagementReference string
	AppRoles                   []AppRole
	CreatedAt                  time.Time // zero when Graph left it out
}

// ServicePrincipal is an enterprise application (Graph: servicePrincipal).
type ServicePrincipal struct {
	ID          string // object ID
	AppID       string
	DisplayName string
	TemplateID  string
	Tags        []string
	Notes       string
	AppRoles    []AppRole // mirrored from the application after a while
}

// AppRole is a role that the application declares (Graph: appRole).
type AppRole struct {
	ID                 string
	Value              string // what role mappings send; empty for the template's own roles
	DisplayName        string
	Description        string
	IsEnabled          bool
	AllowedMemberTypes []string // User, Application
}

// ApplicationPatch changes the members that are not nil. AppRoles and Tags replace
// the whole list.
type ApplicationPatch struct {
	DisplayName                *string
	Notes                      *string
	ServiceManagementReference *string
	Tags                       []string
	AppRoles                   []AppRole
}

// ServicePrincipalPatch changes the members that are not nil. Tags replaces the whole list.
type ServicePrincipalPatch struct {
	DisplayName *string
	Notes       *string
	Tags        []string
}

// PrincipalKind is what an assignment is made to.
type PrincipalKind string

// The kinds, as appRoleAssignment.principalType spells them.
const (
	PrincipalUser  PrincipalKind = "User"
	PrincipalGroup PrincipalKind = "Group"
)

// Principal is a user or a group.
type Principal struct {
	ID              string
	Kind            PrincipalKind
	DisplayName     string
	PrincipalName   string // userPrincipalName, users only
	SecurityEnabled bool   // groups only: others cannot be assigned
}

// ObjectQuery asks for users or groups.
type ObjectQuery struct {
	Kind PrincipalKind
	// MemberOf is a group, whose direct members are asked for. Empty means all of the directory.
	MemberOf string
	// Properties are what is read of each, in Graph's names. The id always is.
	Properties []string
	// Next is the Next of the page before; empty for the first.
	Next string
}

// ObjectPage is a part of the answer.
type ObjectPage struct {
	Objects []json.RawMessage
	// Next leads to the following page; empty on the last.
	Next string
}

// Assignment is a Graph appRoleAssignment.
type Assignment struct {
	ID                   string
	AppRoleID            string
	PrincipalID          string
	PrincipalKind        PrincipalKind
	PrincipalDisplayName string
}

// JobRef names a synchronization job.
type JobRef struct {
	ServicePrincipalID string
	JobID              string
}

// RestartScope is Graph's synchronizationJobRestartScope: what a restart makes a job forget.
type RestartScope string

// RestartFull forgets everything, also which account belongs to whom: everybody is matched anew.
const RestartFull RestartScope = "Full"

// Job is a Graph synchronizationJob as far as the operator reads it.
type Job struct {
	ID         string
	TemplateID string
	Schedule   ScheduleState
	Code       StatusCode
	// SteadySince is when the first initial cycle was complete; nil while it never was.
	SteadySince   *time.Time
	LastExecution *Execution
	Quarantine    *Quarantine
	// Entries are synchronizedEntryCountByType, key as Graph spells it.
	Entries map[string]int64
}

// KnowsNobody is true for a job that never ran: there is nothing that it could forget.
func (j Job) KnowsNobody() bool {
	return j.LastExecution == nil && j.SteadySince == nil && len(j.Entries) == 0
}

// ScheduleState is synchronizationSchedule.state.
type ScheduleState string

// The values of ScheduleState.
const (
	ScheduleActive   ScheduleState = "Active"
	ScheduleDisabled ScheduleState = "Disabled"
	SchedulePaused   ScheduleState = "Paused"
)

// StatusCode is synchronizationStatus.code.
type StatusCode string

// The values of StatusCode.
const (
	CodeNotConfigured StatusCode = "NotConfigured"
	CodeNotRun        StatusCode = "NotRun"
	CodeActive        StatusCode = "Active"
	CodePaused        StatusCode = "Paused"
	CodeQuarantine    StatusCode = "Quarantine"
)

// Execution is one cycle (Graph: synchronizationTaskExecution).
type Execution struct {
	ActivityID        string
	State             string // Succeeded, Failed, EntryLevelErrors
	Began, Ended      time.Time
	Error             *JobError
	Entitled          int64 // source entries that have an assignment
	EntitledToExport  int64 // of those, in scope
	Imported          int64
	Escrowed          int64
	Exported          int64
	ExportedEntryOps  int64 // write operations
	ImportedDeltas    int64
	ImportedRefDeltas int64
}

// Quarantine is a Graph synchronizationQuarantine.
type Quarantine struct {
	Reason      string
	Began       time.Time // currentBegan
	SeriesBegan time.Time
	SeriesCount int64
	NextAttempt time.Time
	Error       *JobError
}

// JobError is a Graph synchronizationError.
type JobError struct {
	Code             string
	Message          string
	TenantActionable bool // true when the tenant's admin, not Microsoft, has to act
}

// SecretKey is a Graph synchronizationSecret.
type SecretKey string

// The keys that the operator writes.
const (
	SecretBaseAddress              SecretKey = "BaseAddress"
	SecretToken                    SecretKey = "SecretToken"
	SecretSyncAll                  SecretKey = "SyncAll"
	SecretSyncNotificationSettings SecretKey = "SyncNotificationSettings"
	SecretSkipOutOfScopeDeletions  SecretKey = "SkipOutOfScopeDeletions"
)

// Secrets are a service principal's provisioning credentials and settings. The
// values of some are masked when read.
type Secrets map[SecretKey]string

// ParsedExpression is the answer of schema/parseExpression.
type ParsedExpression struct {
	Succeeded bool
	// Source is the attributeMappingSource tree to put into the schema, as Graph sent it.
	Source json.RawMessage
	// Message is Entra's own words where it did not succeed.
	Message string
}

// Written is what a job wrote to the endpoint in some time, counted in the provisioning log.
type Written struct {
	// Entries that were written: created, updated, disabled or deleted.
	Entries int64
	// Disabled are those of them that were disabled or deleted.
	Disabled int64
}
