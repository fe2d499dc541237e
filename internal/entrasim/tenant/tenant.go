package tenant

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/clock"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// Object is a Graph object as JSON members.
type Object = map[string]any

// Template IDs of the non-gallery application; one for each cloud.
const (
	TemplatePublic       = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
	TemplateUSGovernment = "4602d0b4-76bb-404b-bca9-2652e1a39c6d"
	TemplateChina        = "5a532e38-1581-4918-9658-008dc27c1d68"
)

// Options are the switches of a tenant. The zero value is the behaviour that is most likely, without any lag.
type Options struct {
	// ReplicationLag is how long a new object cannot be read by its ID. Lists with a filter lag twice as long; the
	// synchronization segment of a new service principal answers 401 for one lag and 404 for half a lag more.
	ReplicationLag time.Duration

	// LogLag is how long entries of the logs cannot be read. No figure is published: unconfirmed(log-lag).
	LogLag time.Duration

	// InstantiateOmitsOwner leaves the caller out of the owners of what it instantiates: unconfirmed(instantiate-owner).
	InstantiateOmitsOwner bool

	// OneTag gives what is instantiated the tag WindowsAzureActiveDirectoryIntegratedApp alone; the default adds the one that
	// applications made in the portal have: unconfirmed(instantiate-tags).
	OneTag bool

	// NameFollows lets the display name of a service principal follow that of its application; by default clients have to
	// write both: unconfirmed(name-follows).
	NameFollows bool

	// ZeroRole accepts the role ID of zeros on an application that declares roles, as one script relies on; the default is
	// the documented refusal: unconfirmed(zero-role).
	ZeroRole bool

	// TemplatelessStatus is what the synchronization segment of a principal without a template answers: 404 when it is 0,
	// 403 and 401 were seen too: unconfirmed(templateless).
	TemplatelessStatus int

	// SecretsReplace makes PUT secrets drop the keys that it does not name; the default keeps them:
	// unconfirmed(secrets-put).
	SecretsReplace bool

	// SecretsWithoutSettings stores a PUT without SyncAll and SyncNotificationSettings; the default answers 204 and
	// ignores it, as Microsoft's onboarding notes say: unconfirmed(secrets-required-keys).
	SecretsWithoutSettings bool

	// SecretsMixed answers 204 to a PUT that has both a bearer token and keys of OAuth, and ignores it; the default is 500:
	// unconfirmed(secrets-mixed).
	SecretsMixed bool

	// SecretsLimit is the most bytes that the secrets of one service principal may take; 0 means 1024, below 0 none. The
	// limit is documented for one cloud only today: unconfirmed(secrets-limit).
	SecretsLimit int

	// SecondJob lets a principal have more than one job; the default answers 409: unconfirmed(second-job).
	SecondJob bool

	// DeletionDropsJobs takes jobs and secrets away with a service principal that is soft-deleted; by default they come back
	// with it: unconfirmed(deleted-job).
	DeletionDropsJobs bool

	// StartStopsRunning makes start during a running cycle stop the job; the default ignores it:
	// unconfirmed(start-while-running).
	StartStopsRunning bool

	// QuarantineRetries are the distances at which a quarantined job is tried again; the last one is repeated. nil means
	// 6, 12 and 24 hours, as documented; Microsoft's staff named others: unconfirmed(quarantine-retries).
	QuarantineRetries []time.Duration

	// DisabledIsPaused shows a job that was disabled after 28 days of quarantine with the status code Paused; by default it
	// stays Quarantine: unconfirmed(quarantine-end).
	DisabledIsPaused bool

	// RolesWithoutValueAreEmpty sends nothing for a role that has no value; by default its display name is sent:
	// unconfirmed(role-without-value).
	RolesWithoutValueAreEmpty bool

	// AssignmentLag is how long an assignment that was made or taken away is unknown to the provisioning service, though
	// Graph shows it. No figure is published: unconfirmed(assignment-lag).
	AssignmentLag time.Duration

	// CyclesReadAnew lets a running cycle see schema and secrets as they are at the beginning of each of its stages, and
	// assignments as they are at each object; the default is what it began with: unconfirmed(cycle-snapshot).
	CyclesReadAnew bool

	// CountsNameTheSource writes synchronizedEntryCountByType with the key User alone; by default it names the target too:
	// unconfirmed(entry-count-key).
	CountsNameTheSource bool

	// Schema is the form of the default schema.
	Schema syncschema.Form

	// SchemaLeniency switches the rules of a schema PUT that nobody documents.
	SchemaLeniency syncschema.Leniency
}

// Tenant is the state of one tenant. It is safe for concurrent use.
type Tenant struct {
	id      string
	domain  string
	clock   *clock.Clock
	options Options

	mu           sync.Mutex
	users        registry[*directory.User]
	groups       registry[*directory.Group]
	applications registry[Object]
	principals   registry[Object]
	graph        *record[Object] // the service principal of Graph
	assignments  []*Assignment
	jobs         []*Job
	secrets      map[string]map[string]string
	logs         []*Decision
	audits       []Object
	change       uint64
	log          []change // what changed, by number
	mirrors      []mirror

	late  []lateAssignment
	index *index
	views map[string]*view // of the running cycles, by job
}

// New returns a tenant with the people and groups of d. A zero tenant ID or domain is taken from d, then invented.
func New(id string, d *directory.Directory, c *clock.Clock, options Options) *Tenant {
	t := &Tenant{id: id, domain: d.Domain, clock: c, options: options, secrets: map[string]map[string]string{}}
	if t.id == "" {
		t.id = d.TenantID
	}
	if t.id == "" {
		t.id = uuid.NewString()
	}
	if t.domain == "" {
		t.domain = "contoso.onmicrosoft.com"
	}
	t.addGraph()
	for _, u := range d.Users {
		t.users.add(u.ID, u.Clone(), time.Time{}, t.note(u.ID))
	}
	for _, g := range d.Groups {
		t.groups.add(g.ID, g.Clone(), time.Time{}, t.note(g.ID))
	}
	return t
}

// ID is the tenant's GUID.
func (t *Tenant) ID() string { return t.id }

// Domain is the tenant's initial domain.
func (t *Tenant) Domain() string { return t.domain }

// Now is the tenant's virtual time.
func (t *Tenant) Now() time.Time { return t.clock.Now() }

// readable says whether an object that was made at created can be read by its ID yet.
func (t *Tenant) readable(created time.Time) bool {
	return !t.clock.Now().Before(created.Add(t.options.ReplicationLag))
}

// listed says whether an object that was made at created shows up in lists yet; indexes follow later than reads.
func (t *Tenant) listed(created time.Time) bool {
	return !t.clock.Now().Before(created.Add(2 * t.options.ReplicationLag))
}

// registry holds the objects of one kind in the order in which they were made.
type registry[T any] struct {
	order []string
	byID  map[string]*record[T]
}

type record[T any] struct {
	id      string
	value   T
	created time.Time
	deleted time.Time // zero while the object is not soft-deleted
	change  uint64
	owners  []string
	creator string // object ID of the service principal that made it
}

func (r *registry[T]) add(id string, value T, created time.Time, change uint64) *record[T] {
	if r.byID == nil {
		r.byID = map[string]*record[T]{}
	}
	rec := &record[T]{id: id, value: value, created: created, change: change}
	r.byID[id] = rec
	r.order = append(r.order, id)
	return rec
}

// live returns the object unless it is missing or soft-deleted.
func (r *registry[T]) live(id string) *record[T] {
	if rec := r.byID[id]; rec != nil && rec.deleted.IsZero() {
		return rec
	}
	return nil
}

func (r *registry[T]) purge(id string) {
	delete(r.byID, id)
	r.order = without(r.order, id)
}

// each visits the objects in order; deleted ones only when asked for.
func (r *registry[T]) each(deleted bool, visit func(*record[T])) {
	for _, id := range r.order {
		if rec := r.byID[id]; rec.deleted.IsZero() != deleted {
			visit(rec)
		}
	}
}
