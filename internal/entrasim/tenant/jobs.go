package tenant

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// Interval is the fixed distance between two cycles of a job.
const Interval = 40 * time.Minute

// Job is one synchronization job. Its fields are guarded by the tenant's lock, except state, which belongs to the cycle
// while one is running.
type Job struct {
	id        string
	template  string
	principal string
	created   time.Time

	schedule string // Active, Disabled or Paused
	code     string // NotRun, Active, Paused or Quarantine

	schema    Object
	writes    int      // of the schema; part of its version
	lost      []string // members that PUTs dropped without need
	state     *engine.State
	reset     Reset // what a restart asked for; applied when the next cycle begins
	running   bool
	cycle     string // ID of the last cycle
	done, all int    // progress of the running cycle

	last, lastGood, lastWithExports *execution
	steadyFirst, steadyLast         time.Time
	quarantine                      *quarantine
	failures                        int // complete failures in a row
	counts                          map[string]int
	pruned                          bool // the last cycle forgot the failed objects
	nextRun                         time.Time

	starts, restarts, pauses int
}

// Reset is what a restart makes a job forget.
type Reset struct {
	Watermark, Escrows, Links, ForceDeletes bool

	Restarted bool // somebody asked for it, rather than a change of the schema
}

type execution struct {
	id, state    string
	began, ended time.Time
	counts       engine.Counts
	failure      *engine.Failure
}

type quarantine struct {
	current, series time.Time
	count           int
	next            time.Time
	failure         *engine.Failure
}

// Templates of a service principal: scim is the current one, customappsso the old one that is still listed.
const (
	TemplateSCIM   = "scim"
	TemplateLegacy = "customappsso"
)

// provisionable returns the principal when its synchronization segment exists and has replicated. A principal that is too
// young answers 401 first, then 404, before it works; one without a template never does.
func (t *Tenant) provisionable(principal string) (*record[Object], error) {
	t.settle()
	rec := t.find(ServicePrincipal, principal)
	if rec == nil {
		return nil, NotFound(principal)
	}
	lag, age := t.options.ReplicationLag, t.clock.Now().Sub(rec.created)
	if age < lag {
		return nil, UnknownError()
	}
	if age < lag+lag/2 {
		return nil, NotFound(principal)
	}
	if rec.value["applicationTemplateId"] == nil {
		return nil, t.templateless()
	}
	return rec, nil
}

// templateless is the answer for a principal without a template.
func (t *Tenant) templateless() *Error {
	switch t.options.TemplatelessStatus {
	case http.StatusForbidden:
		return &Error{http.StatusForbidden, "Forbidden", "The service principal has no synchronization templates."}
	case http.StatusUnauthorized:
		return UnknownError()
	default:
		return &Error{http.StatusNotFound, "ResourceNotFound", "The service principal has no synchronization templates."}
	}
}

// TemplateSchema is the default schema of a template.
func (t *Tenant) TemplateSchema(template string) Object {
	return syncschema.Default(template+"."+strings.Repeat("0", 32)+"."+uuid.Nil.String(), time.Unix(0, 0), 0, t.options.Schema)
}

// Provisionable checks that the synchronization segment of a service principal answers, and returns its object ID and
// application ID.
func (t *Tenant) Provisionable(principal string) (id, appID string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.provisionable(principal)
	if err != nil {
		return "", "", err
	}
	return rec.id, rec.value["appId"].(string), nil
}

// Jobs lists the jobs of a service principal.
func (t *Tenant) Jobs(principal string) ([]Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.provisionable(principal)
	if err != nil {
		return nil, err
	}
	out := []Object{}
	for _, j := range t.jobs {
		if j.principal == rec.id {
			out = append(out, j.render(&t.options))
		}
	}
	return out, nil
}

// CreateJob makes a job from a template. It does not run before it is started.
func (t *Tenant) CreateJob(principal, template string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rec, err := t.provisionable(principal)
	if err != nil {
		return nil, err
	}
	if template != TemplateSCIM && template != TemplateLegacy {
		return nil, BadRequest("The template '%s' does not exist.", template)
	}
	if !t.options.SecondJob && slices.ContainsFunc(t.jobs, func(j *Job) bool { return j.principal == rec.id }) {
		return nil, &Error{http.StatusConflict, "Conflict", "The service principal has a synchronization job already."}
	}
	now := t.clock.Now()
	j := &Job{
		id:       template + "." + strings.ReplaceAll(t.id, "-", "") + "." + uuid.NewString(),
		template: template, principal: rec.id, created: now, schedule: "Disabled", code: "Paused",
		state: &engine.State{}, counts: map[string]int{},
	}
	j.schema = syncschema.Default(j.id, now, 0, t.options.Schema)
	t.jobs = append(t.jobs, j)
	return j.render(&t.options), nil
}

// job finds a job of a service principal. The lock is held by the caller.
func (t *Tenant) job(principal, id string) (*Job, error) {
	rec, err := t.provisionable(principal)
	if err != nil {
		return nil, err
	}
	for _, j := range t.jobs {
		if j.id == id && j.principal == rec.id {
			return j, nil
		}
	}
	return nil, &Error{http.StatusNotFound, "ResourceNotFound", "The synchronization job '" + id + "' does not exist."}
}

// Job returns a job as Graph shows it.
func (t *Tenant) Job(principal, id string) (Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return nil, err
	}
	return j.render(&t.options), nil
}

// DeleteJob removes a job with all that it knows. Secrets belong to the principal and stay.
func (t *Tenant) DeleteJob(principal, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	t.jobs = slices.DeleteFunc(t.jobs, func(other *Job) bool { return other == j })
	return nil
}

// StartJob lets a job run from where it stopped and lifts its quarantine for now.
func (t *Tenant) StartJob(principal, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	j.starts++
	if j.running && t.options.StartStopsRunning {
		j.schedule, j.code = "Paused", "Paused"
		return nil
	}
	t.activate(j)
	return nil
}

func (t *Tenant) activate(j *Job) {
	j.schedule, j.quarantine = "Active", nil
	j.code = "NotRun"
	if j.lastGood != nil {
		j.code = "Active"
	}
	j.nextRun = t.clock.Now()
}

// PauseJob stops the schedule. A cycle that is running goes on to its end.
func (t *Tenant) PauseJob(principal, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	j.pauses++
	j.schedule, j.code = "Paused", "Paused"
	return nil
}

// resetFlags are the names of synchronizationJobRestartScope that mean something to the engine.
var resetFlags = map[string]func(*Reset, *Job){
	"None":               func(*Reset, *Job) {},
	"ConnectorDataStore": func(r *Reset, _ *Job) { r.Links = true },
	"Escrows":            func(r *Reset, _ *Job) { r.Escrows = true },
	"Watermark":          func(r *Reset, _ *Job) { r.Watermark = true },
	"QuarantineState":    func(_ *Reset, j *Job) { j.quarantine = nil },
	"Full":               func(r *Reset, j *Job) { r.Links, r.Escrows, r.Watermark, j.quarantine = true, true, true, nil },
	"ForceDeletes":       func(r *Reset, _ *Job) { r.ForceDeletes = true },
}

// RestartJob makes a job forget what scope names, a comma-separated list of flags, and lets it run.
func (t *Tenant) RestartJob(principal, id, scope string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, err := t.job(principal, id)
	if err != nil {
		return err
	}
	if strings.TrimSpace(scope) == "" {
		scope = "QuarantineState, Watermark, Escrows"
	}
	flags := strings.Split(scope, ",")
	for i, flag := range flags {
		flags[i] = strings.TrimSpace(flag)
		if resetFlags[flags[i]] == nil {
			return BadRequest("Requested value '%s' was not found.", flags[i])
		}
	}
	for _, flag := range flags {
		resetFlags[flag](&j.reset, j)
	}
	j.reset.Restarted = true
	j.restarts++
	quarantined := j.quarantine
	t.activate(j)
	if quarantined != nil && !j.reset.ForceDeletes {
		j.quarantine, j.code = quarantined, "Quarantine"
	}
	return nil
}
