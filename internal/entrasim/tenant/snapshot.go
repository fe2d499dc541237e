package tenant

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
)

// Snapshot is all that a tenant knows, secrets included, as it is written to a file.
type Snapshot struct {
	TenantID string `json:"tenantID"`
	Domain   string `json:"domain"`

	Users        []savedRecord[*directory.User]  `json:"users"`
	Groups       []savedRecord[*directory.Group] `json:"groups"`
	Applications []savedRecord[Object]           `json:"applications"`
	Principals   []savedRecord[Object]           `json:"servicePrincipals"`
	GraphID      string                          `json:"graphServicePrincipal"`
	Assignments  []*Assignment                   `json:"assignments"`
	Jobs         []savedJob                      `json:"jobs"`
	Secrets      map[string]map[string]string    `json:"secrets"`
	Logs         json.RawMessage                 `json:"provisioningLog"`
	Audits       []Object                        `json:"directoryAudits"`
	Change       uint64                          `json:"change"`
	Changes      []savedChange                   `json:"changes"`
	Late         []savedLate                     `json:"lateAssignments"`
	Mirrors      []savedMirror                   `json:"mirrors"`
}

type savedRecord[T any] struct {
	ID      string    `json:"id"`
	Value   T         `json:"value"`
	Created time.Time `json:"created"`
	Deleted time.Time `json:"deleted"`
	Change  uint64    `json:"change"`
	Owners  []string  `json:"owners,omitempty"`
	Creator string    `json:"creator,omitempty"`
}

// savedChange is an entry of the change log, which tells cycles what to look at.
type savedChange struct {
	Number uint64 `json:"number"`
	ID     string `json:"id"`
}

// savedLate is an assignment that the provisioning service does not know of yet, whole, because it may be gone.
type savedLate struct {
	Assignment *Assignment `json:"assignment"`
	Gone       bool        `json:"gone"`
	Due        time.Time   `json:"due"`
}

type savedMirror struct {
	Principal string    `json:"principal"`
	Roles     any       `json:"roles"`
	Due       time.Time `json:"due"`
}

// Export takes a snapshot. A running cycle owns what its job remembers, so there is none meanwhile.
func (t *Tenant) Export() (*Snapshot, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.idle(); err != nil {
		return nil, err
	}
	logs, err := json.Marshal(t.logs)
	if err != nil {
		return nil, fmt.Errorf("encoding the provisioning log: %w", err)
	}
	s := &Snapshot{TenantID: t.id, Domain: t.domain, Users: save(&t.users), Groups: save(&t.groups),
		Applications: save(&t.applications), Principals: save(&t.principals), GraphID: t.graph.id, Assignments: t.assignments,
		Secrets: t.secrets, Logs: logs, Audits: t.audits, Change: t.change}
	for _, j := range t.jobs {
		s.Jobs = append(s.Jobs, saveJob(j))
	}
	for _, c := range t.log {
		s.Changes = append(s.Changes, savedChange{c.number, c.id})
	}
	for _, l := range t.late {
		s.Late = append(s.Late, savedLate{l.assignment, l.gone, l.due})
	}
	for _, m := range t.mirrors {
		s.Mirrors = append(s.Mirrors, savedMirror{m.principal, m.roles, m.due})
	}
	// What was taken out of the tenant goes on to change; a round trip through JSON is the copy.
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encoding the tenant: %w", err)
	}
	out := &Snapshot{}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("copying the tenant: %w", err)
	}
	return out, nil
}

// Import replaces all that the tenant knows. The snapshot has to be of the same tenant: its ID is in tokens and addresses.
func (t *Tenant) Import(s *Snapshot) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.idle(); err != nil {
		return err
	}
	if s.TenantID != t.id {
		return BadRequest("The snapshot is of tenant %s and this one is %s: start with --tenant-id %s.", s.TenantID, t.id, s.TenantID)
	}
	if !slices.ContainsFunc(s.Principals, func(r savedRecord[Object]) bool { return r.ID == s.GraphID }) {
		return BadRequest("The snapshot has no service principal of Microsoft Graph: it was not written by entra-sim.")
	}
	var logs = t.logs[:0:0]
	if err := json.Unmarshal(s.Logs, &logs); err != nil {
		return BadRequest("The provisioning log of the snapshot cannot be read: %v", err)
	}
	t.users, t.groups = load(s.Users), load(s.Groups)
	t.applications, t.principals = load(s.Applications), load(s.Principals)
	t.graph = t.principals.byID[s.GraphID]
	t.domain, t.assignments, t.logs, t.audits = s.Domain, s.Assignments, logs, s.Audits
	t.change = s.Change
	t.secrets = map[string]map[string]string{}
	maps.Copy(t.secrets, s.Secrets)
	t.jobs, t.mirrors, t.log, t.late, t.index = nil, nil, nil, nil, nil
	for _, c := range s.Changes {
		t.log = append(t.log, change{c.Number, c.ID})
	}
	for _, l := range s.Late {
		t.late = append(t.late, lateAssignment{t.sameAssignment(l.Assignment), l.Gone, l.Due})
	}
	for i := range s.Jobs {
		t.jobs = append(t.jobs, s.Jobs[i].load())
	}
	for _, m := range s.Mirrors {
		t.mirrors = append(t.mirrors, mirror{m.Principal, m.Roles, m.Due})
	}
	return nil
}

// sameAssignment is the tenant's own assignment of that ID, which is told apart by where it is in memory; one that is gone is
// itself.
func (t *Tenant) sameAssignment(a *Assignment) *Assignment {
	if at := slices.IndexFunc(t.assignments, func(own *Assignment) bool { return own.ID == a.ID }); at >= 0 {
		return t.assignments[at]
	}
	return a
}

// idle refuses while a cycle or an on-demand run is going on.
func (t *Tenant) idle() error {
	if slices.ContainsFunc(t.jobs, func(j *Job) bool { return j.running }) {
		return &Error{http.StatusConflict, "Conflict", "A cycle is running: try again when it has ended."}
	}
	return nil
}

func save[T any](r *registry[T]) []savedRecord[T] {
	out := make([]savedRecord[T], 0, len(r.order))
	for _, id := range r.order {
		rec := r.byID[id]
		out = append(out, savedRecord[T]{rec.id, rec.value, rec.created, rec.deleted, rec.change, rec.owners, rec.creator})
	}
	return out
}

func load[T any](saved []savedRecord[T]) registry[T] {
	var r registry[T]
	for _, s := range saved {
		rec := r.add(s.ID, s.Value, s.Created, s.Change)
		rec.deleted, rec.owners, rec.creator = s.Deleted, s.Owners, s.Creator
	}
	return r
}

type savedExecution struct {
	ID      string          `json:"id"`
	State   string          `json:"state"`
	Began   time.Time       `json:"began"`
	Ended   time.Time       `json:"ended"`
	Counts  engine.Counts   `json:"counts"`
	Failure *engine.Failure `json:"failure"`
}

func (e *execution) save() *savedExecution {
	if e == nil {
		return nil
	}
	return &savedExecution{e.id, e.state, e.began, e.ended, e.counts, e.failure}
}

func (e *savedExecution) load() *execution {
	if e == nil {
		return nil
	}
	return &execution{id: e.ID, state: e.State, began: e.Began, ended: e.Ended, counts: e.Counts, failure: e.Failure}
}
