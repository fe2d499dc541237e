package entra

import (
	"context"
	"encoding/json"
	"time"
)

// Directory is one Entra tenant as one identity sees it. All errors are classified
// by internal/fault and wrap an *Error where Graph answered.
type Directory interface {
	Applications
	Principals
	People
	Assignments
	Provisioning
	// Identity tells who we are in the tenant and which application permissions our
	// access token carries. It makes no call beyond getting a token.
	Identity(ctx context.Context) (Identity, error)
}

// Applications are the enterprise application's two halves: the application (app
// registration) and its service principal.
type Applications interface {
	// InstantiateApplication makes both objects from the non-gallery template of the
	// cloud. It is not idempotent and may fail after having created: it is sent
	// exactly once, and an error for which Unclear is true says nothing about the outcome.
	InstantiateApplication(ctx context.Context, in NewApplication) (Enterprise, error)
	// ApplicationsByDisplayName lists the applications with exactly that name, which
	// may be none or several. A new one can be missing for minutes.
	ApplicationsByDisplayName(ctx context.Context, name string) ([]Application, error)
	// ApplicationsByTag lists the applications that carry the tag.
	ApplicationsByTag(ctx context.Context, tag string) ([]Application, error)
	// ApplicationByAppID reads by the application's appId; IsNotFound when the directory has none, as for an application
	// that is registered in another directory.
	ApplicationByAppID(ctx context.Context, appID string) (Application, error)
	// Application reads by object ID.
	Application(ctx context.Context, id string) (Application, error)
	// ServicePrincipal reads by object ID.
	ServicePrincipal(ctx context.Context, id string) (ServicePrincipal, error)
	// ServicePrincipalByAppID reads by the application's appId; IsNotFound when there is none.
	ServicePrincipalByAppID(ctx context.Context, appID string) (ServicePrincipal, error)
	// UpdateApplication writes the members of the patch that are set.
	UpdateApplication(ctx context.Context, id string, patch ApplicationPatch) error
	// UpdateServicePrincipal writes the members of the patch that are set.
	UpdateServicePrincipal(ctx context.Context, id string, patch ServicePrincipalPatch) error
	// DeleteApplication soft-deletes the application and with it the service
	// principal of the home tenant. One that is gone already is success.
	DeleteApplication(ctx context.Context, id string) error
	// ServicePrincipalOwners lists the object IDs of the owners.
	ServicePrincipalOwners(ctx context.Context, id string) ([]string, error)
	// AddServicePrincipalOwner adds one owner; one that is there already is success.
	AddServicePrincipalOwner(ctx context.Context, id, ownerID string) error
	// ApplicationOwners lists the object IDs of the owners.
	ApplicationOwners(ctx context.Context, id string) ([]string, error)
	// AddApplicationOwner adds one owner; one that is there already is success.
	AddApplicationOwner(ctx context.Context, id, ownerID string) error
}

// Principals resolves the people and groups that a manifest names.
type Principals interface {
	// UserByPrincipalName gives the user; IsNotFound when there is none.
	UserByPrincipalName(ctx context.Context, upn string) (Principal, error)
	// GroupsByDisplayName lists the groups with exactly that name: names are not unique.
	GroupsByDisplayName(ctx context.Context, name string) ([]Principal, error)
	// User reads by object ID; IsNotFound when there is none.
	User(ctx context.Context, id string) (Principal, error)
	// Group reads by object ID; IsNotFound when there is none.
	Group(ctx context.Context, id string) (Principal, error)
}

// People reads users and groups with chosen properties, for previews of what would be sent about them. Objects are
// as Graph sent them, under Graph's names.
type People interface {
	// Object reads one user or group by object ID; IsNotFound when there is none.
	Object(ctx context.Context, kind PrincipalKind, id string, properties []string) (json.RawMessage, error)
	// ObjectPage reads one page. A directory has hundreds of thousands of people: nothing here keeps them.
	ObjectPage(ctx context.Context, q ObjectQuery) (ObjectPage, error)
}

// Assignments are the appRoleAssignedTo of a service principal.
type Assignments interface {
	// ListAssignments gives all of them, page by page.
	ListAssignments(ctx context.Context, servicePrincipalID string) ([]Assignment, error)
	// CreateAssignment assigns the role to the principal. A duplicate is success and
	// gives an Assignment without an ID: list to learn it.
	CreateAssignment(ctx context.Context, servicePrincipalID, principalID, appRoleID string) (Assignment, error)
	// DeleteAssignment removes one; one that is gone already is success.
	DeleteAssignment(ctx context.Context, servicePrincipalID, assignmentID string) error
}

// Provisioning is the synchronization segment of a service principal.
type Provisioning interface {
	// Templates lists the IDs of the synchronization templates; a service principal that was not made
	// from an application template has none and cannot be provisioned.
	Templates(ctx context.Context, servicePrincipalID string) ([]string, error)
	// TemplateSchema gives the default schema of a template, as Graph sent it.
	TemplateSchema(ctx context.Context, servicePrincipalID, templateID string) (json.RawMessage, error)
	Jobs(ctx context.Context, servicePrincipalID string) ([]Job, error)
	// CreateJob is sent exactly once: list the jobs after an error for which Unclear is true.
	CreateJob(ctx context.Context, servicePrincipalID, templateID string) (Job, error)
	Job(ctx context.Context, job JobRef) (Job, error)
	StartJob(ctx context.Context, job JobRef) error
	PauseJob(ctx context.Context, job JobRef) error
	// RestartJob makes the job forget what the scope names and begins an initial cycle. It
	// also starts a job that does not run.
	RestartJob(ctx context.Context, job JobRef, scope RestartScope) error
	// DeleteJob drops all of the job's state; a job that is gone already is success.
	DeleteJob(ctx context.Context, job JobRef) error
	// ValidateCredentials has Entra itself call the SCIM endpoint. It gives a *Error
	// that IsCredentialProblem is true for, when the endpoint or the token is at fault.
	ValidateCredentials(ctx context.Context, job JobRef, secrets Secrets) error
	// ValidateSavedCredentials does the same with what is stored in Entra.
	ValidateSavedCredentials(ctx context.Context, job JobRef) error
	// Secrets reads the stored set. Sensitive values come back masked, so only their
	// presence means something.
	Secrets(ctx context.Context, servicePrincipalID string) (Secrets, error)
	// PutSecrets writes the whole set. Whether Graph merges or replaces is not
	// documented, so a key that is to vanish is sent with an empty value.
	PutSecrets(ctx context.Context, servicePrincipalID string, secrets Secrets) error
	// Schema gives the job's schema as Graph sent it, unknown members included.
	Schema(ctx context.Context, job JobRef) (json.RawMessage, error)
	// PutSchema replaces the whole schema. Any change of mappings or scope makes
	// Entra start a full cycle.
	PutSchema(ctx context.Context, job JobRef, schema json.RawMessage) error
	// FilterOperators lists the operators that the job's scopes may have, as Graph sent them.
	FilterOperators(ctx context.Context, job JobRef) (json.RawMessage, error)
	// Written counts in the provisioning log what the job wrote between the two times. The log lags behind by minutes, and
	// a directory without a premium licence has none that can be read.
	Written(ctx context.Context, job JobRef, from, to time.Time) (Written, error)
	// ParseExpression has Entra parse one mapping expression.
	ParseExpression(ctx context.Context, job JobRef, expression string) (ParsedExpression, error)
}

// Connector opens a tenant. It may be called on every pass: implementations keep
// clients and tokens per Connection.
type Connector interface {
	Connect(ctx context.Context, c Connection) (Directory, error)
}
