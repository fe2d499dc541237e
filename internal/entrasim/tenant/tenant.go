package tenant

import (
	"slices"
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

	// InstantiateOmitsOwner leaves the caller out of the owners of what it instantiates (unconfirmed).
	InstantiateOmitsOwner bool

	// SecretsReplace makes PUT secrets drop the keys that it does not name; the default keeps them (unconfirmed).
	SecretsReplace bool

	// SecretsWithoutSettings stores a PUT without SyncAll and SyncNotificationSettings; the default answers 204 and
	// ignores it, as Microsoft's onboarding notes say (unconfirmed).
	SecretsWithoutSettings bool

	// SecretsLimit is the most bytes that the secrets of one service principal may take; 0 means 1024, below 0 none.
	SecretsLimit int

	// SecondJob lets a principal have more than one job; the default answers 409 (unconfirmed).
	SecondJob bool

	// StartStopsRunning makes start during a running cycle stop the job; the default ignores it (unconfirmed).
	StartStopsRunning bool

	// LogLag is how long entries of the logs cannot be read. No figure is published: unconfirmed(log-lag).
	LogLag time.Duration

	// SchemaLeniency switches the unconfirmed rules of a schema PUT.
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
	assignments  []*Assignment
	jobs         []*Job
	secrets      map[string]map[string]string
	logs         []Object
	audits       []Object
	change       uint64
	mirrors      []mirror
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
	for _, u := range d.Users {
		t.users.add(u.ID, u.Clone(), time.Time{}, t.touch())
	}
	for _, g := range d.Groups {
		t.groups.add(g.ID, g.Clone(), time.Time{}, t.touch())
	}
	return t
}

// ID is the tenant's GUID.
func (t *Tenant) ID() string { return t.id }

// Domain is the tenant's initial domain.
func (t *Tenant) Domain() string { return t.domain }

// Now is the tenant's virtual time.
func (t *Tenant) Now() time.Time { return t.clock.Now() }

// touch numbers a change; the engine's watermark is compared with it. The lock is held by the caller.
func (t *Tenant) touch() uint64 {
	t.change++
	return t.change
}

// readable says whether an object that was made at created can be read by its ID yet.
func (t *Tenant) readable(created time.Time) bool {
	return t.options.ReplicationLag == 0 || !t.clock.Now().Before(created.Add(t.options.ReplicationLag))
}

// listed says whether an object that was made at created shows up in lists yet; indexes follow later than reads.
func (t *Tenant) listed(created time.Time) bool {
	return t.options.ReplicationLag == 0 || !t.clock.Now().Before(created.Add(2*t.options.ReplicationLag))
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
	r.order = slices.DeleteFunc(r.order, func(other string) bool { return other == id })
}

// each visits the objects in order; deleted ones only when asked for.
func (r *registry[T]) each(deleted bool, visit func(*record[T])) {
	for _, id := range r.order {
		if rec := r.byID[id]; rec.deleted.IsZero() != deleted {
			visit(rec)
		}
	}
}
